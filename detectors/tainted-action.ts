import { z } from 'zod'
import {
  type Authority,
  cite,
  defineDetector,
  type Evidence,
  quiet,
  type Severity,
  type Step,
  sighted,
  type ToolCallEvent,
} from '../src/core/index.ts'
import { type Cited, citeMore, NOTHING_CITED, refOf } from './evidence.ts'
import { actsOf, put, type Source, short, sourceOf } from './orders.ts'
import { isConsequential, type Reading, readStep } from './reading.ts'
import { type Action, severityOf, steeredBy } from './steering.ts'
import { ELSE, isDeed, isRelated, toldBy } from './told.ts'
import { areAsked, isAddressed, NO_WISHES, type Wishes, withAim, withWishes } from './wishes.ts'

/** A steered call with what is to be said of it. */
interface Told {
  readonly tool: string
  readonly by: string
  readonly explained: Action['explained']
  readonly evidence: readonly Evidence[]
  readonly terms: Readonly<Record<string, string | boolean>>
}

/** Keeps 12 sources (about 62 kB), the user's wishes (about 8 kB) and four doubts. */
interface State extends Cited {
  readonly sources: readonly Source[]
  readonly wishes: Wishes
  /** Calls that followed orders and may be what the user wants, as long as nothing shows what that was aimed at. */
  readonly doubts: readonly Told[]
}

const MAX_DOUBTS = 4

