import type { Act, Authority, Severity, ToolCallEvent } from '../src/core/index.ts'
import { actsOf, type Source, short } from './orders.ts'
import { areAsked, explaining, isAddressed, isClear, isDeferring, isStanding, type Wishes } from './wishes.ts'

/** A call that follows what a source orders. */
export interface Action {
  readonly source: Source
  /** Names of the arguments that hold what the orders name. */
  readonly fields: readonly string[]
  readonly how: 'value' | 'wording' | 'told'
  readonly acts: readonly Act[]
  /** What the user's words speak of that may explain such an act; empty where nothing does. */
  readonly explained: readonly string[]
  readonly isWanted: boolean
  /** What they ask for was carried out on what the user named, and this call names nothing of that. */
  readonly isBeside: boolean
}

/** The earliest source that a call follows, the plainest first where several do. */
export function steeredBy(
  sources: readonly Source[],
  event: ToolCallEvent,
  wishes: Wishes,
  authority: Authority,
): Action | null {
  const { asked } = authority
  const fields = Object.entries(event.tool_call.arguments?.fields ?? {}).flatMap(
    ([name, [whole, ...values]]): readonly (readonly [string, readonly string[]])[] =>
      whole === undefined || asked.includes(whole)
        ? []
        : [[name, [whole, ...values].filter((value) => !asked.includes(value)).map(short)]],
  )
  if (fields.length === 0) return null
  const acts = actsOf(event)
  const explained = explaining(acts, wishes)
  const call = {
    acts,
    explained,
    isLight: acts.every((act) => LIGHT.has(act)) && !runsWhatItFetches(event),
    isWanted: explained.length > 0,
    isBeside: areAsked(wishes.aimed, explained) && !isAddressed(event, wishes, authority),
  }
  const found = sources.flatMap((source) => followed(source, fields, call, wishes) ?? [])
  return found.find(({ source }) => source.shape === 'plain') ?? found[0] ?? null
}

/** Whether a command has what it fetches from elsewhere carried out unread. */
const runsWhatItFetches = ({ tool_call: { arguments: args } }: ToolCallEvent): boolean =>
  args?.signals.includes('runs-download') === true

type Call = Pick<Action, 'acts' | 'explained' | 'isWanted' | 'isBeside'> & { readonly isLight: boolean }

/** What bare orders are held against: looking is what agents do, running what a document says to run is what builders do all day. */
const LIGHT: ReadonlySet<Act> = new Set(['look', 'run', 'build'])
const DESTRUCTIVE: ReadonlySet<Act> = new Set(['delete', 'cancel'])

/**
 * Whether a call's arguments hold what a source ordered: values that stand in the orders alone; or, where the orders speak of
 * this very act and the user does not, values that the data has too, and words of the orders. A bare order steers only by a
 * deed that it names, and only where the user, whose wishes are known, leaves nothing to others.
 */
function followed(
  source: Source,
  fields: readonly (readonly [string, readonly string[]])[],
  call: Call,
  wishes: Wishes,
): Action | null {
  const { acts } = call
  const isBare = source.shape === 'bare'
  if (source.shape === 'prose') return null
  const isNamed = acts.some((act) => source.orders.includes(act))
  if (isBare && !(isNamed && !call.isLight && isClear(wishes))) return null
  const isOrdered = isNamed && (!call.isWanted || call.isBeside)
  const hits = (list: readonly string[]): readonly string[] =>
    list.length === 0
      ? []
      : fields.filter(([, values]) => values.some((one) => list.includes(one))).map(([name]) => name)
  const hasRepeated = isOrdered && (!isBare || acts.some((act) => DESTRUCTIVE.has(act)))
  const byValue = hits(hasRepeated ? [...source.instructed, ...source.repeated] : source.instructed)
  if (byValue.length > 0) return { ...call, source, fields: byValue, how: 'value' }
  const terms = isNamed ? source.terms.filter((one) => !wishes.words.includes(one)) : []
  const byWording = hits([...source.wording, ...terms])
  return byWording.length > 0 ? { ...call, source, fields: byWording, how: 'wording' } : null
}

/**
 * How much a steered call weighs; null where it may well be what the user wants. Words that break no frame may be what the user
 * had in mind: others to be heeded, or this document acted on. An agent that sends, as it was asked to, a text with words of
 * the orders in it, may do no more than quote them.
 */
export function severityOf(
  { source, how, acts, isWanted: wanted, isBeside }: Action,
  event: ToolCallEvent,
  wishes: Wishes,
  authority: Authority,
): Severity | null {
  if (event.outcome !== 'success') return source.shape === 'bare' && wanted ? null : 'low'
  if (how === 'told') return wanted && !isBeside ? null : 'medium'
  const isWished = wanted && !isBeside
  if (source.shape === 'bare' && isWished) return null
  if (how === 'wording' && isWished) return 'low'
  if (source.shape === 'plain') return 'high'
  if (isStanding(acts, wishes)) return 'low'
  const isMeant = source.asked === 'named' || (source.asked === 'mentioned' && isAddressed(event, wishes, authority))
  return isDeferring(wishes) || (isMeant && isWished) ? 'low' : 'medium'
}
