import { z } from 'zod'
import {
  cite,
  defineDetector,
  type Evidence,
  parentCredentialOf,
  quiet,
  type Step,
  type StepRef,
  sighted,
  type TrackKind,
} from '../src/core/index.ts'
import { addEvidence, refOf, withContext } from './evidence.ts'
import { remember } from './reading.ts'

const MAX_USERS = 16

/** Knows the order in force and 16 agents that used it before, and cites 12 steps. At its bounds about 9 kB. */
interface State {
  /** The containment in force. */
  readonly contained: StepRef | null
  /** Agents that used the credential before it was contained: who rotates it among them has not been thrown out. */
  readonly users: readonly string[]
  readonly evidence: readonly Evidence[]
}

type Options = { graceMs: number }

export const useAfterContainment = defineDetector<State, Options>({
  id: 'use-after-containment',
  version: 1,
  about: {
    title: 'What was contained is still at work',
    severity: 'critical',
    maturity: 'incubating',
    why: 'A responder ordered an agent, a credential or a grant to be stopped, and it went on: the order did not reach who enforces it, or somebody brought it back.',
    misses: [
      'a credential that was derived from the contained one before the order, unless it is contained itself',
      'uses that name neither the contained agent nor the contained credential or grant',
      'a use within `graceMs` after the order, and one that is told with a time before it',
      'attempts that are not told as successful',
      'a credential that an intruder rotated under a name that had not used it',
    ],
    respond: [
      'Look at how the order went: `catenary contain` prints what each receiver answered.',
      'Revoke it at its issuer by hand, and end the sessions of the agent where it runs.',
      'Contain what the cited steps obtained.',
      'If it was let back on purpose, say so: `catenary contain --release`.',
    ],
    needs: ['containment', 'agent.id, tool_call.credential_id'],
    references: [
      'https://openid.net/specs/openid-caep-1_0-final.html',
      'https://csrc.nist.gov/pubs/sp/800/61/r3/final',
    ],
    frameworks: ['ASI03', 'ASI10', 'NHI1', 'T1078.004', 'T1550.001', 'MAESTRO-6', 'MANAGE'],
  },
  reads: ['credential', 'grant', 'agent'],
  wants: ['tool_call', 'credential', 'oauth', 'handoff', 'containment'],
  options: z.strictObject({
    /** What was under way when the order came, and clocks that differ: uses so soon after it are let pass. */
    graceMs: z.int().nonnegative().max(3_600_000).default(30_000),
  }),
  init: () => ({ contained: null, users: [], evidence: [] }),
  fold(state, step, { graceMs }, { track, subject }) {
    const { event } = step
    if (event.kind === 'containment') return quiet(ordered(state, step))
    if (event.outcome !== 'success') return quiet(state)
    const { contained } = state
    // Hardly anything is ever contained: of most tracks there is nothing to know.
    if (contained === null && track !== 'credential') return quiet(state)
    if (track === 'credential' && isRenewed(state, step, subject)) return quiet({ ...state, contained: null })
    if (!isUse(step, track, subject)) return quiet(state)
    if (contained === null) return quiet(known(state, step))
    if (event.at <= contained.at + graceMs) return quiet(state)
    const evidence = addEvidence(state.evidence, null, cite(refOf(step), 'use-after-containment'))
    return sighted(
      { ...state, evidence },
      {
        key: `use ${contained.eventId}`,
        summary: `${track} ${subject} was contained and went on`,
        severity: 'critical',
        confidence: 0.95,
        evidence: withContext([cite(contained, 'order', { context: true })], evidence),
        terms: { contained: track, orderedAt: contained.time, uses: evidence.length },
        ...(track === 'credential' ? { credentialIds: [subject] } : {}),
        ...(track === 'grant' ? { grantIds: [subject] } : {}),
      },
    )
  },
})

/** A second order does not move the first: what happened between them was against the first. */
function ordered(state: State, step: Step): State {
  if (step.event.kind !== 'containment') return state
  if (step.event.containment.action === 'release') return { ...state, contained: null }
  return state.contained === null ? { ...state, contained: refOf(step), evidence: [] } : state
}

function known(state: State, { event }: Step): State {
  if (event.agent === undefined) return state
  const users = remember(state.users, event.agent.id, MAX_USERS)
  return users === state.users ? state : { ...state, users }
}

/** The credential got another value from somebody who had not used it: what comes after is the new one. */
function isRenewed({ contained, users }: State, { event }: Step, subject: string): boolean {
  if (contained === null || event.at <= contained.at) return false
  if (event.kind !== 'credential' || event.credential.id !== subject) return false
  const { action } = event.credential
  return (action === 'rotate' || action === 'issue') && (event.agent === undefined || !users.includes(event.agent.id))
}

const ENDS: ReadonlySet<string> = new Set(['revoke', 'expire', 'deny'])
/** What others do about a credential or a grant, rather than with it. */
const ABOUT: ReadonlySet<string> = new Set([...ENDS, 'read', 'consent', 'grant', 'scope_change'])

/** An agent uses whatever it does but giving back; a credential is used where it is shown, or gives birth to another. */
function isUse({ event }: Step, track: TrackKind, subject: string): boolean {
  const action =
    event.kind === 'credential'
      ? (event.credential.action ?? 'use')
      : event.kind === 'oauth'
        ? event.oauth.action
        : 'use'
  if (track === 'agent') return !ENDS.has(action)
  if (ABOUT.has(action) || action.startsWith('app_')) return false
  // What is born of another is a use of its parent, and none of itself.
  const isBorn = parentCredentialOf(event) !== null && parentCredentialOf(event) !== subject
  return track === 'grant' || !isBorn || action === 'use' || action === 'token_use'
}
