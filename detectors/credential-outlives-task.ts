import { z } from 'zod'
import { cite, defineDetector, quiet, refTo, type Sighting, type StepRef, sighted } from '../src/core/index.ts'

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

interface State {
  readonly issued: StepRef | null
  readonly workflowId: string | null
  readonly expiresAt: number | null
  readonly ended: StepRef | null
  readonly revoked: boolean
  readonly judged: boolean
}

type Options = { graceMs: number; longMs: number }

export const credentialOutlivesTask = defineDetector<State, Options>({
  id: 'credential-outlives-task',
  version: 1,
  about: {
    title: 'A credential outlived the task it was issued for',
    severity: 'high',
    maturity: 'incubating',
    why: 'What was issued for one task should end with it. A credential that goes on working is a door nobody watches.',
    misses: [
      'credentials whose issue no event reports',
      'workflows that never report their end',
      'a use that no event ties to the credential',
    ],
    respond: [
      'Revoke the credential and all derived from it.',
      'Look at what it did after the task ended; nothing asked for that.',
      'Make the issuer tie its lifetime to the task.',
    ],
    needs: ['credential.action issue with a workflow_id', 'workflow.action complete', 'credential.expires_at'],
    references: ['https://www.rfc-editor.org/rfc/rfc7009'],
    frameworks: ['ASI03', 'NHI1', 'NHI7', 'T1550.001'],
  },
  reads: ['credential'],
  wants: ['credential', 'oauth', 'tool_call', 'workflow'],
  options: z.strictObject({
    /** How long after the task's end a use or a revocation is still in time. */
    graceMs: z.int().nonnegative().default(300_000),
    /** Life left at the task's end, without revocation, from which it is more than untidy. */
    longMs: z.int().positive().default(HOUR),
  }),
  init: () => ({ issued: null, workflowId: null, expiresAt: null, ended: null, revoked: false, judged: false }),
  fold(state, step, { graceMs }, { subject }) {
    const { event } = step
    if (event.kind === 'workflow')
      return quiet(
        step.attribution.workflowId === state.workflowId && state.ended === null
          ? { ...state, ended: refTo(step) }
          : state,
      )
    if (event.outcome !== 'success') return quiet(state)
    const body = event.kind === 'credential' ? event.credential : event.kind === 'oauth' ? event.oauth : null
    const action = body?.action ?? 'use'
    if (event.kind === 'credential' && event.credential.id !== subject) return quiet(state)
    if (action === 'revoke' || action === 'expire') return quiet({ ...state, revoked: true })
    const isLate = state.ended !== null && event.at > state.ended.at + graceMs
    if (isLate && (state.revoked || state.issued !== null))
      return lateUse(state, ISSUES.has(action) ? 'refreshed' : 'used', refTo(step), subject)
    if (event.kind === 'tool_call' || !ISSUES.has(action)) return quiet(state)
    return quiet(
      issue(
        state,
        step.attribution.workflowId,
        refTo(step),
        event.kind === 'credential' ? event.credential.expires_at : undefined,
      ),
    )
  },
  due: ({ ended, judged, revoked }, { graceMs }) => (ended === null || judged || revoked ? null : ended.at + graceMs),
  elapse(state, at, { longMs }, { subject }) {
    const next = { ...state, judged: true }
    const { issued, ended, expiresAt } = state
    if (issued === null || ended === null || (expiresAt !== null && expiresAt <= at)) return quiet(next)
    const left = expiresAt === null ? null : expiresAt - ended.at
    const sighting: Sighting = {
      key: 'never-revoked',
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

/** Only a credential of a task can outlive one: made-up chains are no tasks. */
function issue(state: State, workflowId: string, ref: StepRef, expires: string | undefined): State {
  if (state.issued !== null || workflowId.startsWith('~')) return state
  const at = expires === undefined ? Number.NaN : Date.parse(expires)
  return { ...state, issued: ref, workflowId, expiresAt: Number.isNaN(at) ? null : at }
}

function lateUse(state: State, how: string, use: StepRef, subject: string) {
  const { issued, ended } = state
  if (issued === null || ended === null) return quiet(state)
  const minutes = Math.round((use.at - ended.at) / 60_000)
  return sighted(state, {
    key: 'late-use',
    summary: `${subject} was ${how} ${minutes} min after the task it was issued for had ended`,
    severity: 'high',
    confidence: 0.95,
    evidence: [
      cite(issued, 'issue', { context: true }),
      cite(ended, 'task-end', { context: true }),
      cite(use, `${how}-late`),
    ],
    terms: { minutesAfter: minutes, revoked: state.revoked, how },
    credentialIds: [subject],
  })
}
