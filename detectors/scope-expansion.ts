import { z } from 'zod'
import {
  type Authority,
  cite,
  defineDetector,
  type Evidence,
  type Grant,
  globMatches,
  quiet,
  refTo,
  type Severity,
  type Step,
  sighted,
} from '../src/core/index.ts'
import { isApproved, isConsequential, isInForce, type Reading, readStep, readsSecret } from './reading.ts'
import { anyCovers, isHighRisk } from './scope-order.ts'

const MAX_CITED = 20
const RANK: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical']

/** Beyond 20 steps the evidence no longer grows; what was exceeded still does. */
interface State {
  readonly evidence: readonly Evidence[]
  readonly exceeded: readonly string[]
  readonly severity: Severity
  /** A user spoke after the start: from then on what they named counts as asked for. */
  readonly userSpoke: boolean
}

export const scopeExpansion = defineDetector({
  id: 'scope-expansion',
  version: 1,
  about: {
    title: 'Authority used grew past what was granted',
    severity: 'high',
    maturity: 'incubating',
    why: 'A person granted the first step. Later steps used scopes, tools or resources that nobody granted.',
    misses: [
      'a task started without scopes, tools or resources whose first credential is already too broad',
      'a tool that does more than its name and scopes say',
    ],
    respond: [
      'Compare the cited steps with what the task was given; ask the requester whether they wanted them.',
      'Revoke the credential that carried the extra scope.',
      'Narrow the grant of the tool or connector that allowed it.',
    ],
    needs: ['workflow.scopes, tools or resources on start; or credential.scopes'],
    references: ['https://www.rfc-editor.org/rfc/rfc9396'],
    frameworks: ['ASI02', 'ASI03', 'NHI5', 'T1548.005'],
  },
  reads: ['chain'],
  wants: ['tool_call', 'message'],
  options: z.strictObject({}),
  init: (): State => ({ evidence: [], exceeded: [], severity: 'info', userSpoke: false }),
  fold(state, step, _options, { authority }) {
    const { event } = step
    if (event.kind === 'message')
      return quiet(event.message.role === 'user' && !state.userSpoke ? { ...state, userSpoke: true } : state)
    if (event.kind !== 'tool_call' || event.outcome !== 'success' || step.link !== undefined) return quiet(state)
    const reading = readStep(step)
    const exceeded = exceededBy(authority, step, reading)
    if (exceeded.length === 0 || isApproved(authority, step, reading) || (state.userSpoke && wasAsked(authority, step)))
      return quiet(state)
    const severity = severityOf(authority, step, reading, exceeded)
    const next: State = {
      ...state,
      evidence:
        state.evidence.length < MAX_CITED
          ? [...state.evidence, cite(refTo(step), exceeded[0] ?? 'exceeded')]
          : state.evidence,
      exceeded: [...new Set([...state.exceeded, ...exceeded])].slice(0, 16),
      severity: RANK.indexOf(severity) > RANK.indexOf(state.severity) ? severity : state.severity,
    }
    const scopes = reading.scopes.length === 0 ? '' : ` with ${reading.scopes.slice(0, 3).join(', ')}`
    return sighted(next, {
      key: 'expansion',
      summary: `${reading.tool}${scopes} lies outside what ${authority.task ?? 'the task'} was granted (${next.exceeded.join(', ')})`,
      severity: next.severity,
      confidence: authority.explicit ? 0.9 : 0.6,
      evidence: next.evidence,
      terms: {
        exceeded: next.exceeded.join(','),
        explicit: authority.explicit,
        grantedBy: authority.startEventId ?? '',
        steps: next.evidence.length,
      },
      credentialIds: reading.credential === null ? [] : [reading.credential],
    })
  },
})

/** The dimensions in which a step goes past every grant in force. A dimension that no grant limits cannot be exceeded. */
function exceededBy(
  { grants, explicit }: Authority,
  { event }: Step,
  { tool, scopes, resource }: Reading,
): readonly string[] {
  const inForce = grants.filter((grant) => isInForce(grant, event.at))
  const basis = explicit
    ? grants.filter(({ via }) => via === 'start' || via === 'handoff')
    : grants.filter(({ via }) => via === 'credential')
  if (basis.length === 0) return []
  const union = (pick: (grant: Grant) => readonly string[] | null): readonly string[] | null =>
    basis.some((grant) => pick(grant) !== null) ? inForce.flatMap((grant) => pick(grant) ?? []) : null
  const [allowedTools, allowedScopes, allowedResources] = [
    union((g) => g.tools),
    union((g) => g.scopes),
    union((g) => g.resources),
  ]
  const out: string[] = []
  if (allowedScopes !== null && scopes.some((scope) => !anyCovers(allowedScopes, scope))) out.push('scope')
  if (allowedTools !== null && tool !== null && !allowedTools.some((one) => globMatches(one, tool))) out.push('tool')
  if (allowedResources !== null && resource !== null && !allowedResources.some((one) => globMatches(one, resource)))
    out.push('resource')
  return out
}

/** What a user named in a later message was asked for, even where the first grant did not hold it. */
function wasAsked({ asked }: Authority, { event }: Step): boolean {
  if (event.kind !== 'tool_call') return false
  const values = event.tool_call.arguments?.values ?? []
  return values.length > 0 && values.some((value) => asked.includes(value))
}

function severityOf({ explicit }: Authority, step: Step, reading: Reading, exceeded: readonly string[]): Severity {
  const isGrave =
    reading.sensitivity === 'restricted' ||
    reading.scopes.some(isHighRisk) ||
    readsSecret(step, reading) ||
    reading.operation === 'admin' ||
    (reading.isExternal && reading.sensitivity !== 'public')
  if (!explicit) return isGrave && exceeded.includes('scope') ? 'medium' : 'low'
  if (isGrave) return 'high'
  const isMild =
    exceeded.length === 1 &&
    !isConsequential(reading) &&
    (reading.sensitivity === 'public' || reading.sensitivity === null)
  return isMild && exceeded[0] === 'tool' ? 'low' : 'medium'
}
