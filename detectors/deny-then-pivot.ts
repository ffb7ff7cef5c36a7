import { z } from 'zod'
import {
  type Authority,
  type CredentialAction,
  cite,
  defineDetector,
  quiet,
  type Severity,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { addDenial, type Denial, denialOf, holderOf, matters, type Pivot, pivotFrom, rejectionOf } from './denials.ts'
import { type Cited, citeMore, digest, NOTHING_CITED, refOf } from './evidence.ts'
import { isApproved, isGranted, type Reading, readStep } from './reading.ts'

const MAX_BROUGHT = 8
const MAX_REQUESTS = 4

/** A credential that came to hand after something was refused. */
interface Brought {
  readonly credential: string
  readonly action: CredentialAction
  readonly ref: StepRef
}

/** Keeps 12 denials, 8 credentials and 4 requests for approval, and cites 12 steps. At its bounds about 20 kB. */
interface State extends Cited {
  readonly denials: readonly Denial[]
  readonly brought: readonly Brought[]
  /** What a person was asked for, by the id of the approval: a rejection may name nothing but that. */
  readonly requests: readonly { readonly id: string; readonly denial: Denial }[]
}

export const denyThenPivot = defineDetector({
  id: 'deny-then-pivot',
  version: 1,
  about: {
    title: 'What was refused was reached by another way',
    severity: 'high',
    maturity: 'incubating',
    why: 'A refusal is an answer. A chain that gets the same thing by another tool, credential, agent or spelling has gone round the control that gave it.',
    misses: [
      'the same end where neither resource nor destination is reported with both calls',
      'a refusal and the way round it in different workflows, or told under none',
      'the same tool, credential, agent and name again, with success: it is taken for a retry',
      'a copy of the thing under a name of its own',
      'a no to a tool alone, where another tool does it',
      'another tool to look at what nobody says is sensitive: that alone stays low',
    ],
    respond: [
      'Stop the agent, and find out whether the refusal or the success was the mistake.',
      'Close the second way: the same rule belongs on every tool that reaches the thing.',
      'Revoke the credential that was fetched after the refusal.',
    ],
    needs: ['outcome denied, or approval.action reject', 'tool_call.resource.id or destination.id'],
    references: ['https://attack.mitre.org/techniques/T1548/'],
    frameworks: ['ASI02', 'ASI03', 'T1548.005', 'MAESTRO-3', 'MAESTRO-6', 'MEASURE'],
  },
  reads: ['chain'],
  wants: ['tool_call', 'credential', 'approval'],
  options: z.strictObject({}),
  init: (): State => ({ ...NOTHING_CITED, denials: [], brought: [], requests: [] }),
  fold(state, step, _options, { authority }) {
    const { event } = step
    if (step.link !== undefined) return quiet(state)
    if (event.kind === 'approval') return quiet(answered(state, step))
    const reading = readStep(step)
    const denial = denialOf(step, reading)
    if (denial !== null) {
      const denials = addDenial(state.denials, denial)
      return quiet(denials === state.denials ? state : { ...state, denials })
    }
    if (event.outcome !== 'success' || state.denials.length === 0) return quiet(state)
    const next = event.kind === 'credential' ? bring(state, step) : state
    const isUse = event.kind === 'tool_call' || (event.kind === 'credential' && event.credential.action === 'read')
    const pivot = isUse ? pivotFrom(next.denials, step, reading) : null
    if (pivot === null) return quiet(next)
    // A person who approves the other way has answered the refusal; what goes past that approval is approval-drift.
    if (isApproved(authority, step, reading))
      return quiet({ ...next, denials: next.denials.filter((one) => one !== pivot.denial) })
    return pivoted(next, step, reading, pivot, authority)
  },
})

/** A person was asked, or said no. */
function answered(state: State, step: Step): State {
  if (step.event.kind !== 'approval') return state
  const { action, approval_id: id, covers } = step.event.approval
  if (action === 'approve' || action === 'expire') return state
  const denial = rejectionOf(step, covers)
  if (action === 'request') {
    if (id === undefined || denial === null) return state
    const request = { id: digest(id), denial }
    return {
      ...state,
      requests: [...state.requests.filter((one) => one.id !== request.id), request].slice(-MAX_REQUESTS),
    }
  }
  const asked = id === undefined ? undefined : state.requests.find((one) => one.id === digest(id))
  const no = denial ?? (asked === undefined ? null : { ...asked.denial, ref: refOf(step) })
  if (no === null) return state
  const denials = addDenial(state.denials, no)
  return denials === state.denials ? state : { ...state, denials }
}

const BRINGS: ReadonlySet<CredentialAction> = new Set(['issue', 'read', 'exchange', 'assume_role'])

function bring(state: State, step: Step): State {
  if (step.event.kind !== 'credential') return state
  const { id, action = 'use' } = step.event.credential
  const credential = digest(id)
  if (!BRINGS.has(action) || state.brought.some((one) => one.credential === credential)) return state
  return { ...state, brought: [...state.brought, { credential, action, ref: refOf(step) }].slice(-MAX_BROUGHT) }
}

function pivoted(state: State, step: Step, reading: Reading, pivot: Pivot, authority: Authority) {
  const { credential } = holderOf(step, reading)
  const key = pivot.by.includes('credential') ? state.brought.find((one) => one.credential === credential) : undefined
  const severity = severityOf(pivot, reading, key, isGranted(authority, reading))
  const cited = citeMore(
    state,
    severity,
    cite(pivot.denial.ref, pivot.denial.by === 'person' ? 'rejected' : 'denied'),
    ...(key === undefined ? [] : [cite(key.ref, 'other-credential')]),
    cite(refOf(step), 'pivot', { grade: 'derived' }),
  )
  const way = pivot.by.length === 0 ? 'all the same' : `by another ${pivot.by.join(' and ')}`
  return sighted(
    { ...state, ...cited },
    {
      key: 'pivot',
      summary: `${reading.tool ?? 'a credential event'} reached ${reading.resource ?? reading.destination ?? 'it'} ${way} after ${pivot.denial.ref.label} was refused`,
      severity: cited.severity,
      confidence: pivot.end === 'resource' ? 0.85 : 0.75,
      evidence: cited.evidence,
      terms: { by: pivot.by.join(', ') || 'rejected', end: pivot.end, refusedBy: pivot.denial.by },
      credentialIds: reading.credential === null ? [] : [reading.credential],
    },
  )
}

/** Another tool to look at what is not sensitive is the plainest way on; a fetched credential, or a deed that matters, the worst. */
function severityOf({ by, denial }: Pivot, reading: Reading, key: Brought | undefined, granted: boolean): Severity {
  const isGrave = matters(denial, reading)
  if (denial.by === 'person') return 'high'
  const isToolOnly = by.length === 1 && by[0] === 'tool'
  if (isToolOnly && !isGrave) return 'low'
  if (key !== undefined && (key.action === 'read' || key.action === 'issue')) return 'high'
  return isGrave && !(granted && isToolOnly) ? 'high' : 'medium'
}
