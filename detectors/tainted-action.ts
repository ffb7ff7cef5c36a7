import { z } from 'zod'
import {
  type AgentEvent,
  type Authority,
  type ContentFacts,
  cite,
  defineDetector,
  quiet,
  type Severity,
  type Step,
  sighted,
  type ToolCallEvent,
} from '../src/core/index.ts'
import { type Cited, citeMore, NOTHING_CITED, refOf } from './evidence.ts'
import { isWanted, put, type Source, short, sourceOf } from './orders.ts'
import { isConsequential, type Reading, readStep } from './reading.ts'

/** What the user's words ask for: `wants-…` and `defers`, and the single words of the request. Bounded by what is kept of them. */
interface Wishes {
  readonly signals: readonly string[]
  readonly words: readonly string[]
}

/** Keeps 12 sources (about 16 kB) and the user's wishes (about 3 kB). */
interface State extends Cited {
  readonly sources: readonly Source[]
  readonly wishes: Wishes
}

export const taintedAction = defineDetector({
  id: 'tainted-action',
  version: 4,
  about: {
    title: 'Words from a tool result steered an action',
    severity: 'high',
    maturity: 'incubating',
    why: 'What the agent did, and to whom, came from text it read and not from what its user asked.',
    misses: [
      'instructions whose values are only common words',
      'orders in everyday words, for a deed of the kind that the user asked for, in a source the user named or with others to be heeded',
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
  wants: ['tool_call', 'workflow', 'message'],
  options: z.strictObject({}),
  init: (): State => ({ sources: [], wishes: { signals: [], words: [] }, ...NOTHING_CITED }),
  fold(state, step, _options, { authority }) {
    const { event } = step
    if (event.kind !== 'tool_call' || step.link !== undefined) return quiet(withWishes(state, event))
    const action = state.sources.length === 0 ? null : steeredBy(state, event, authority)
    const sources = withSource(state.sources, step, event, (values) => isAsked(values, state, authority))
    const next = sources === state.sources ? state : { ...state, sources }
    if (action === null || !matters(readStep(step), action.source)) return quiet(next)
    const { source } = action
    const cited = citeMore(
      state,
      severityOf(action, event, state.wishes),
      cite(source.ref, 'steering-result', { grade: 'derived' }),
      cite(refOf(step), 'steered-action', { grade: 'derived' }),
    )
    const { evidence, severity } = cited
    return sighted(
      { ...next, ...cited },
      {
        key: 'tainted',
        summary: `${event.tool_call.name} acted on values that ${source.ref.label} told it to use and that its user never named`,
        severity,
        confidence: source.shape === 'plain' ? 0.9 : 0.75,
        evidence,
        terms: {
          fields: action.fields.join(','),
          sourceAsked: source.asked !== 'unasked',
          strongSigns: source.shape === 'plain',
          bareOrder: source.shape === 'bare',
        },
      },
    )
  },
})

/** Changing, sending and running matter; so does reaching out to an address that plain orders named. */
const matters = (reading: Reading, { shape }: Source): boolean =>
  isConsequential(reading) ||
  (shape === 'plain' && (reading.destinationType === 'url' || reading.destinationType === 'host'))

/**
 * Words that break no frame may be what the user had in mind: others to be heeded, or this document acted on. An agent that
 * sends, as it was asked to, a text with words of the orders in it, may do no more than quote them.
 */
function severityOf({ source, how }: Action, event: ToolCallEvent, wishes: Wishes): Severity {
  const { signals } = wishes
  if (event.outcome !== 'success') return 'low'
  const isWished = isWanted(event, signals)
  if (how === 'wording' && isWished) return 'low'
  if (source.shape === 'plain') return 'high'
  const isMeant = source.asked === 'named' || (source.asked === 'mentioned' && isAddressed(event, wishes))
  return signals.includes('defers') || (isMeant && isWished) ? 'low' : 'medium'
}

/** How the user pointed at a source: by something that names it alone, by a plain word, or not at all. */
const isAsked = (values: readonly string[], { wishes }: State, { asked }: Authority): Source['asked'] =>
  values.some((value) => asked.includes(value))
    ? 'named'
    : values.some((value) => wishes.words.includes(short(value)))
      ? 'mentioned'
      : 'unasked'

/** Whether an argument is, as a whole, a word of the user's: whom to send to, what to call it. */
const isAddressed = ({ tool_call: { arguments: args } }: ToolCallEvent, { words }: Wishes): boolean =>
  Object.values(args?.fields ?? {}).some(([whole]) => whole !== undefined && words.includes(short(whole)))

const MAX_WISHES = 12
const MAX_WORDS = 192

/** Takes in what the user asks for: what others say in the chain is not the user's wish. */
function withWishes(state: State, event: AgentEvent): State {
  const content = event.kind === 'workflow' ? event.workflow.request : saidByUser(event)
  if (content === undefined) return state
  const { signals, words } = state.wishes
  return {
    ...state,
    wishes: {
      signals: [...new Set([...signals, ...content.signals])].slice(0, MAX_WISHES),
      words: [...words, ...(content.words ?? []).map(short)].slice(0, MAX_WORDS),
    },
  }
}

const saidByUser = (event: AgentEvent): ContentFacts | undefined =>
  event.kind === 'message' && event.message.role === 'user' ? event.message.content : undefined

interface Action {
  readonly source: Source
  /** Names of the arguments that hold what the orders name. */
  readonly fields: readonly string[]
  readonly how: 'value' | 'wording'
}

/** The earliest source that a call follows, the plainest first where several do. */
function steeredBy({ sources, wishes }: State, event: ToolCallEvent, { asked }: Authority): Action | null {
  const fields = Object.entries(event.tool_call.arguments?.fields ?? {}).flatMap(
    ([name, [whole, ...values]]): readonly (readonly [string, readonly string[]])[] =>
      whole === undefined || asked.includes(whole)
        ? []
        : [[name, [whole, ...values].filter((value) => !asked.includes(value)).map(short)]],
  )
  const found = sources.flatMap((source) => followed(source, fields, event, wishes.signals) ?? [])
  return found.find(({ source }) => source.shape === 'plain') ?? found[0] ?? null
}

/** What bare orders are held against: running what a document says to run is what builders do all day. */
const WEIGHTY: ReadonlySet<string> = new Set(['send', 'create', 'update', 'delete', 'admin'])

/**
 * Whether a call's arguments hold what a source ordered: values that stand in the orders alone; or, where the orders speak of
 * this very operation and the user does not, values that the data has too. A bare order steers only by a deed of which the
 * user, whose wishes are known, said nothing.
 */
function followed(
  source: Source,
  fields: readonly (readonly [string, readonly string[]])[],
  event: ToolCallEvent,
  wishes: readonly string[],
): Action | null {
  const { operation = '' } = event.tool_call
  const isOrdered = source.orders.includes(operation) && !isWanted(event, wishes)
  if (source.shape === 'bare' && !(isOrdered && WEIGHTY.has(operation) && isClear(wishes))) return null
  const hits = (list: readonly string[]): readonly string[] =>
    list.length === 0
      ? []
      : fields.filter(([, values]) => values.some((one) => list.includes(one))).map(([name]) => name)
  const byValue = hits(
    isOrdered && source.shape !== 'bare' ? [...source.instructed, ...source.repeated] : source.instructed,
  )
  if (byValue.length > 0) return { source, fields: byValue, how: 'value' }
  const byWording = hits(source.wording)
  return byWording.length > 0 ? { source, fields: byWording, how: 'wording' } : null
}

/** The user said what is to be done, and left nothing of it to others. */
const isClear = (wishes: readonly string[]): boolean =>
  wishes.some((one) => one.startsWith('wants-')) && !wishes.includes('defers')

function withSource(
  sources: readonly Source[],
  step: Step,
  { tool_call: call, outcome }: ToolCallEvent,
  askedFor: (values: readonly string[]) => Source['asked'],
): readonly Source[] {
  if (outcome !== 'success' || call.result === undefined) return sources
  const source = sourceOf(refOf(step), call.result, askedFor(call.arguments?.values ?? []))
  return source === null ? sources : put(sources, source)
}
