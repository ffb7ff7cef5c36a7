import { DOMAIN, type EstateAgent, type Person, ROLES, type Role } from './company.ts'
import type { Episode, EstateEvent, Service } from './episode.ts'
import { scopesFor, toolOf } from './tools.ts'

type Fields = Readonly<Record<string, unknown>>

export interface Resource {
  readonly id: string
  readonly type: string
  readonly zone: string
  readonly sensitivity: 'public' | 'internal' | 'confidential' | 'restricted'
}

export const resource = (
  id: string,
  type: string,
  zone: string,
  sensitivity: Resource['sensitivity'] = 'internal',
): Resource => ({ id, type, zone, sensitivity })

/** What a call is made with, where it is not what its tool and its teller always use. */
export interface Call {
  readonly on?: Resource
  readonly to?: Fields
  readonly args?: Fields
  readonly result?: unknown
  readonly outcome?: 'success' | 'failure' | 'denied'
  readonly error?: string
  readonly scopes?: readonly string[]
  /** The credential it acts with; the teller's token where left out, none where null. */
  readonly credential?: string | null
  /** What its producer says of the agent's proof of itself; nothing where left out. */
  readonly proof?: Fields
  /** Told as one event even where others are told as a call and its result. */
  readonly whole?: boolean
}

interface Who {
  readonly agent: EstateAgent
  readonly at: number
  readonly principal: Person | Service | null
  readonly workflowId: string | null
}

export interface TaskStart {
  readonly task: string
  readonly tools: readonly string[]
  readonly request?: unknown
  readonly trigger?: 'human' | 'schedule' | 'event' | 'agent'
  readonly scopes?: readonly string[]
  readonly resources?: readonly string[]
  readonly parent?: Telling
}

const RUNTIME = 'urn:halden:agent-runtime'
const IDENTITY = `https://idp.${DOMAIN}`
const IN_TWO = 0.12
const DECIDED = 0.45

/** One agent's work, told event by event along its own time. Every method that tells returns the event's id. */
export class Telling {
  readonly episode: Episode
  readonly agent: EstateAgent
  readonly principal: Person | Service | null
  readonly workflowId: string | null
  readonly #session: string | null
  /** Milliseconds since the epoch of the last thing told. */
  at: number
  token: string | null = null
  scopes: readonly string[] = []

  constructor(episode: Episode, { agent, at, principal, workflowId }: Who) {
    this.episode = episode
    this.agent = agent
    this.principal = principal
    this.workflowId = workflowId
    this.at = at
    this.#session = workflowId === null ? null : `sess${workflowId.slice(2)}`
  }

  /** Lets time pass. */
  wait(milliseconds: number): this {
    this.at += milliseconds
    return this
  }

  /** The task's frame, what was asked and what is granted, and a token for it. */
  start(given: TaskStart): string {
    const { task, tools, request, trigger = 'human', resources, parent } = given
    this.scopes = given.scopes ?? scopesFor(tools)
    const role = this.agent.id.replace(/-(?:r\d+)$/, '')
    const id = this.tell(
      'workflow',
      'success',
      {
        action: 'start',
        task,
        trigger,
        ...(this.principal === null ? {} : { requested_by: this.principal.id }),
        ...(request === undefined ? {} : { request }),
        scopes: this.scopes,
        tools,
        ...(resources === undefined ? {} : { resources }),
        ...(parent === undefined ? {} : { parent_workflow_id: parent.workflowId }),
      },
      {
        agent: { ...this.agent, name: role, model: ROLES[role as Role] ?? 'cobalt-2', attestation: ATTESTED },
        ...(this.principal === null ? {} : { principal: this.principal }),
      },
    )
    return id
  }

  /** Starts a task and takes out a token for it, as nearly every agent does. */
  begin(given: TaskStart): this {
    this.start(given)
    this.issue({ minutes: 30 })
    return this
  }

  /** A token for this task. `minutes` is its life. */
  issue({ minutes, ...more }: { readonly minutes: number } & Fields): string {
    this.token = this.episode.name('tok')
    return this.credential(this.token, 'issue', {
      type: 'access_token',
      issuer: IDENTITY,
      subject: this.agent.id,
      scopes: this.scopes,
      bound_to: this.agent.workload_id,
      expires_at: isoOf(this.at + minutes * 60_000),
      ...more,
    })
  }

