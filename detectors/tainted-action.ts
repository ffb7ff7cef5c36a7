import { z } from 'zod'
import {
  type ContentFacts,
  cite,
  defineDetector,
  type Evidence,
  quiet,
  refTo,
  type Severity,
  type Step,
  type StepRef,
  sighted,
  type ToolCallEvent,
} from '../src/core/index.ts'
import { isConsequential, readStep } from './reading.ts'

const MAX_SOURCES = 24
const MAX_VALUES = 96
const MAX_CITED = 10
const RANK: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical']

/** A result that told its reader to act, and the values that stood in those words. */
interface Source {
  readonly ref: StepRef
  readonly instructed: readonly string[]
  /** The user pointed at this very source: what it says was asked for. */
  readonly isAsked: boolean
  readonly isStrong: boolean
}

/** Keeps the latest 24 sources with 96 values each; older ones are forgotten. */
interface State {
  readonly sources: readonly Source[]
  readonly evidence: readonly Evidence[]
  readonly severity: Severity
}

const STRONG: ReadonlySet<string> = new Set(['override', 'impersonation', 'markup'])

export const taintedAction = defineDetector({
  id: 'tainted-action',
  version: 1,
  about: {
    title: 'Words from a tool result steered an action',
    severity: 'high',
    maturity: 'incubating',
    why: 'What the agent did, and to whom, came from text it read and not from what its user asked.',
    misses: [
      'instructions whose values are only common words',
      'values assembled from parts of several results',
      'an action that carries no value of the text that steered it',
    ],
    respond: [
      'Stop the agent and undo the cited action.',
      'Read the result that steered it; block its source for every agent.',
      'Check what other chains read the same source.',
    ],
    needs: ['tool_call.arguments and result (content, fingerprinted)', 'workflow.request'],
    references: ['https://genai.owasp.org/llmrisk/llm01-prompt-injection/', 'https://arxiv.org/abs/2406.13352'],
    frameworks: ['ASI01', 'ASI02', 'T1567'],
  },
  reads: ['chain'],
  wants: ['tool_call'],
  options: z.strictObject({}),
  init: (): State => ({ sources: [], evidence: [], severity: 'info' }),
  fold(state, step, _options, { authority }) {
    const { event } = step
    if (event.kind !== 'tool_call' || step.link !== undefined) return quiet(state)
    const asked = new Set(authority.asked)
    const action = steeredBy(state.sources, event, asked)
    const next = { ...state, sources: withSource(state.sources, step, event, asked) }
    if (action === null || !isConsequential(readStep(step))) return quiet(next.sources === state.sources ? state : next)
    const severity: Severity =
      event.outcome !== 'success' ? 'low' : action.source.isStrong ? 'high' : action.source.isAsked ? 'low' : 'medium'
    const evidence =
      next.evidence.length < MAX_CITED
        ? [
            ...next.evidence,
            cite(action.source.ref, 'steering-result', { grade: 'derived' }),
            cite(refTo(step), 'steered-action', { grade: 'derived' }),
          ]
        : next.evidence
    const worst = RANK.indexOf(severity) > RANK.indexOf(state.severity) ? severity : state.severity
    return sighted(
      { ...next, evidence, severity: worst },
      {
        key: 'tainted',
        summary: `${event.tool_call.name} acted on values that ${action.source.ref.label} told it to use and that its user never named`,
        severity: worst,
        confidence: action.source.isStrong ? 0.9 : 0.75,
        evidence: unique(evidence),
        terms: {
          fields: action.fields.join(','),
          sourceAsked: action.source.isAsked,
          strongSigns: action.source.isStrong,
        },
      },
    )
  },
})

/** The earliest source whose instructed values the call's arguments hold and the user did not name. */
function steeredBy(sources: readonly Source[], { tool_call: call }: ToolCallEvent, asked: ReadonlySet<string>) {
  const fields = Object.entries(call.arguments?.fields ?? {})
  for (const source of sources) {
    const told = new Set(source.instructed)
    const hit = fields.filter(
      ([, values]) => values.some((value) => told.has(value)) && !values.some((value) => asked.has(value)),
    )
    if (hit.length > 0) return { source, fields: hit.map(([name]) => name) }
  }
  return null
}

function withSource(
  sources: readonly Source[],
  step: Step,
  { tool_call: call, outcome }: ToolCallEvent,
  asked: ReadonlySet<string>,
): readonly Source[] {
  const result: ContentFacts | undefined = call.result
  if (result?.instructed === undefined || outcome !== 'success') return sources
  const isAsked = (call.arguments?.values ?? []).some((value) => asked.has(value))
  const source = {
    ref: refTo(step),
    instructed: result.instructed.slice(0, MAX_VALUES),
    isAsked,
    isStrong: result.signals.some((signal) => STRONG.has(signal)),
  }
  return [...sources.slice(1 - MAX_SOURCES), source]
}

const unique = (evidence: readonly Evidence[]): readonly Evidence[] => [
  ...new Map(evidence.map((one) => [one.eventId, one])).values(),
]
