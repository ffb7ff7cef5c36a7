import { z } from 'zod'
import {
  type Authority,
  type AuthorizationDetail,
  type Context,
  cite,
  defineDetector,
  detailsAllow,
  detailsCover,
  type Entitlement,
  entitlementOf,
  globMatches,
  labelOfDetail,
  quiet,
  type Severity,
  type Sighting,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { type Broken, brokenPath, NOTHING_PASSED, type Passed, pass } from './delegation-path.ts'
import { type Known, learn, revokedAncestor, toldOf } from './derived-credentials.ts'
import { type Cited, citeMore, NOTHING_CITED, refOf } from './evidence.ts'
import { isApproved, readStep } from './reading.ts'
import { anyCovers } from './scope-order.ts'

/**
 * Knows 16 credentials of up to 16 scopes and 512 characters of permissions, and 16 hand-offs: what is derived from others cannot
 * be judged. Cites 12 steps. At its bounds about 24 kB.
 */
interface State extends Cited {
  readonly credentials: readonly Known[]
  readonly passed: Passed
  readonly giver: { readonly ref: StepRef; readonly has: Entitlement | null } | null
  readonly giverEnded: StepRef | null
  readonly isTransfer: boolean
}

type Options = { graceMs: number }

interface Wider {
  readonly role:
    | Broken['role']
    | 'wider-handoff'
    | 'wider-exchange'
    | 'wider-child'
    | 'wider-use'
    | 'acts-after-giver'
    | 'acts-after-revocation'
  readonly says: string
  readonly from: StepRef | null
}

export const delegationWidening = defineDetector<State, Options>({
  id: 'delegation-widening',
  version: 4,
  about: {
    title: 'Work was passed on with more authority than its giver had',
    severity: 'high',
    maturity: 'incubating',
    why: 'Delegation may only narrow. Where a hand-off, a token exchange or a child workflow holds more than its giver, authority was made out of nothing.',
    misses: [
      'a giver whose own authority no event states',
      'a giver that was revoked by an event outside the chain',
      'a widening inside an agent that passes no scopes or tools',
      'exchanges whose parent credential was never reported',
      'a child that uses more than its giver held, and reports no scopes of its calls',
      'steps told under another workflow id than the one that work was passed to, or under none',
      'a hop left out by an agent that nothing handed work to',
      'uses reported without the id of the derived credential',
      'a widening in what an API of its own adds to authorization_details, such as an amount',
    ],
    respond: [
      'Stop the receiving agent; it holds authority nobody gave.',
      'Compare giver and receiver in the evidence and find what issued the difference.',
      'Make the issuer refuse exchanges that widen (RFC 8693 `may_act`).',
    ],
    needs: [
      'handoff.scopes, authorization_details or tools',
      'credential.scopes or authorization_details, and parent_id',
      'workflow.parent_workflow_id',
    ],
    references: ['https://www.rfc-editor.org/rfc/rfc8693', 'https://www.rfc-editor.org/rfc/rfc9396'],
    frameworks: ['ASI03', 'ASI07', 'ASI08', 'NHI5', 'MAESTRO-3', 'MAESTRO-7', 'MEASURE'],
  },
  reads: ['chain'],
  wants: ['handoff', 'credential', 'oauth', 'workflow', 'tool_call'],
  options: z.strictObject({
    /** How long a receiver may go on after its giver ended. */
    graceMs: z.int().nonnegative().default(300_000),
  }),
  init: () => ({
    credentials: [],
    passed: NOTHING_PASSED,
    giver: null,
    giverEnded: null,
    isTransfer: false,
    ...NOTHING_CITED,
  }),
  fold(state, step, options, context) {
    if (step.link !== undefined) return quiet(received(state, step))
    const wider = widerBy(state, step, options, context)
    const next = noted(state, step)
    if (wider === null) return quiet(next)
    const cited = citeMore(state, severityOf(wider, step), cite(refOf(step), wider.role))
    const { evidence, severity } = cited
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
    return sighted({ ...next, ...cited }, sighting)
  },
})

/** A hop left out may be a gap in the log; what did not come about is an attempt. */
function severityOf({ role }: Wider, { event }: Step): Severity {
  if (event.outcome === 'failure' || event.outcome === 'denied') return 'low'
  return role === 'missing-hop' ? 'medium' : 'high'
}

function received(state: State, step: Step): State {
  const { link, event } = step
  if (link === undefined || link.relation !== 'parent') return state
  if (link.what === 'end') return { ...state, giverEnded: state.giverEnded ?? refOf(step) }
  const isTransfer = state.isTransfer || (event.kind === 'handoff' && event.handoff.mode === 'transfer')
  // A start that follows a hand-off says anew what the giver holds; what was done to give is the hand-off.
  const ref = link.what === 'start' && state.giver !== null ? state.giver.ref : refOf(step)
  return { ...state, giver: { ref, has: link.giver }, isTransfer }
}

/** Keeps what is needed to judge later steps. The same object when a step says nothing new. */
function noted(state: State, step: Step): State {
  const credentials = learn(state.credentials, step)
  const passed = pass(state.passed, step)
  return credentials === state.credentials && passed === state.passed ? state : { ...state, credentials, passed }
}

function widerBy(state: State, step: Step, { graceMs }: Options, { authority }: Context): Wider | null {
  const { event } = step
  return (
    brokenPath(state.passed, step) ??
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

type Details = readonly AuthorizationDetail[]

/** The same of permissions as RFC 9396 writes them. */
const beyondDetails = (
  has: Details | null | undefined,
  asked: Details | undefined,
  covers = detailsCover,
): readonly string[] =>
  has == null || asked === undefined ? [] : asked.filter((one) => !covers(has, one)).map(labelOfDetail)

/** What of a hand-off or the start of a child its giver does not hold. */
const beyondGiver = (
  has: Entitlement,
  asked: {
    readonly scopes?: readonly string[] | undefined
    readonly tools?: readonly string[] | undefined
    readonly authorization_details?: Details | undefined
  },
): readonly string[] => [
  ...beyond(has.scopes, asked.scopes, anyCovers),
  ...beyond(has.tools, asked.tools, coversTool),
  ...beyondDetails(has.details, asked.authorization_details),
]

function handoffWider(authority: Authority, step: Step): Wider | null {
  if (step.event.kind !== 'handoff' || !authority.explicit) return null
  const { handoff } = step.event
  const extra = beyondGiver(entitlementOf(authority.grants), handoff)
  return extra.length === 0
    ? null
    : {
        role: 'wider-handoff',
        says: `the hand-off to ${handoff.to_agent?.id ?? 'another agent'} passes ${extra.slice(0, 3).join(', ')}, which its giver never held`,
        from: null,
      }
}

function exchangeWider(state: State, step: Step): Wider | null {
  const told = toldOf(step)
  if (told?.parent === undefined || !told.derives) return null
  const { parent, scopes, details } = told
  const known = state.credentials.find(({ id }) => id === parent)
  const extra = [...beyond(known?.scopes ?? null, scopes, anyCovers), ...beyondDetails(known?.details, details)]
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
  const extra = beyondGiver(giver.has, step.event.workflow)
  return extra.length === 0
    ? null
    : {
        role: 'wider-child',
        says: `the child workflow starts with ${extra.slice(0, 3).join(', ')}, which its parent does not hold`,
        from: giver.ref,
      }
}

/** A use of more than the giver held, or one that goes on after the giver ended or its credential was revoked. */
function childUse(state: State, step: Step, graceMs: number, authority: Authority): Wider | null {
  if (step.event.kind !== 'tool_call' || step.event.outcome !== 'success') return null
  const { giver, giverEnded, isTransfer } = state
  if (giver === null && giverEnded === null && state.credentials.length === 0) return null
  const reading = readStep(step)
  const wider =
    afterRevocation(state, step) ?? afterGiver(giverEnded, isTransfer, step, graceMs) ?? moreThanGiver(giver, step)
  return wider === null || isApproved(authority, step, reading) ? null : wider
}

function afterRevocation({ credentials }: State, step: Step): Wider | null {
  const { tool, credential } = readStep(step)
  const ancestor = credential === null ? null : revokedAncestor(credentials, credential, step.event.at)
  return ancestor === null
    ? null
    : {
        role: 'acts-after-revocation',
        says: `${tool} ran with ${credential}, derived from ${ancestor.id}, which had been revoked`,
        from: ancestor.revoked,
      }
}

function afterGiver(ended: StepRef | null, isTransfer: boolean, step: Step, graceMs: number): Wider | null {
  if (ended === null || isTransfer || step.event.at <= ended.at + graceMs) return null
  const says = `${readStep(step).tool} ran after the workflow that delegated it had ended`
  return { role: 'acts-after-giver', says, from: ended }
}

function moreThanGiver(giver: State['giver'], step: Step): Wider | null {
  if (giver?.has == null) return null
  const { tool, scopes, details } = readStep(step)
  const extra = [
    ...beyond(giver.has.scopes, scopes, anyCovers),
    ...beyondDetails(giver.has.details, details, detailsAllow),
  ]
  return extra.length === 0
    ? null
    : {
        role: 'wider-use',
        says: `${tool} used ${extra.slice(0, 3).join(', ')}, which its giver does not hold`,
        from: giver.ref,
      }
}