  credential(id: string, action: string, body: Fields = {}, outcome = 'success'): string {
    return this.tell('credential', outcome, { id, action, ...body })
  }

  oauth(action: string, body: Fields): string {
    return this.tell('oauth', 'success', { action, ...body }, { source: IDENTITY })
  }

  says(content: string): string {
    return this.tell('message', 'success', { role: 'user', content }, { principal: this.principal })
  }

  answers(content: string): string {
    return this.tell('message', 'success', { role: 'assistant', content })
  }

  approves(covers: Fields, more: Fields = {}): string {
    const approval = this.episode.name('apr')
    const approver = more['approver'] ?? this.principal ?? this.episode.person()
    this.tell('approval', 'success', { action: 'request', approval_id: approval, covers })
    this.wait(this.episode.random.int(20_000, 90_000))
    return this.tell('approval', 'success', { action: 'approve', approval_id: approval, approver, covers, ...more })
  }

  handsOff(to: Telling, body: Fields, context: string): string {
    return this.tell('handoff', 'success', {
      to_agent: { id: to.agent.id, workload_id: to.agent.workload_id },
      to_workflow_id: to.workflowId,
      mode: 'delegate',
      protocol: 'a2a',
      context,
      ...body,
    })
  }

  /** One tool call; some are preceded by a policy decision, some told as a call and its result. */
  call(name: string, call: Call = {}): string {
    const { random } = this.episode
    const { server, operation, scope } = toolOf(name)
    const { on, to, args, result, outcome = 'success', error, scopes = [scope], whole = false, proof } = call
    const credential = call.credential === undefined ? this.token : call.credential
    if (outcome === 'success' && this.episode.isFailing())
      this.call(name, { ...call, outcome: 'failure', error: 'timeout', result: undefined, whole: true })
    const step = this.episode.name('st')
    if (this.workflowId !== null && (outcome === 'denied' || random.chance(DECIDED)))
      this.#decide(name, step, outcome === 'denied' ? 'deny' : 'allow')
    const body: Record<string, unknown> = { name, server, operation }
    if (on !== undefined) body['resource'] = on
    if (to !== undefined) body['destination'] = to
    if (credential !== null) body['credential_id'] = credential
    body['scopes'] = scopes
    if (args !== undefined) body['arguments'] = args
    const took = random.int(90, 2_400)
    const about = {
      source: server,
      step_id: step,
      ...(error === undefined ? {} : { error }),
      ...(proof === undefined ? {} : { agent: { ...this.agent, attestation: proof } }),
    }
    if (!whole && random.chance(IN_TWO)) {
      body['call_id'] = step
      this.tell('tool_call', 'attempted', { ...body }, { source: server, step_id: step })
      this.wait(took)
    }
    if (result !== undefined) body['result'] = result
    body['duration_ms'] = took
    return this.tell('tool_call', outcome, body, about)
  }

  #decide(tool: string, step: string, effect: string): void {
    this.tell(
      'decision',
      'success',
      {
        effect,
        engine: 'cedar',
        policy_id: `tools-${tool.split('.')[0]}`,
        policy_version: '2026-08-31',
        for_step_id: step,
      },
      { source: 'urn:halden:policy' },
    )
  }

  /** The token goes, then the task is over: what a tidy runtime does. */
  finish(action: 'complete' | 'fail' | 'cancel' = 'complete'): void {
    if (this.token !== null) this.credential(this.token, 'revoke')
    this.end(action)
  }

  end(action: 'complete' | 'fail' | 'cancel' = 'complete'): string {
    return this.tell('workflow', 'success', { action })
  }

  /** Hands over one event of any kind, a moment after the last. */
  tell(kind: string, outcome: string, body: Fields, more: Fields = {}): string {
    this.at += this.episode.random.int(300, 4_200)
    const id = this.episode.nextId()
    const event: Record<string, unknown> = { id, time: isoOf(this.at), kind, source: RUNTIME }
    if (this.workflowId !== null) event['workflow_id'] = this.workflowId
    if (this.#session !== null) event['session_id'] = this.#session
    event['agent'] = this.agent
    event['outcome'] = outcome
    Object.assign(event, more)
    event[kind] = body
    this.episode.send(event satisfies EstateEvent, this.at)
    return id
  }
}

const ATTESTED = { type: 'spiffe-jwt', verified: true, issuer: `spiffe://${DOMAIN}` }

export const isoOf = (at: number): string => new Date(at).toISOString()
