import { z } from 'zod'
import {
  cite,
  defineDetector,
  type Evidence,
  quiet,
  refTo,
  type Severity,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { remember } from './reading.ts'

const MAX_PLACES = 32
const MAX_CITED = 20

/** A place a credential was used from. */
interface Place {
  readonly workload: string | null
  readonly address: string | null
  readonly tool: string | null
  readonly agent: string | null
  readonly ref: StepRef
}

/** At 32 places it takes in no more: by then the story is told. */
interface State {
  readonly boundTo: string | null
  readonly revoked: StepRef | null
  readonly isShared: boolean
  readonly isRoleSession: boolean
  readonly handedTo: readonly string[]
  readonly places: readonly Place[]
  readonly evidence: readonly Evidence[]
}

type Options = { windowMs: number }

export const credentialReplay = defineDetector<State, Options>({
  id: 'credential-replay',
  version: 1,
  about: {
    title: 'A credential was used where it does not live',
    severity: 'high',
    maturity: 'incubating',
    why: 'Bound to one workload and used by another, used from two places at once, or used after it was revoked: someone else has it.',
    misses: [
      'a thief on the same host as the owner',
      'uses that report neither workload, address nor user agent',
      'two places further apart in time than `windowMs`',
    ],
    respond: [
      'Revoke the credential and everything derived from it.',
      'Compare the two places in the evidence: which one is the owner?',
      'Bind it to its workload (mTLS, DPoP, SPIFFE) before it is issued again.',
    ],
    needs: ['credential.bound_to and agent.workload_id, or credential.client.ip, agent.ip'],
    references: ['https://www.rfc-editor.org/rfc/rfc9449', 'https://www.rfc-editor.org/rfc/rfc8705'],
    frameworks: ['ASI03', 'NHI2', 'T1528', 'T1550.001'],
  },
  reads: ['credential'],
  wants: ['credential', 'tool_call', 'oauth', 'handoff'],
  options: z.strictObject({
    /** Two places within this time are at once. */
    windowMs: z.int().positive().default(300_000),
  }),
  init: () => ({
    boundTo: null,
    revoked: null,
    isShared: false,
    isRoleSession: false,
    handedTo: [],
    places: [],
    evidence: [],
  }),
  fold(state, step, { windowMs }, { subject }) {
    const { event } = step
    if (event.kind === 'handoff') {
      const to = event.handoff.to_agent?.id
      return quiet(to === undefined ? state : { ...state, handedTo: remember(state.handedTo, to, MAX_PLACES) })
    }
    const known = learn(state, step, subject)
    if (event.outcome !== 'success' || !isUse(step, subject)) return quiet(known)
    const place = placeOf(step)
    const why = wrongPlace(known, place, step, windowMs)
    const next = { ...known, places: known.places.length < MAX_PLACES ? [...known.places, place] : known.places }
    if (why === null) return quiet(next)
    const evidence = [
      ...known.evidence,
      ...(why.against === null ? [] : [cite(why.against, 'owner', { context: true })]),
      cite(place.ref, why.role),
    ]
    const kept = [...new Map(evidence.map((one) => [one.eventId, one])).values()].slice(0, MAX_CITED)
    return sighted(
      { ...next, evidence: kept },
      {
        key: 'replay',
        summary: `${subject} ${why.says}`,
        severity: why.severity,
        confidence: 0.9,
        evidence: kept,
        terms: { why: why.role, boundTo: known.boundTo ?? '', workload: place.workload ?? '' },
        credentialIds: [subject],
      },
    )
  },
})

/** What events say of the credential itself: what it is bound to, shared on purpose, revoked. */
function learn(state: State, step: Step, subject: string): State {
  const { event } = step
  if (event.kind === 'oauth')
    return event.oauth.action === 'revoke' && event.outcome === 'success' && state.revoked === null
      ? { ...state, revoked: refTo(step) }
      : state
  if (event.kind !== 'credential' || event.credential.id !== subject) return state
  const { action, bound_to, shared, type } = event.credential
  const ends = (action === 'revoke' || action === 'expire') && event.outcome === 'success'
  const renews = action === 'refresh' || action === 'rotate'
  return {
    ...state,
    boundTo: bound_to ?? state.boundTo,
    isShared: shared ?? state.isShared,
    isRoleSession: state.isRoleSession || type === 'role_session',
    revoked: ends ? (state.revoked ?? refTo(step)) : renews ? null : state.revoked,
  }
}

const isUse = ({ event }: Step, subject: string): boolean =>
  event.kind === 'tool_call' ||
  (event.kind === 'oauth' && event.oauth.action === 'token_use') ||
  (event.kind === 'credential' && event.credential.id === subject && (event.credential.action ?? 'use') === 'use')

function placeOf(step: Step): Place {
  const { event } = step
  const client =
    event.kind === 'credential' ? event.credential.client : event.kind === 'oauth' ? event.oauth.client : undefined
  return {
    workload: event.agent?.workload_id ?? null,
    address: client?.ip ?? event.agent?.ip ?? null,
    tool: client?.user_agent ?? event.agent?.host ?? null,
    agent: event.agent?.id ?? null,
    ref: refTo(step),
  }
}

interface Wrong {
  readonly role: string
  readonly says: string
  readonly severity: Severity
  readonly against: StepRef | null
}

function wrongPlace(state: State, place: Place, step: Step, windowMs: number): Wrong | null {
  const { boundTo, revoked, places } = state
  if (revoked !== null && step.event.at > revoked.at)
    return { role: 'use-after-revocation', says: 'was used after it was revoked', severity: 'high', against: revoked }
  if (boundTo !== null && place.workload !== null && place.workload !== boundTo)
    return {
      role: 'other-workload',
      says: `is bound to ${boundTo} and was used by ${place.workload}`,
      severity: 'high',
      against: places[0]?.ref ?? null,
    }
  if (state.isShared || (place.agent !== null && state.handedTo.includes(place.agent))) return null
  const other = places.findLast((one) => isElsewhere(one, place) && place.ref.at - one.ref.at <= windowMs)
  if (other === undefined) return null
  return {
    role: 'two-places',
    says: `was used from ${other.address} and ${place.address} within minutes`,
    severity: 'high',
    against: other.ref,
  }
}

/** Another address alone is a proxy or a restart; it takes another workload or client as well. */
function isElsewhere(a: Place, b: Place): boolean {
  if (a.address === null || b.address === null || a.address === b.address) return false
  if (a.workload !== null && b.workload !== null) return a.workload !== b.workload
  return a.tool !== null && b.tool !== null && a.tool !== b.tool
}
