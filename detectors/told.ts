import type { Act, Authority, ToolCallEvent } from '../src/core/index.ts'
import { actsOf, type Source } from './orders.ts'
import { isConsequential, type Reading } from './reading.ts'
import type { Action } from './steering.ts'
import { areAsked, explaining, isAddressed, isClear, split, type Wishes } from './wishes.ts'

/**
 * Deeds that nothing the user said explains, and that a sentence read before speaks of: it names the deed by a word of the
 * tool's own name, or what the deed is done to by an argument. Neither a list of deeds nor signs of how orders are put are needed.
 */

/** Before all that the arguments speak of, before a leaf that is a text, and before a sentence that asks for something. */
const ALL = '~'
const TEXT = '='
const ORDER = '!'
/** A call that answers no more than this, and no prose, reports that something was done. */
const ACKNOWLEDGED = 64
/** So many words of a text that no user said are not in an order by chance. */
const DICTATED = 4
/** What is done where the user asked for something that no act is known of. */
export const ELSE = 'else'

/** Deeds that are done by looking, and running what a document says to run, which builders do all day. */
const LIGHT: ReadonlySet<Act> = new Set(['look', 'run', 'build'])

/** How the user's words explain a deed: to the word, by a deed of its kind, perhaps (many tasks are done by it), or not. */
type Explained = 'asked' | 'kin' | 'perhaps' | 'not'

interface Call {
  readonly acts: readonly Act[]
  readonly how: Explained
  /** The user asked, besides, for something that no table has. */
  readonly isElse: boolean
  readonly isDeferring: boolean
  /** The tool's words, and those of each leaf that may name something. */
  readonly deed: readonly string[]
  readonly names: readonly (readonly string[])[]
  readonly texts: readonly (readonly string[])[]
  /** No argument speaks of anything that the user speaks of, nor does the tool's name, unless the user asked for that deed. */
  readonly isUnrelated: boolean
  readonly user: ReadonlySet<string>
}

/** How much of a call one sentence speaks of. */
interface Link {
  readonly isOrder: boolean
  readonly deed: boolean
  readonly names: number
  readonly words: number
  /** A text of the call is one that it dictates. */
  readonly isDictated: boolean
}

/** Whether a call changes something: as its producer or its verb says, else as its answer looks. */
export const isDeed = (reading: Reading, { outcome, tool_call: { result, operation } }: ToolCallEvent): boolean =>
  isConsequential(reading) ||
  (operation === undefined &&
    outcome === 'success' &&
    result !== undefined &&
    result.bytes <= ACKNOWLEDGED &&
    result.sentences === undefined)

/** The earliest source of which a sentence speaks of a deed that the user does not explain. */
export function toldBy(
  sources: readonly Source[],
  event: ToolCallEvent,
  wishes: Wishes,
  authority: Authority,
): Action | null {
  const acts = actsOf(event)
  const isLight = acts.length > 0 && acts.every((act) => LIGHT.has(act))
  if (isLight || !isKnown(wishes) || sources.every(({ prose }) => prose.length === 0)) return null
  const call = callOf(event, acts, wishes)
  const source = sources.find(({ prose }) => prose.some((sentence) => isTold(linkOf(sentence, call), call)))
  if (source === undefined) return null
  const explained = call.how === 'asked' ? explaining(acts, wishes) : [ELSE]
  const isAside = call.how === 'asked' ? !isAddressed(event, wishes, authority) : true
  return {
    source,
    fields: [],
    how: 'told',
    acts,
    explained,
    isWanted: call.how === 'asked' || call.isElse,
    isBeside: isAside && areAsked(wishes.aimed, explained),
  }
}

/** The user said what is to be done, if only in words that no table has, and does not have all done that others ask for. */
const isKnown = ({ signals, standing, ...wishes }: Wishes): boolean =>
  !signals.includes('heeds') &&
  !standing.includes('heeds') &&
  (isClear({ ...wishes, signals, standing }) || signals.some((one) => one === 'asks-else' || one === 'defers'))

