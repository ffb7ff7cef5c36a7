import { z } from 'zod'
import {
  type Authority,
  cite,
  defineDetector,
  labelOfDetail,
  quiet,
  type Severity,
  type Step,
  sighted,
  worse,
} from '../src/core/index.ts'
import { type Dimension, exceededBy, NO_STANDING, type Standing, stand } from './envelope.ts'
import { type Cited, citeMore, NOTHING_CITED, refOf } from './evidence.ts'
import { isApproved, isConsequential, type Reading, readStep, readsSecret, wasAsked } from './reading.ts'
import { isHighRisk, isHighRiskDetail } from './scope-order.ts'

/** So many steps past the grant, in more than one way, are growth even where each alone is small. */
const SLOW_STEPS = 3

/** Cites 12 steps, the first six and the newest; knows 8 zones. */
interface State extends Cited {
  readonly exceeded: readonly Dimension[]
  /** Steps past the grant so far. */
  readonly steps: number
  readonly standing: Standing
  /** A user spoke after the start: from then on what they named counts as asked for. */
  readonly userSpoke: boolean
}

export const scopeExpansion = defineDetector({
  id: 'scope-expansion',
  version: 4,
  about: {
    title: 'Authority used grew past what was granted',
    severity: 'high',
    maturity: 'incubating',
    why: 'A person granted the first step. Later steps used scopes, tools, resources, operations, zones or data that nobody granted.',
    misses: [
      'a task started without scopes, tools or resources whose first credential is already too broad',
      'a tool that does more than its name, operation and scopes say',
      'a new zone or more sensitive data behind a tool that the task names exactly',
      'steps told under another workflow id, where nothing was granted',
      'small steps spread over many workflows',
      'what an API of its own adds to authorization_details, such as an amount',
    ],
    respond: [
      'Compare the cited steps with what the task was given; ask the requester whether they wanted them.',
      'Revoke the credential that carried the extra scope.',
      'Narrow the grant of the tool or connector that allowed it.',
    ],
    needs: ['workflow.scopes, authorization_details, tools or resources on start; or credential.scopes'],
    references: ['https://www.rfc-editor.org/rfc/rfc9396'],
    frameworks: ['ASI02', 'ASI03', 'NHI5', 'T1548.005', 'MAESTRO-3', 'MAESTRO-6', 'MEASURE'],
  },
  reads: ['chain'],
  wants: ['tool_call', 'message'],
  options: z.strictObject({}),
  init: (): State => ({
    ...NOTHING_CITED,
    exceeded: [],
    steps: 0,
    standing: NO_STANDING,
    userSpoke: false,
  }),
  fold(state, step, _options, { authority }) {
    const { event } = step
    if (event.kind === 'message')
      return quiet(event.message.role === 'user' && !state.userSpoke ? { ...state, userSpoke: true } : state)
    if (event.kind !== 'tool_call' || event.outcome !== 'success' || step.link !== undefined) return quiet(state)
    const reading = readStep(step)
    const exceeded = exceededBy(authority, event.at, reading, state.standing)
    if (exceeded.length === 0) {
      const standing = stand(state.standing, reading)
      return quiet(standing === state.standing ? state : { ...state, standing })
    }
    if (isApproved(authority, step, reading) || (state.userSpoke && wasAsked(authority, step))) return quiet(state)
    const next = grown(state, step, exceeded, severityOf(authority, step, reading, exceeded), authority.explicit)
    return sighted(next, {
      key: 'expansion',
      summary: summaryOf(reading, authority, next.exceeded),
      severity: next.severity,
      confidence: authority.explicit ? 0.9 : 0.6,
      evidence: next.evidence,
      terms: {
        exceeded: next.exceeded.join(','),
        explicit: authority.explicit,
        grantedBy: authority.startEventId ?? '',
        steps: next.steps,
      },
      credentialIds: reading.credential === null ? [] : [reading.credential],
    })
  },
})

function grown(
  state: State,
  step: Step,
  exceeded: readonly Dimension[],
  severity: Severity,
  isExplicit: boolean,
): State {
  const all = [...new Set([...state.exceeded, ...exceeded])]
  const steps = state.steps + 1
  const isSlow = isExplicit && steps >= SLOW_STEPS && all.length > 1
  return {
    ...state,
    ...citeMore(state, isSlow ? worse(severity, 'medium') : severity, cite(refOf(step), exceeded[0] ?? 'exceeded')),
    exceeded: all,
    steps,
  }
}

function summaryOf({ tool, scopes, details }: Reading, { task }: Authority, exceeded: readonly Dimension[]): string {
  const used = [...scopes, ...details.map(labelOfDetail)]
  const using = used.length === 0 ? '' : ` with ${used.slice(0, 3).join(', ')}`
  return `${tool}${using} lies outside what ${task ?? 'the task'} was granted (${exceeded.join(', ')})`
}

/** What a grant limits by naming it. */
const STATED: ReadonlySet<Dimension> = new Set(['scope', 'permission', 'tool', 'resource'])

function severityOf({ explicit }: Authority, step: Step, reading: Reading, exceeded: readonly Dimension[]): Severity {
  const { sensitivity, operation, isExternal } = reading
  const isGrave =
    sensitivity === 'restricted' ||
    reading.scopes.some(isHighRisk) ||
    reading.details.some(isHighRiskDetail) ||
    readsSecret(step, reading) ||
    operation === 'admin' ||
    (isExternal && sensitivity !== 'public')
  const isStated = exceeded.some((one) => STATED.has(one))
  if (!explicit) return isGrave && exceeded.some((one) => one === 'scope' || one === 'permission') ? 'medium' : 'low'
  // A new zone alone is everyday work; with more sensitive data, or a change that the scopes do not allow, it is not.
  if (!isStated) {
    if (exceeded.includes('operation'))
      return isGrave || operation === 'update' || operation === 'delete' ? 'medium' : 'low'
    return exceeded.length > 1 || (exceeded.includes('sensitivity') && isGrave) ? 'medium' : 'low'
  }
  if (isGrave) return 'high'
  const isMild =
    exceeded.length === 1 && !isConsequential(reading) && (sensitivity === 'public' || sensitivity === null)
  return isMild && exceeded[0] === 'tool' ? 'low' : 'medium'
}
