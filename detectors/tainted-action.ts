import { z } from 'zod'
import {
  type Authority,
  type ContentFacts,
  cite,
  defineDetector,
  quiet,
  type Severity,
  type Step,
  type StepRef,
  sighted,
  type ToolCallEvent,
} from '../src/core/index.ts'
import { type Cited, citeMore, NOTHING_CITED, refOf } from './evidence.ts'
import { isConsequential, type Reading, readStep } from './reading.ts'

const MAX_SOURCES = 12
const MAX_VALUES = 64
/** Of a fingerprint, so many digits are enough to know it again within one chain. */
const DIGITS = 10

/** A result that told its reader to act, and the values that stood in those words. */
interface Source {
  readonly ref: StepRef
  /** Fingerprint of the whole result: the same words read again are no new source. */
  readonly print: string
  readonly instructed: readonly string[]
  /** The user pointed at this very source: what it says was asked for. */
  readonly isAsked: boolean
  readonly isStrong: boolean
}

/** Keeps 12 sources with 64 values each; at its bound the oldest weak one gives way, else the oldest. About 16 kB. */
interface State extends Cited {
  readonly sources: readonly Source[]
}

const STRONG: ReadonlySet<string> = new Set(['override', 'impersonation', 'markup'])

export const taintedAction = defineDetector({
  id: 'tainted-action',
  version: 3,
  about: {
    title: 'Words from a tool result steered an action',
    severity: 'high',
    maturity: 'incubating',
    why: 'What the agent did, and to whom, came from text it read and not from what its user asked.',
    misses: [
      'instructions whose values are only common words',
      'values assembled from parts of several results',
      'an action that carries no value of the text that steered it',
      'words read in one workflow and acted on in another',
      'an action whose tool tells neither its operation nor, by its name, what it does',
      'orders wrapped in more than one encoding, and values that are encoded anew before they are used',
    ],
    respond: [
      'Stop the agent and undo the cited action.',
      'Read the result that steered it; block its source for every agent.',
      'Check what other chains read the same source.',
    ],
    needs: ['tool_call.arguments and result (content, fingerprinted)', 'workflow.request'],
    references: ['https://genai.owasp.org/llmrisk/llm01-prompt-injection/', 'https://arxiv.org/abs/2406.13352'],
    frameworks: ['ASI01', 'ASI02', 'T1567', 'AML.T0051.001', 'AML.T0053', 'MAESTRO-2', 'MAESTRO-3', 'MEASURE'],
  },
  reads: ['chain'],
  wants: ['tool_call'],
  options: z.strictObject({}),
  init: (): State => ({ sources: [], ...NOTHING_CITED }),
  fold(state, step, _options, { authority }) {
    const { event } = step
    if (event.kind !== 'tool_call' || step.link !== undefined) return quiet(state)
    const action = state.sources.length === 0 ? null : steeredBy(state.sources, event, authority)
    const sources = withSource(state.sources, step, event, authority)
    const next = sources === state.sources ? state : { ...state, sources }
    if (action === null || !matters(readStep(step), action.source)) return quiet(next)
    const cited = citeMore(
      state,
      severityOf(action.source, event),
      cite(action.source.ref, 'steering-result', { grade: 'derived' }),
      cite(refOf(step), 'steered-action', { grade: 'derived' }),
    )
    const { evidence, severity } = cited
    return sighted(
      { ...next, ...cited },
      {
        key: 'tainted',
        summary: `${event.tool_call.name} acted on values that ${action.source.ref.label} told it to use and that its user never named`,
        severity,
        confidence: action.source.isStrong ? 0.9 : 0.75,
        evidence,
        terms: {
          fields: action.fields.join(','),
          sourceAsked: action.source.isAsked,
          strongSigns: action.source.isStrong,
        },
      },
    )
  },
})

/** Changing, sending and running matter; so does reaching out to an address that plain orders named. */
const matters = (reading: Reading, { isStrong }: Source): boolean =>
  isConsequential(reading) || (isStrong && (reading.destinationType === 'url' || reading.destinationType === 'host'))

function severityOf({ isStrong, isAsked }: Source, { outcome }: ToolCallEvent): Severity {
  if (outcome !== 'success') return 'low'
  return isStrong ? 'high' : isAsked ? 'low' : 'medium'
}

/** The earliest source whose instructed values the call's arguments hold and the user did not name. */
function steeredBy(sources: readonly Source[], { tool_call: call }: ToolCallEvent, { asked }: Authority) {
  const fields = Object.entries(call.arguments?.fields ?? {})
  for (const source of sources) {
    const hit = fields.filter(
      ([, values]) =>
        values.some((value) => source.instructed.includes(value.slice(0, DIGITS))) &&
        !values.some((value) => asked.includes(value)),
    )
    if (hit.length > 0) return { source, fields: hit.map(([name]) => name) }
  }
  return null
}

function withSource(
  sources: readonly Source[],
  step: Step,
  { tool_call: call, outcome }: ToolCallEvent,
  { asked }: Authority,
): readonly Source[] {
  const result: ContentFacts | undefined = call.result
  if (result?.instructed === undefined || outcome !== 'success') return sources
  if (sources.some(({ print }) => print === result.fingerprint)) return sources
  const source = {
    ref: refOf(step),
    print: result.fingerprint,
    instructed: result.instructed.slice(0, MAX_VALUES).map((value) => value.slice(0, DIGITS)),
    isAsked: (call.arguments?.values ?? []).some((value) => asked.includes(value)),
    isStrong: result.signals.some((signal) => STRONG.has(signal)),
  }
  if (sources.length < MAX_SOURCES) return [...sources, source]
  const weak = sources.findIndex(({ isStrong }) => !isStrong)
  return [...sources.toSpliced(Math.max(weak, 0), 1), source]
}