export const taintedAction = defineDetector({
  id: 'tainted-action',
  version: 6,
  about: {
    title: 'Words from a tool result steered an action',
    severity: 'high',
    maturity: 'incubating',
    why: 'What the agent did, and to whom, came from text it read and not from what its user asked.',
    misses: [
      'instructions whose values are only common words',
      'orders in everyday words, for a deed of the kind that the user asked for, in a source the user named or with others to be heeded',
      'the same where the user asks for something in words that no table has, and nothing shows what that was',
      'files changed and programs run as a document says that the user did not speak of',
      'values assembled from parts of several results',
      'an action that carries no value of the text that steered it',
      'words read in one workflow and acted on in another',
      'an action whose tool tells neither its operation nor, by its name, what it does',
      'a deed that is known by the name of its tool alone, by a tool of another name',
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
  wants: ['tool_call', 'workflow', 'message'],
  options: z.strictObject({}),
  init: (): State => ({ sources: [], wishes: NO_WISHES, doubts: [], ...NOTHING_CITED }),
  fold(before, step, _options, { authority }) {
    const { event } = step
    if (event.kind !== 'tool_call' || step.link !== undefined) {
      const wishes = withWishes(before.wishes, event)
      return quiet(wishes === before.wishes ? before : { ...before, wishes })
    }
    const reading = readStep(step)
    const action = before.sources.length === 0 ? null : actionOf(before, event, reading, authority)
    const sources = withSource(before.sources, step, event, (values) => isAsked(values, before, authority))
    const read = sources === before.sources ? before : { ...before, sources }
    if (action === null) return withAimOf(read, event, authority)
    const severity = severityOf(action, event, before.wishes, authority)
    const told = toldOf(action, step, event)
    if (action.isWanted && severity !== 'high' && severity !== 'medium' && event.outcome === 'success') {
      const doubted = { ...read, doubts: [...read.doubts, told].slice(-MAX_DOUBTS) }
      return severity === null ? quiet(doubted) : tell(doubted, told, severity, 0.75)
    }
    return severity === null ? quiet(read) : tell(read, told, severity, action.source.shape === 'plain' ? 0.9 : 0.75)
  },
})

/** What steered a call: orders that it follows, else a sentence that speaks of it where nothing of the user's does. */
function actionOf(
  { sources, wishes }: State,
  event: ToolCallEvent,
  reading: Reading,
  authority: Authority,
): Action | null {
  const steered = steeredBy(sources, event, wishes, authority)
  const isDone = isDeed(reading, event)
  const followed = steered !== null && matters(reading, steered.source, isDone) ? steered : null
  const severity = followed === null ? null : severityOf(followed, event, wishes, authority)
  if (severity === 'high' || severity === 'medium' || !isDone) return followed
  return toldBy(sources, event, wishes, authority) ?? followed
}

/** Notes that a call did what the user asked for, to what the user named: what orders had done besides is no part of the task. */
function withAimOf(state: State, event: ToolCallEvent, authority: Authority) {
  const acts = event.outcome === 'success' ? aimedActs(event, state.wishes, authority) : []
  if (acts.length === 0) return quiet(state)
  const wishes = withAim(state.wishes, acts)
  const next = wishes === state.wishes ? state : { ...state, wishes }
  const doubt = next.doubts.find(({ explained }) => areAsked(acts, explained))
  if (doubt === undefined) return quiet(next)
  const doubts = next.doubts.filter((one) => one !== doubt)
  return tell({ ...next, doubts }, { ...doubt, terms: { ...doubt.terms, besideTheTask: true } }, 'medium', 0.7)
}

/** What a call does of what the user asked for: its acts where it names what the user named, and `else` where it speaks of it. */
function aimedActs(event: ToolCallEvent, wishes: Wishes, authority: Authority): readonly string[] {
  const acts = isAddressed(event, wishes, authority) ? actsOf(event) : []
  const isElse = wishes.signals.includes('asks-else') && !isLook(event) && isRelated(event, wishes)
  return isElse ? [...acts, ELSE] : acts
}

const isLook = (event: ToolCallEvent): boolean => actsOf(event).every((act) => act === 'look')

const toldOf = ({ source, fields, explained, isBeside }: Action, step: Step, event: ToolCallEvent): Told => ({
  tool: event.tool_call.name,
  by: source.ref.label,
  explained,
  evidence: [
    cite(source.ref, 'steering-result', { grade: 'derived' }),
    cite(refOf(step), 'steered-action', { grade: 'derived' }),
  ],
  terms: {
    fields: fields.join(','),
    sourceAsked: source.asked !== 'unasked',
    strongSigns: source.shape === 'plain',
    bareOrder: source.shape === 'bare',
    besideTheTask: isBeside,
  },
})

function tell(state: State, { tool, by, evidence, terms }: Told, now: Severity, confidence: number) {
  const cited = citeMore(state, now, ...evidence)
  return sighted(
    { ...state, ...cited },
    {
      key: 'tainted',
      summary: `${tool} acted on values that ${by} told it to use and that its user never named`,
      severity: cited.severity,
      confidence,
      evidence: cited.evidence,
      terms,
    },
  )
}

/** Changing, sending and running matter; so does what plain orders named if it looks done, or is an address reached out to. */
const matters = (reading: Reading, { shape }: Source, isDone: boolean): boolean =>
  isConsequential(reading) ||
  (shape === 'plain' && (isDone || reading.destinationType === 'url' || reading.destinationType === 'host'))

/** How the user pointed at a source: by something that names it alone, by a plain word, or not at all. */
const isAsked = (values: readonly string[], { wishes }: State, { asked }: Authority): Source['asked'] =>
  values.some((value) => asked.includes(value))
    ? 'named'
    : values.some((value) => wishes.words.includes(short(value)))
      ? 'mentioned'
      : 'unasked'

function withSource(
  sources: readonly Source[],
  step: Step,
  { tool_call: call, outcome }: ToolCallEvent,
  askedFor: (values: readonly string[]) => Source['asked'],
): readonly Source[] {
  if (outcome !== 'success' || call.result === undefined) return sources
  const isOwn = isConsequential(readStep(step)) && call.operation !== 'execute'
  const source = sourceOf(refOf(step), call.result, askedFor(call.arguments?.values ?? []), isOwn)
  return source === null ? sources : put(sources, source)
}
