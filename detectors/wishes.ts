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

/** What the user's words ask for: `wants-…`, `asks-else`, `defers`, `heeds`, `only-looks`, and the single words of the request. */
export interface Wishes {
  readonly signals: readonly string[]
  readonly words: readonly string[]
  /** What all the user's words speak of, and those that stand where a deed is asked for, as runs of short fingerprints. */
  readonly said: string
  readonly deeds: string
  /** What the operator's standing instructions speak of, as signals. */
  readonly standing: readonly string[]
  /** Acts that the agent has carried out on what the user named: whom to write to, what to change. */
  readonly aimed: readonly string[]
}

export const NO_WISHES: Wishes = { signals: [], words: [], said: '', deeds: '', standing: [], aimed: [] }

const WANTS = 'wants-'
const ONLY_LOOKS = 'only-looks'
const LOOKS = 'wants-look'
const MAX_SIGNALS = 24
const MAX_WORDS = 192
/** Of a run of fingerprints of eight digits: what 256 words speak of. */
const MAX_RUN = 2_048

/** Digits of one fingerprint in a run of them. */
const DIGITS = 8

/** The fingerprints of a run. */
export function split(run: string): readonly string[] {
  const prints: string[] = []
  for (let at = 0; at < run.length; at += DIGITS) prints.push(run.slice(at, at + DIGITS))
  return prints
}

/** Takes in what the user asks for: what others say in the chain is not the user's wish. */
export function withWishes(wishes: Wishes, event: AgentEvent): Wishes {
  const content = event.kind === 'workflow' ? event.workflow.request : saidBy('user', event)
  if (content === undefined) return withStanding(wishes, saidBy('system', event))
  const { signals, words } = wishes
  const isFirst = signals.length + words.length === 0
  const all = [...new Set([...signals, ...content.signals])].filter(
    (one) => one !== ONLY_LOOKS || (content.signals.includes(one) && (isFirst || signals.includes(one))),
  )
  return {
    ...wishes,
    signals: all.slice(0, MAX_SIGNALS),
    words: [...words, ...(content.words ?? []).map(short)].slice(0, MAX_WORDS),
    said: `${wishes.said}${content.sentences?.join('') ?? ''}`.slice(0, MAX_RUN),
    deeds: `${wishes.deeds}${content.deed ?? ''}`.slice(0, MAX_RUN),
  }
}

/** An operator's word explains what many tasks have in common, and so less of each. */
function withStanding(wishes: Wishes, content: ContentFacts | undefined): Wishes {
  const wants = content?.signals.filter((one) => one.startsWith(WANTS) || one === 'heeds') ?? []
  if (wants.every((one) => wishes.standing.includes(one))) return wishes
  return { ...wishes, standing: [...new Set([...wishes.standing, ...wants])].slice(0, MAX_SIGNALS) }
}

const saidBy = (role: 'user' | 'system', event: AgentEvent): ContentFacts | undefined =>
  event.kind === 'message' && event.message.role === role ? event.message.content : undefined

/** The acts that the user's words speak of and that may explain what a call does. */
export const explaining = (acts: readonly Act[], { signals }: Pick<Wishes, 'signals'>): readonly string[] =>
  signals
    .filter((one) => one.startsWith(WANTS))
    .map((one) => one.slice(WANTS.length))
    .filter((asked) => acts.some((act) => isMeantBy(act, [asked])))

/** Whether acts are what some words of the user ask for, to the word. */
export const areAsked = (acts: readonly string[], asked: readonly string[]): boolean =>
  acts.some((act) => asked.includes(act))

/** Whether the operator has the agent do such things all the time. */
export const isStanding = (acts: readonly string[], { standing }: Wishes): boolean =>
  acts.some((act) => standing.includes(`${WANTS}${act}`))

/** The user said what is to be done, or that nothing is, in words that are known, and left nothing of it to others. */
export const isClear = ({ signals }: Wishes): boolean =>
  signals.some((one) =>
    signals.includes('asks-else')
      ? one.startsWith(WANTS) && one !== LOOKS
      : one.startsWith(WANTS) || one === ONLY_LOOKS,
  ) && !signals.includes('defers')

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
export const withAim = (wishes: Wishes, acts: readonly string[]): Wishes => {
  const more = acts.filter((act) => act !== 'look' && !wishes.aimed.includes(act))
  return more.length === 0 ? wishes : { ...wishes, aimed: more.reduce(appended, wishes.aimed) }
}
