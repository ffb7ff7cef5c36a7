import { type AgentEvent, credentialOf, parentCredentialOf, resultEventIdOf } from '../../core/index.ts'
import type { StepRow, ThreadName } from '../../ports/index.ts'
import { compareSteps } from './order.ts'
import { keyOf, Shelf } from './shelf.ts'

/** The steps, findable by event, chain, thread, session, agent and tool. */
export class StepShelf {
  readonly #steps = new Shelf<StepRow>()
  /** Keys of steps that once matched; what they stand for now is looked at when they are read. */
  readonly #byName = new Map<string, Set<string>>()
  #maxAt: number | null = null

  /** The latest event time seen, clock skew left out. */
  get maxAt(): number | null {
    return this.#maxAt
  }

  put(row: StepRow, sequence: number): void {
    const { event, attribution } = row.step
    const { tenant, source, id, at, ns } = event
    if (!row.clockSkew) this.#maxAt = Math.max(this.#maxAt ?? at, at)
    const key = keyOf(tenant, attribution.workflowId, at, ns, source, id)
    if (!this.#steps.put(key, row, sequence)) return
    for (const name of namesOf(row)) {
      const there = this.#byName.get(name)
      if (there === undefined) this.#byName.set(name, new Set([key]))
      else there.add(key)
    }
  }

  /** All that stand, in no order that matters. */
  all(): readonly StepRow[] {
    return this.#steps.rows().filter(({ isGone }) => !isGone)
  }

  /** Steps that stand, in event-time order, each once. Those of some names only from an event time on, in milliseconds. */
  find(
    names: Iterable<string>,
    since: readonly { readonly name: string; readonly from: number }[] = [],
  ): readonly StepRow[] {
    const from = new Map(since.map((one) => [one.name, one.from]))
    for (const name of names) from.set(name, Number.NEGATIVE_INFINITY)
    const keys = new Set([...from.keys()].flatMap((name) => [...(this.#byName.get(name) ?? [])]))
    return [...keys]
      .flatMap((key) => this.#steps.get(key) ?? [])
      .filter(
        (row) =>
          !row.isGone && namesOf(row).some((name) => row.step.event.at >= (from.get(name) ?? Number.POSITIVE_INFINITY)),
      )
      .sort(compareSteps)
  }
}

export const ofChain = (tenant: string, workflowId: string): string => keyOf('chain', tenant, workflowId)
/** The steps of all parts of a made-up chain: those after the first have its name and `@<start time>`. */
export const ofGroup = (tenant: string, workflowId: string): string =>
  keyOf('group', tenant, workflowId.replace(/@\d{4}-[^@]*$/, ''))
export const ofThread = (tenant: string, thread: string): string => keyOf('thread', tenant, thread)
export const ofSession = (tenant: string, session: string): string => keyOf('session', tenant, session)
export const ofEvent = (tenant: string, id: string): string => keyOf('event', tenant, id)
/** Steps that name an agent, credential or grant, whether any thread shows them or not. */
export const ofName = (tenant: string, { kind, id }: ThreadName): string => keyOf(kind, tenant, id)

function namesOf({ step, threads }: StepRow): readonly string[] {
  const { tenant, id, session_id } = step.event
  const result = resultEventIdOf(step.event)
  return [
    ofEvent(tenant, id),
    ...(result === null ? [] : [ofEvent(tenant, result)]),
    ofChain(tenant, step.attribution.workflowId),
    ...(step.attribution.workflowId.startsWith('~') ? [ofGroup(tenant, step.attribution.workflowId)] : []),
    ...threads.map((thread) => ofThread(tenant, thread)),
    ...(session_id === undefined ? [] : [ofSession(tenant, session_id)]),
    ...namedBy(step.event).map((name) => ofName(tenant, name)),
  ]
}

function namedBy(event: AgentEvent): readonly ThreadName[] {
  const credentials = [credentialOf(event), parentCredentialOf(event)]
  const grants = event.kind === 'oauth' ? [event.oauth.grant_id, event.oauth.client_id] : []
  return [
    ...(event.agent === undefined ? [] : [{ kind: 'agent', id: event.agent.id } as const]),
    ...credentials.flatMap((id) => (id === null ? [] : [{ kind: 'credential', id } as const])),
    ...grants.flatMap((id) => (id === undefined ? [] : [{ kind: 'grant', id } as const])),
  ]
}
