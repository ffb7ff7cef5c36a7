import { z } from 'zod'
import {
  cite,
  defineDetector,
  type Evidence,
  quiet,
  type Severity,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { addEvidence, refOf, withContext } from './evidence.ts'
import { remember } from './reading.ts'
import { isElsewhere, isPrivate, takeDown, type UsePlace, useOf } from './use-places.ts'

const MAX_HANDED = 16

/** Knows the first place and the 7 used last, 16 agents it was handed to, and cites 12 steps. At its bounds about 12 kB. */
interface State {
  readonly boundTo: string | null
  /** What it is bound to is a name of this kind: an event carried it. Null: a thumbprint, or not seen yet. */
  readonly boundAs: 'workload' | 'agent' | 'task' | null
  readonly revoked: StepRef | null
  readonly isShared: boolean
  readonly handedTo: readonly string[]
  readonly places: readonly UsePlace[]
  readonly evidence: readonly Evidence[]
}

type Options = { windowMs: number }

export const credentialReplay = defineDetector<State, Options>({
  id: 'credential-replay',
  version: 2,
  about: {
    title: 'A credential was used where it does not live',
    severity: 'high',
    maturity: 'incubating',
    why: 'Bound to one workload and used by another, used from two places at once, used off the machine it was made for, or used after it was revoked: someone else has it.',
    misses: [
      'a thief on the same host as the owner',
      'uses that report neither workload, address nor user agent',
      'two places further apart in time than `windowMs`, unless the credential belongs to one machine',
      "a machine's credential of which only the thief's uses are recorded",
      "a machine's credential whose use is told under the name of another agent",
      'uses reported without the id of the credential',
      'a use in another task than the one it is bound to, where the event names no workflow',
      'a credential derived from the stolen one: it has a thread of its own',
    ],
    respond: [
      'Revoke the credential and everything derived from it.',
      'Compare the two places in the evidence: which one is the owner?',
      'Bind it to its workload (mTLS, DPoP, SPIFFE) before it is issued again.',
    ],
    needs: ['credential.bound_to and agent.workload_id, or credential.client.ip, agent.ip'],
    references: ['https://www.rfc-editor.org/rfc/rfc9449', 'https://www.rfc-editor.org/rfc/rfc8705'],
    frameworks: ['ASI03', 'NHI2', 'T1528', 'T1550.001', 'AML.T0091.000', 'MAESTRO-4', 'MAESTRO-6', 'MEASURE'],
  },
  reads: ['credential'],
  wants: ['credential', 'tool_call', 'oauth', 'handoff'],
  options: z.strictObject({
    /** Two places within this time are at once. */
    windowMs: z.int().positive().default(300_000),
  }),
  init: () => ({
    boundTo: null,
    boundAs: null,
    revoked: null,
    isShared: false,
    handedTo: [],
    places: [],
    evidence: [],
  }),
  fold(state, step, { windowMs }, { subject }) {
    const { event } = step
    if (event.kind === 'handoff') return quiet(handed(state, event.handoff.to_agent?.id))
    const told = learn(state, step, subject)
    const kind = boundAs(told, step)
    const known = kind === told.boundAs ? told : { ...told, boundAs: kind }
    if (event.outcome !== 'success' || !isUse(step, subject)) return quiet(known)
    const use = useOf(step)
    const why = wrongPlace(known, use, step, windowMs)
    const places = takeDown(known.places, use)
    const next = places === known.places ? known : { ...known, places }
    if (why === null) return quiet(next)
    const evidence = addEvidence(known.evidence, null, cite(use.ref, why.role))
    const against = why.against === null ? [] : [cite(why.against, 'owner', { context: true })]
    return sighted(
      { ...next, evidence },
      {
        key: 'replay',
        summary: `${subject} ${why.says}`,
        severity: why.severity,
        confidence: 0.9,
        evidence: withContext(against, evidence),
        terms: { why: why.role, boundTo: known.boundTo ?? '', workload: use.workload ?? '', uses: evidence.length },
        credentialIds: [subject],
      },
    )
  },
})

function handed(state: State, to: string | undefined): State {
  const handedTo = to === undefined ? state.handedTo : remember(state.handedTo, to, MAX_HANDED)
  return handedTo === state.handedTo ? state : { ...state, handedTo }
}

/** What events say of the credential itself: what it is bound to, shared on purpose, revoked. */
function learn(state: State, step: Step, subject: string): State {
  const { event } = step
  if (event.kind === 'oauth')
    return event.oauth.action === 'revoke' && event.outcome === 'success' && state.revoked === null
      ? { ...state, revoked: refOf(step) }
      : state
  if (event.kind !== 'credential' || event.credential.id !== subject) return state
  const { action, bound_to, shared } = event.credential
  const boundTo = bound_to ?? state.boundTo
  const isShared = shared ?? state.isShared
  const ends = (action === 'revoke' || action === 'expire') && event.outcome === 'success'
  const renews = (action === 'refresh' || action === 'rotate') && event.outcome === 'success'
  const revoked = ends ? (state.revoked ?? refOf(step)) : renews ? null : state.revoked
  return boundTo === state.boundTo && isShared === state.isShared && revoked === state.revoked
    ? state
    : { ...state, boundTo, isShared, revoked }
}

const isUse = ({ event }: Step, subject: string): boolean =>
  event.kind === 'tool_call' ||
  (event.kind === 'oauth' && event.oauth.action === 'token_use') ||
  (event.kind === 'credential' && event.credential.id === subject && (event.credential.action ?? 'use') === 'use')

/** What kind of name a binding is, once an event of the credential carries it. */
function boundAs({ boundTo, boundAs: known }: State, { event, attribution }: Step): State['boundAs'] {
  if (boundTo === null || known !== null) return known
  if (event.agent?.workload_id === boundTo) return 'workload'
  if (event.agent?.id === boundTo) return 'agent'
  return attribution.workflowId === boundTo ? 'task' : null
}

interface Wrong {
  readonly role: string
  readonly says: string
  readonly severity: Severity
  readonly against: StepRef | null
}

function wrongPlace(state: State, use: UsePlace, step: Step, windowMs: number): Wrong | null {
  const { revoked, places } = state
  if (revoked !== null && step.event.at > revoked.at)
    return { role: 'use-after-revocation', says: 'was used after it was revoked', severity: 'high', against: revoked }
  const stranger = strangerTo(state, use, step)
  if (stranger !== null) {
    const says = `is bound to ${state.boundTo} and was used by ${stranger}`
    return { role: 'other-workload', says, severity: 'high', against: places[0]?.ref ?? null }
  }
  if (state.isShared || (use.agent !== null && state.handedTo.includes(use.agent))) return null
  const home = places[0]
  if (home !== undefined && isOffMachine(home, use))
    return {
      role: 'off-its-machine',
      says: `belongs to one machine, worked from ${home.address} and was used from ${use.address}`,
      severity: 'high',
      against: home.ref,
    }
  const other = places.findLast((one) => isElsewhere(one, use) && use.ref.at - one.ref.at <= windowMs)
  if (other === undefined) return null
  const says = `was used from ${other.address} and ${use.address} within minutes`
  return { role: 'two-places', says, severity: 'high', against: other.ref }
}

/**
 * Bound to one workload, agent or task and used by another. A thumbprint is no name: a binding is compared only with names
 * of the kind it was seen to be, or of its own URI scheme.
 */
function strangerTo({ boundTo, boundAs }: State, { workload, agent }: UsePlace, { attribution }: Step): string | null {
  if (boundTo === null) return null
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(boundTo)?.[0]
  const isOfScheme = scheme !== undefined && workload?.startsWith(scheme) === true
  const user =
    boundAs === 'workload' || isOfScheme
      ? workload
      : boundAs === 'agent'
        ? agent
        : boundAs === 'task' && attribution.rule === 'reported'
          ? attribution.workflowId
          : null
  return user === boundTo ? null : user
}

/** The session of a machine's own role carries the machine's name, and a machine has one way out. */
function isOffMachine(home: UsePlace, use: UsePlace): boolean {
  const isMachine = use.agent !== null && use.agent === home.agent && /\/i-[0-9a-f]{8,17}$/i.test(use.agent)
  if (!isMachine || home.address === null || use.address === null) return false
  return isPrivate(home.address) === isPrivate(use.address) && isElsewhere(home, use)
}
