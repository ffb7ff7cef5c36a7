import {
  type Act,
  type AgentEvent,
  type Authority,
  appended,
  type ContentFacts,
  isMeantBy,
  type ToolCallEvent,
} from '../src/core/index.ts'
import { short } from './orders.ts'

/** What the user's words ask for: `wants-…`, `defers`, `only-looks`, and the single words of the request. */
export interface Wishes {
  readonly signals: readonly string[]
  readonly words: readonly string[]
  /** Acts that the agent has carried out on what the user named: whom to write to, what to change. */
  readonly aimed: readonly Act[]
}

export const NO_WISHES: Wishes = { signals: [], words: [], aimed: [] }

const WANTS = 'wants-'
const ONLY_LOOKS = 'only-looks'
const MAX_SIGNALS = 24
const MAX_WORDS = 192

/** Takes in what the user asks for: what others say in the chain is not the user's wish. */
export function withWishes(wishes: Wishes, event: AgentEvent): Wishes {
  const content = event.kind === 'workflow' ? event.workflow.request : saidByUser(event)
  if (content === undefined) return wishes
  const { signals, words } = wishes
  const isFirst = signals.length + words.length === 0
  const all = [...new Set([...signals, ...content.signals])].filter(
    (one) => one !== ONLY_LOOKS || (content.signals.includes(one) && (isFirst || signals.includes(one))),
  )
  return {
    ...wishes,
    signals: all.slice(0, MAX_SIGNALS),
    words: [...words, ...(content.words ?? []).map(short)].slice(0, MAX_WORDS),
  }
}

const saidByUser = (event: AgentEvent): ContentFacts | undefined =>
  event.kind === 'message' && event.message.role === 'user' ? event.message.content : undefined

/** The acts that the user's words speak of and that may explain what a call does. */
export const explaining = (acts: readonly Act[], { signals }: Wishes): readonly string[] =>
  signals
    .filter((one) => one.startsWith(WANTS))
    .map((one) => one.slice(WANTS.length))
    .filter((asked) => acts.some((act) => isMeantBy(act, [asked])))

/** Whether acts are what some words of the user ask for, to the word. */
export const areAsked = (acts: readonly Act[], asked: readonly string[]): boolean =>
  acts.some((act) => asked.includes(act))

/** The user said what is to be done, or that nothing is, and left nothing of it to others. */
export const isClear = ({ signals }: Wishes): boolean =>
  signals.some((one) => one.startsWith(WANTS) || one === ONLY_LOOKS) && !signals.includes('defers')

export const isDeferring = ({ signals }: Wishes): boolean => signals.includes('defers')

/** Whether an argument is, as a whole, something the user named: whom to send to, what to call it. */
export const isAddressed = (
  { tool_call: { arguments: args } }: ToolCallEvent,
  { words }: Wishes,
  { asked }: Authority,
): boolean =>
  Object.values(args?.fields ?? {}).some(
    ([whole]) => whole !== undefined && (asked.includes(whole) || words.includes(short(whole))),
  )

/** Notes that acts were carried out on what the user named. */
export const withAim = (wishes: Wishes, acts: readonly Act[]): Wishes => {
  const more = acts.filter((act) => act !== 'look' && !wishes.aimed.includes(act))
  return more.length === 0 ? wishes : { ...wishes, aimed: more.reduce(appended, wishes.aimed) }
}
