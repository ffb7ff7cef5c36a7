import { z } from 'zod'
import { cite, defineDetector, quiet, type Severity, type Step, type StepRef, sighted } from '../src/core/index.ts'
import { type Cited, citeMore, NOTHING_CITED, refOf, withContext } from './evidence.ts'
import { type Holder, holderOf, isSameHand, worksWith } from './holders.ts'
import { remember } from './reading.ts'

const MAX_HOLDERS = 8
const MAX_HANDED = 16
const MAX_TEXT = 128

/** Types that are given to one holder for one session or task. The rest are keys that a team may have put in two places. */
const PERSONAL: ReadonlySet<string> = new Set([
  'access_token',
  'refresh_token',
  'jwt',
  'session_token',
  'role_session',
  'certificate',
])

/** Knows the first 8 hands, 16 agents it was handed to, and cites 12 steps; learns no more. At its bounds about 16 kB. */
interface State extends Cited {
  readonly type: string | null
  readonly isShared: boolean
  /** Whom the credential speaks for, as its issuer says. */
  readonly subject: string | null
  readonly issued: StepRef | null
  readonly handedTo: readonly string[]
  readonly holders: readonly Holder[]
  /** The first use for the person it speaks for, and others it was used for. */
  readonly owner: Holder | null
  readonly others: readonly string[]
}

export const sharedCredential = defineDetector<State, { pools: string[] }>({
  id: 'shared-credential',
  version: 1,
  about: {
    title: 'One credential in several hands',
    severity: 'high',
    maturity: 'incubating',
    why: 'What several agents hold, none of them can answer for: a log no longer says who acted, and revoking it stops them all. A token of one session in a second hand was passed on, or taken.',
    misses: [
      'a second hand that gives itself the name or number of a replica of the first',
      'hands that report no agent',
      'told as low only: a second hand in the same task, and hands outside any workflow on a credential of unknown type',
      'a secret that several agents read and nobody is seen to use',
      'more than 8 hands: the alert is open by then',
    ],
    respond: [
      'Ask the owner of the credential whether the second agent in the evidence was meant to have it.',
      'If not: revoke it, and look at what the second agent did with it.',
      'Give each agent a credential of its own; declare pools that must share one (`credential.shared`, or the option `pools`).',
    ],
    needs: ['agent.id', 'tool_call.credential_id or credential.id'],
    references: ['https://owasp.org/www-project-non-human-identities-top-10/2025/9-nhi-reuse/'],
    frameworks: ['ASI03', 'NHI9', 'T1078.004', 'T1550.001', 'AML.T0012', 'MAESTRO-6', 'MEASURE'],
  },
  reads: ['credential'],
  wants: ['credential', 'tool_call', 'oauth', 'handoff'],
  options: z.strictObject({
    /** Credential ids that are shared on purpose, though no event says so. */
    pools: z.array(z.string()).default([]),
  }),
  init: () => ({
    type: null,
    isShared: false,
    subject: null,
    issued: null,
    handedTo: [],
    holders: [],
    owner: null,
    others: [],
    ...NOTHING_CITED,
  }),
  fold(before, step, { pools }, { subject }) {
    const { outcome } = step.event
    if (outcome === 'denied' || outcome === 'failure' || pools.includes(subject)) return quiet(before)
    const state = learn(before, step, subject)
    if (outcome !== 'success' || state.isShared || !worksWith(step, subject)) return quiet(state)
    const holder = holderOf(step)
    if (holder === null) return quiet(state)
    const next = meet(state, holder)
    const why = otherPerson(state, holder) ?? secondHand(state, holder, step)
    return why === null || next === state ? quiet(next) : report(next, why, holder, subject)
  },
})

