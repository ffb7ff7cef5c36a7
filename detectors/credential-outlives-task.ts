import { z } from 'zod'
import {
  cite,
  defineDetector,
  type Evidence,
  quiet,
  type Sighting,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { addEvidence, refOf } from './evidence.ts'
import { isForAnother } from './reading.ts'

const HOUR = 3_600_000
const ISSUES: ReadonlySet<string> = new Set([
  'issue',
  'exchange',
  'assume_role',
  'refresh',
  'token_issue',
  'token_exchange',
  'token_refresh',
])

/** One sighting a credential: that nobody revoked it is told first, and grows into its late use. */
const KEY = 'outlived'

/** Cites 12 late uses, the first six and the newest. */
interface State {
  readonly issued: StepRef | null
  readonly workflowId: string | null
  /** It is made out to somebody else: what the task leaves to them, it does not keep. */
  readonly forAnother: boolean
  readonly expiresAt: number | null
  readonly ended: StepRef | null
  readonly revoked: boolean
  readonly judged: boolean
  readonly late: readonly Evidence[]
}

type Options = { graceMs: number; longMs: number }

export const credentialOutlivesTask = defineDetector<State, Options>({
  id: 'credential-outlives-task',
  version: 4,
  about: {
    title: 'A credential outlived the task it was issued for',
    severity: 'high',
    maturity: 'incubating',
    why: 'What was issued for one task should end with it. A credential that goes on working is a door nobody watches.',
    misses: [
      'credentials whose issue no event reports',
      'workflows that never report their end',
      'a use that no event ties to the credential',
      'a credential made out to somebody else than the agent or its user, unless that agent uses it later (privilege-persistence tells that it was made)',
      'a credential whose issue is told outside the task it is for, and that nobody uses',
    ],
    respond: [
      'Revoke the credential and all derived from it.',
      'Look at what it did after the task ended; nothing asked for that.',
      'Make the issuer tie its lifetime to the task.',
    ],
    needs: ['credential.action issue with a workflow_id', 'workflow.action complete', 'credential.expires_at'],
    references: ['https://www.rfc-editor.org/rfc/rfc7009'],
    frameworks: ['ASI03', 'NHI1', 'NHI7', 'T1550.001', 'MAESTRO-6', 'MEASURE', 'MANAGE'],
  },
  reads: ['credential'],
  wants: ['credential', 'oauth', 'tool_call', 'workflow', 'handoff'],
  options: z.strictObject({
    /** How long after the task's end a use or a revocation is still in time. */
    graceMs: z.int().nonnegative().default(300_000),
    /** Life left at the task's end, without revocation, from which it is more than untidy. */
    longMs: z.int().positive().default(HOUR),
  }),
  init: () => ({
    issued: null,
    workflowId: null,
    forAnother: false,
    expiresAt: null,
    ended: null,
    revoked: false,
    judged: false,
    late: [],
  }),
  fold(state, step, { graceMs }, { subject }) {
    const { event } = step
    if (event.kind === 'workflow') return quiet(atEnd(state, step))
    if (event.kind === 'handoff') return quiet(passedOn(state, step))
    if (event.outcome !== 'success') return quiet(state)
    const how = howOf(step, subject)
    if (how === 'ended') return quiet(state.revoked ? state : { ...state, revoked: true })
    if (how !== null && state.issued !== null && state.ended !== null && event.at > state.ended.at + graceMs)
      return lateUse(state, how, step, subject)
    const expires = event.kind === 'credential' ? event.credential.expires_at : undefined
    if (how === 'refreshed') return quiet(prolonged(state, expires))
    return quiet(how === 'issued' ? issue(state, step, expires) : state)
  },
  due: ({ ended, judged, revoked }, { graceMs }) => (ended === null || judged || revoked ? null : ended.at + graceMs),
  elapse(state, at, { longMs }, { subject }) {
    const next = { ...state, judged: true }
    const { issued, ended, expiresAt, forAnother } = state
    if (issued === null || ended === null || forAnother || (expiresAt !== null && expiresAt <= at)) return quiet(next)
    const left = expiresAt === null ? null : expiresAt - ended.at
    const sighting: Sighting = {
      key: KEY,
      summary: `${subject} was not revoked when its task ended${left === null ? ' and has no expiry' : ` and lives ${Math.round(left / 60_000)} min longer`}`,
      severity: left === null || left > longMs ? 'medium' : 'info',
      confidence: 0.9,
      evidence: [cite(issued, 'issue'), cite(ended, 'task-end')],
      terms: { minutesLeft: left === null ? -1 : Math.round(left / 60_000), revoked: false },
      credentialIds: [subject],
    }
    return sighted(next, sighting)
  },
})

type How = 'used' | 'issued' | 'refreshed' | 'exchanged' | 'ended'

/** What a step does with the credential; null when it does nothing with it. */
function howOf({ event }: Step, subject: string): How | null {
  if (event.kind === 'tool_call') return 'used'
  const [id, parent, action] =
    event.kind === 'credential'
      ? [event.credential.id, event.credential.parent_id, event.credential.action ?? 'use']
      : event.kind === 'oauth'
        ? [event.oauth.credential_id, event.oauth.parent_credential_id, event.oauth.action]
        : []
  if (id !== subject) return parent === subject && action !== undefined && ISSUES.has(action) ? 'exchanged' : null
  if (action === 'revoke' || action === 'expire') return 'ended'
  if (action === 'refresh' || action === 'token_refresh') return 'refreshed'
  if (action !== undefined && ISSUES.has(action)) return 'issued'
  return action === 'use' || action === 'token_use' ? 'used' : null
}

const atEnd = (state: State, step: Step): State =>
  step.attribution.workflowId === state.workflowId && state.ended === null ? { ...state, ended: refOf(step) } : state

/** Handed over for good, it is the credential of the task it was handed to. */
function passedOn(state: State, { event }: Step): State {
  const to = event.kind === 'handoff' && event.handoff.mode === 'transfer' ? event.handoff.to_workflow_id : undefined
  return to === undefined || state.issued === null || state.ended !== null ? state : { ...state, workflowId: to }
}

/** Only a credential of a task can outlive one: made-up chains are no tasks. */
function issue(state: State, step: Step, expires: string | undefined): State {
  const { workflowId } = step.attribution
  if (state.issued !== null || workflowId.startsWith('~')) return state
  const at = expires === undefined ? Number.NaN : Date.parse(expires)
  const forAnother = step.event.kind === 'credential' && isForAnother(step.event)
  return { ...state, issued: refOf(step), workflowId, forAnother, expiresAt: Number.isNaN(at) ? null : at }
}

/** Refreshed while the task runs, it lives as long as the refresh says. */
function prolonged(state: State, expires: string | undefined): State {
  const at = expires === undefined ? Number.NaN : Date.parse(expires)
  const isLonger = state.expiresAt !== null && at > state.expiresAt
  return isLonger ? { ...state, expiresAt: at } : state
}

function lateUse(state: State, how: How, step: Step, subject: string) {
  const { issued, ended, forAnother } = state
  if (issued === null || ended === null || (forAnother && step.event.agent?.id !== issued.agentId)) return quiet(state)
  const minutes = Math.round((step.event.at - ended.at) / 60_000)
  const late = addEvidence(state.late, null, cite(refOf(step), `${how}-late`))
  return sighted(
    { ...state, late },
    {
      key: KEY,
      summary: `${subject} was ${how} ${minutes} min after the task it was issued for had ended`,
      severity: 'high',
      confidence: 0.95,
      evidence: [cite(issued, 'issue', { context: true }), cite(ended, 'task-end', { context: true }), ...late],
      terms: { minutesAfter: minutes, revoked: state.revoked, how, uses: late.length },
      credentialIds: [subject],
    },
  )
}