/** Whether what a call does or to what is something that the user speaks of. */
export const isRelated = (event: ToolCallEvent, wishes: Wishes): boolean => {
  const user = new Set(split(wishes.said))
  return hasAny(event.tool_call.arguments?.deed ?? '', user) || hasAny(argumentsOf(event), user)
}

/** All that the arguments of a call speak of. */
const argumentsOf = ({ tool_call: { arguments: args } }: ToolCallEvent): string =>
  args?.sentences?.find((run) => run.startsWith(ALL))?.slice(ALL.length) ?? ''

const hasAny = (run: string, user: ReadonlySet<string>): boolean => split(run).some((stem) => user.has(stem))

function callOf(event: ToolCallEvent, acts: readonly Act[], wishes: Wishes): Call {
  const { arguments: args } = event.tool_call
  const deed = split(args?.deed ?? '')
  const isElse = wishes.signals.includes('asks-else')
  const runs = args?.sentences ?? []
  const user = new Set(split(wishes.said))
  const how = explainedHow(event, acts, deed, wishes)
  return {
    acts,
    how,
    isElse,
    isDeferring: wishes.signals.includes('defers'),
    deed,
    names: runs.filter((run) => !run.startsWith(ALL) && !run.startsWith(TEXT)).map(split),
    texts: runs.filter((run) => run.startsWith(TEXT)).map((run) => split(run.slice(TEXT.length))),
    isUnrelated: !hasAny(argumentsOf(event), user) && (how === 'asked' || !hasAny(args?.deed ?? '', user)),
    user,
  }
}

function explainedHow(
  { tool_call: { operation } }: ToolCallEvent,
  acts: readonly Act[],
  deed: readonly string[],
  wishes: Wishes,
): Explained {
  const asked = wishes.signals.filter((one) => one.startsWith('wants-')).map((one) => one.slice('wants-'.length))
  const deeds = split(wishes.deeds)
  if (areAsked(acts, asked) || deed.some((stem) => deeds.includes(stem))) return 'asked'
  if (explaining(acts, wishes).length > 0) return 'kin'
  const isSoft = acts.includes('message') || acts.includes('create') || operation === undefined
  return isSoft || explaining(acts, { signals: wishes.standing }).length > 0 ? 'perhaps' : 'not'
}

/** What a sentence has of a call and the user's words have not. */
function linkOf(sentence: string, { deed, names, texts, user }: Call): Link {
  const isOrder = sentence.startsWith(ORDER)
  const told = new Set(split(isOrder ? sentence.slice(ORDER.length) : sentence))
  const isNew = (stem: string): boolean => told.has(stem) && !user.has(stem)
  const named = names.filter(
    (stems) => stems.length < told.size && stems.every((stem) => told.has(stem)) && stems.some(isNew),
  )
  return {
    isOrder,
    deed: deed.some((stem) => told.has(stem)),
    names: named.length,
    words: new Set(names.flat().filter(isNew)).size,
    isDictated:
      isOrder &&
      texts.some(
        (stems) =>
          stems.length >= DICTATED && stems.every((stem) => told.has(stem)) && stems.filter(isNew).length >= DICTATED,
      ),
  }
}

/** Whether what a sentence speaks of of a call outweighs what the user's words may explain of it. */
function isTold(
  { isOrder, deed, names, words, isDictated }: Link,
  { how, isElse, isDeferring, isUnrelated, acts }: Call,
): boolean {
  const isBoth = deed && (names > 0 || isDictated)
  const isMost = isOrder && ((deed && words > 1) || names > 1)
  if (how === 'asked') return isBoth && isUnrelated && !isDeferring
  if (how === 'kin') return !isElse && !isDeferring && isUnrelated && (isBoth || (isOrder && names > 1))
  if (isElse) return isUnrelated && (isBoth || (isOrder && names > 1))
  if (isDeferring) return isBoth
  if (how === 'perhaps') return isBoth || (isMost && !acts.includes('message'))
  return isBoth || isMost || (isOrder && names > 0)
}