/** What events say of the credential itself: its type, whom it speaks for, that it is shared or was handed on. */
function learn(state: State, step: Step, subject: string): State {
  const { event } = step
  if (event.kind === 'handoff') {
    const to = event.handoff.credential_id === subject ? event.handoff.to_agent?.id.slice(0, MAX_TEXT) : undefined
    const handedTo = to === undefined ? state.handedTo : remember(state.handedTo, to, MAX_HANDED)
    return handedTo === state.handedTo ? state : { ...state, handedTo }
  }
  if (event.kind !== 'credential' || event.credential.id !== subject) return state
  const { credential } = event
  const type = state.type ?? credential.type ?? null
  const isShared = credential.shared ?? state.isShared
  const whom = state.subject ?? credential.subject?.slice(0, MAX_TEXT) ?? null
  const isIssue = credential.action === 'issue' || credential.action === 'exchange'
  const issued = state.issued ?? (isIssue && event.outcome === 'success' ? refOf(step) : null)
  return type === state.type && isShared === state.isShared && whom === state.subject && issued === state.issued
    ? state
    : { ...state, type, isShared, subject: whom, issued }
}

/** Remembers a hand and the person it worked for. The same state when both were met before, or are too many. */
function meet(state: State, holder: Holder): State {
  const { person } = holder
  const isKnown = state.holders.some((one) => isSameHand(one, holder))
  const holders = isKnown ? state.holders : remember(state.holders, holder, MAX_HOLDERS)
  const isOwn = person !== null && person === state.subject
  const owner = state.owner ?? (isOwn ? holder : null)
  const others = isOwn || person === null ? state.others : remember(state.others, person, MAX_HOLDERS)
  return holders === state.holders && owner === state.owner && others === state.others
    ? state
    : { ...state, holders, owner, others }
}

interface SecondHand {
  readonly says: string
  readonly severity: Severity
  readonly confidence: number
  readonly first: Holder
}

/** A token that speaks for one person, at work for another. */
function otherPerson({ owner, others, subject }: State, { person }: Holder): SecondHand | null {
  if (owner === null || person === null || person === subject || others.includes(person)) return null
  const says = `speaks for ${subject} and was used on behalf of ${person}`
  return { says, severity: 'high', confidence: 0.85, first: owner }
}

/** Why a hand is one too many; null for the first, a replica, or one that it was openly handed to. */
function secondHand(state: State, holder: Holder, { attribution }: Step): SecondHand | null {
  const [first] = state.holders
  if (first === undefined) return null
  if (state.holders.some((one) => isSameHand(one, holder))) return null
  if (holder.agent !== null && state.handedTo.includes(holder.agent)) return null
  const says = `is in the hands of ${first.agent} and of ${holder.agent}`
  // The agents of one task, for one person: its orchestrator may have passed the token on without a word.
  const isOneTask = state.holders.some(({ ref }) => ref.workflowId === attribution.workflowId)
  // Neither what it is nor in which tasks it works is told: little to go by.
  const isVague = state.type === null && attribution.rule === 'own' && first.ref.workflowId.startsWith('~')
  if (isOneTask || isVague || attribution.grade === 'inferred') return { says, severity: 'low', confidence: 0.5, first }
  const isPersonal = state.type !== null && PERSONAL.has(state.type)
  return { says, severity: isPersonal ? 'high' : 'medium', confidence: state.type === null ? 0.6 : 0.85, first }
}

function report(state: State, why: SecondHand, holder: Holder, subject: string) {
  const told = citeMore(state, why.severity, cite(why.first.ref, 'first-hand'), cite(holder.ref, 'second-hand'))
  const { evidence, severity } = told
  const issued = state.issued === null ? [] : [cite(state.issued, 'issue', { context: true })]
  const agents = new Set(state.holders.map(({ agent }) => agent))
  return sighted(
    { ...state, ...told },
    {
      key: 'shared',
      summary: `${subject} ${why.says}`,
      severity,
      confidence: why.confidence,
      evidence: withContext(issued, evidence),
      terms: { type: state.type ?? '', hands: agents.size, first: why.first.agent ?? '', second: holder.agent ?? '' },
      credentialIds: [subject],
    },
  )
}
