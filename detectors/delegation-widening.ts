import { z } from 'zod'
import {
  type Authority,
  type Context,
  cite,
  defineDetector,
  type Entitlement,
  type Evidence,
  globMatches,
  quiet,
  refTo,
  type Severity,
  type Sighting,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { isApproved, readStep } from './reading.ts'
import { anyCovers } from './scope-order.ts'

const MAX_CREDENTIALS = 64
const MAX_CITED = 20

/** Remembers the scopes of 64 credentials; exchanges from others cannot be judged. */
interface State {
  readonly scopesOf: Readonly<Record<string, readonly string[]>>
  readonly giver: { readonly ref: StepRef; readonly has: Entitlement | null } | null
  readonly giverEnded: StepRef | null
  readonly isTransfer: boolean
  readonly evidence: readonly Evidence[]
}

type Options = { graceMs: number }

interface Wider {
  readonly role: string
  readonly says: string
  readonly from: StepRef | null
}

export const delegationWidening = defineDetector<State, Options>({
  id: 'delegation-widening',
  version: 1,
  about: {
    title: 'Work was passed on with more authority than its giver had',
    severity: 'high',
    maturity: 'incubating',
    why: 'Delegation may only narrow. Where a hand-off, a token exchange or a child workflow holds more than its giver, authority was made out of nothing.',
    misses: [
      'a giver whose own authority no event states',
      'a widening inside an agent that passes no scopes or tools',
      'exchanges whose parent credential was never reported',
    ],
    respond: [
      'Stop the receiving agent; it holds authority nobody gave.',
      'Compare giver and receiver in the evidence and find what issued the difference.',
      'Make the issuer refuse exchanges that widen (RFC 8693 `may_act`).',
    ],
    needs: ['handoff.scopes or tools', 'credential.scopes and parent_id', 'workflow.parent_workflow_id'],
    references: ['https://www.rfc-editor.org/rfc/rfc8693'],
    frameworks: ['ASI03', 'ASI07', 'ASI08', 'NHI5'],
  },
  reads: ['chain'],
  wants: ['handoff', 'credential', 'oauth', 'workflow', 'tool_call'],
  options: z.strictObject({
    /** How long a receiver may go on after its giver ended. */
    graceMs: z.int().nonnegative().default(300_000),
  }),
  init: () => ({ scopesOf: {}, giver: null, giverEnded: null, isTransfer: false, evidence: [] }),
  fold(state, step, options, context) {
    if (step.link !== undefined) return quiet(received(state, step))
    const wider = widerBy(state, step, options, context)
    const next = noted(state, step)
    if (wider === null) return quiet(next)
    const severity: Severity = step.event.outcome === 'failure' || step.event.outcome === 'denied' ? 'low' : 'high'
    const evidence = [...state.evidence, cite(refTo(step), wider.role)].slice(0, MAX_CITED)
    const sighting: Sighting = {
      key: 'widening',
      summary: wider.says,
      severity,
      confidence: 0.9,
      evidence: [
        ...(wider.from === null ? [] : [cite(wider.from, 'giver', { context: true, grade: 'derived' })]),
        ...evidence,
      ],
      terms: { how: wider.role, steps: evidence.length },
    }
    return sighted({ ...next, evidence }, sighting)
  },
})

function received(state: State, step: Step): State {
  const { link, event } = step
  if (link === undefined || link.relation !== 'parent') return state
  if (link.what === 'end') return { ...state, giverEnded: state.giverEnded ?? refTo(step) }
  const isTransfer = state.isTransfer || (event.kind === 'handoff' && event.handoff.mode === 'transfer')
  return { ...state, giver: { ref: refTo(step), has: link.giver }, isTransfer }
}

/** Keeps the scopes of credentials that were seen, to judge what is exchanged from them. */
function noted(state: State, { event }: Step): State {
  const [id, scopes] =
    event.kind === 'credential'
      ? [event.credential.id, event.credential.scopes]
      : event.kind === 'oauth'
        ? [event.oauth.credential_id, event.oauth.scopes]
        : []
  if (id === undefined || scopes === undefined || state.scopesOf[id] !== undefined) return state
  return Object.keys(state.scopesOf).length >= MAX_CREDENTIALS
    ? state
    : { ...state, scopesOf: { ...state.scopesOf, [id]: scopes } }
}

function widerBy(state: State, step: Step, { graceMs }: Options, { authority }: Context): Wider | null {
  const { event } = step
  return (
    brokenPath(step) ??
    (event.kind === 'handoff' ? handoffWider(authority, step) : null) ??
    (event.kind === 'credential' || event.kind === 'oauth' ? exchangeWider(state, step) : null) ??
    (event.kind === 'workflow' && event.workflow.action === 'start' ? childWider(state, step) : null) ??
    (event.kind === 'tool_call' ? childUse(state, step, graceMs, authority) : null)
  )
}

/** What of `asked` the giver does not hold. Nothing where the giver was not limited. */
const beyond = (
  has: readonly string[] | null,
  asked: readonly string[] | undefined,
  covers: (has: readonly string[], one: string) => boolean,
): readonly string[] => (has === null || asked === undefined ? [] : asked.filter((one) => !covers(has, one)))

const coversTool = (has: readonly string[], tool: string): boolean => has.some((own) => globMatches(own, tool))

function handoffWider(authority: Authority, step: Step): Wider | null {
  if (step.event.kind !== 'handoff' || !authority.explicit) return null
  const union = (pick: (grant: Entitlement) => readonly string[] | null): readonly string[] | null => {
    const lists = authority.grants.map(pick).filter((list) => list !== null)
    return lists.length === 0 ? null : lists.flat()
  }
  const { scopes, tools, to_agent } = step.event.handoff
  const extra = [
    ...beyond(
      union((g) => g.scopes),
      scopes,
      anyCovers,
    ),
    ...beyond(
      union((g) => g.tools),
      tools,
      coversTool,
    ),
  ]
  return extra.length === 0
    ? null
    : {
        role: 'wider-handoff',
        says: `the hand-off to ${to_agent?.id ?? 'another agent'} passes ${extra.slice(0, 3).join(', ')}, which its giver never held`,
        from: null,
      }
}

function exchangeWider(state: State, step: Step): Wider | null {
  const { event } = step
  const [parent, scopes, isExchange] =
    event.kind === 'credential'
      ? [
          event.credential.parent_id,
          event.credential.scopes,
          event.credential.action === 'exchange' ||
            event.credential.action === 'refresh' ||
            event.credential.action === 'issue',
        ]
      : event.kind === 'oauth'
        ? [
            event.oauth.parent_credential_id,
            event.oauth.scopes,
            event.oauth.action === 'token_exchange' || event.oauth.action === 'token_refresh',
          ]
        : []
  if (parent === undefined || isExchange !== true) return null
  const extra = beyond(state.scopesOf[parent] ?? null, scopes, anyCovers)
  return extra.length === 0
    ? null
    : {
        role: 'wider-exchange',
        says: `the credential exchanged from ${parent} holds ${extra.slice(0, 3).join(', ')}, which ${parent} did not`,
        from: null,
      }
}

function childWider({ giver }: State, step: Step): Wider | null {
  if (giver?.has == null || step.event.kind !== 'workflow') return null
  const { scopes, tools } = step.event.workflow
  const extra = [...beyond(giver.has.scopes, scopes, anyCovers), ...beyond(giver.has.tools, tools, coversTool)]
  return extra.length === 0
    ? null
    : {
        role: 'wider-child',
        says: `the child workflow starts with ${extra.slice(0, 3).join(', ')}, which its parent does not hold`,
        from: giver.ref,
      }
}

/** A child that uses more than its giver held, or that goes on after its giver ended. */
function childUse(
  { giver, giverEnded, isTransfer }: State,
  step: Step,
  graceMs: number,
  authority: Authority,
): Wider | null {
  if (step.event.kind !== 'tool_call' || step.event.outcome !== 'success') return null
  const reading = readStep(step)
  if (isApproved(authority, step, reading)) return null
  if (giverEnded !== null && !isTransfer && step.event.at > giverEnded.at + graceMs)
    return {
      role: 'acts-after-giver',
      says: `${reading.tool} ran after the workflow that delegated it had ended`,
      from: giverEnded,
    }
  if (giver?.has == null) return null
  const extra = beyond(giver.has.scopes, reading.scopes, anyCovers)
  return extra.length === 0
    ? null
    : {
        role: 'wider-use',
        says: `${reading.tool} used ${extra.slice(0, 3).join(', ')}, which its giver does not hold`,
        from: giver.ref,
      }
}

/** The producer's own path of authority: no actor twice, and no hop with more than the one before it. */
function brokenPath({ event }: Step): Wider | null {
  const path = event.delegation ?? []
  const ids = path.map(({ type, id }) => `${type}:${id}`)
  const again = ids.find((id, i) => ids.indexOf(id) !== i)
  if (again !== undefined)
    return { role: 'delegation-cycle', says: `the path of authority passes ${again} twice`, from: null }
  for (const [i, hop] of path.entries()) {
    const before = path.slice(0, i).findLast(({ scopes }) => scopes !== undefined)?.scopes
    const extra = beyond(before ?? null, hop.scopes, anyCovers)
    if (extra.length > 0)
      return {
        role: 'wider-hop',
        says: `${hop.id} holds ${extra.slice(0, 3).join(', ')}, which the hop before it did not`,
        from: null,
      }
  }
  return null
}
