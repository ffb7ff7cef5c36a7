import { actsOfVerb, mayBeThing } from '../src/core/index.ts'
import { isFunctionWord } from './stems.ts'

const WORD = /[\p{L}]+(?:-[\p{L}]+)*/gu
const MOST_READ = 8_192
const TO_THE_USER: ReadonlySet<string> = new Set(['me', 'us'])

const THING_BEFORE: ReadonlySet<string> = new Set(
  `the a an my our your his her its their this that these those last latest first next new unread each every any some no of in on by
   from per is are was were what which whose all open old recent next-to-last`.split(/\s+/),
)

const DETERMINERS: ReadonlySet<string> = new Set('the a an my our your his her its their'.split(' '))

/** Whether a word that may be a deed is a thing where it stands: `the launch folder`, `last post`. */
const isThing = (word: string, before: string): boolean =>
  DETERMINERS.has(before) || (mayBeThing(word) && THING_BEFORE.has(before))

/** The same where one word stands between: `the nicest reply`. */
const isDescribed = (word: string, before: string, first: string): boolean =>
  mayBeThing(word) && DETERMINERS.has(first) && actsOfVerb(before).length === 0 && !ASKING.has(before)

/** Whom one adds to something, by what follows the verb. */
const PEOPLE =
  /^[^.?!\n"“]{0,40}?(?:\b(?:[Uu]sers?|members?|collaborators?|guests?|participants?|attendees?|people|person|him|her|them|everyone|everybody|colleagues?|hires?|employees?|accounts?)\b|@|[A-Z][a-z]+)/

/** The acts that a text speaks of, as signals: `orders-message`, `wants-create`. To tell the user is to send nothing. */
export function actsIn(text: string, prefix: 'orders' | 'wants'): readonly string[] {
  const read = text.slice(0, MOST_READ)
  const words = [...read.matchAll(WORD)].map((match) => ({
    word: match[0].toLowerCase(),
    end: match.index + match[0].length,
  }))
  const found = new Set<string>()
  for (const [i, { word, end }] of words.entries()) {
    const acts = actsOfVerb(word)
    const before = words[i - 1]?.word ?? ''
    if (acts.length === 0 || isThing(word, before)) continue
    if (prefix === 'wants' && isDescribed(word, before, words[i - 2]?.word ?? '')) continue
    if ((word === 'tell' || word === 'text') && TO_THE_USER.has(words[i + 1]?.word ?? '')) continue
    if (word === 'make' && prefix === 'wants' && PRONOUNS.has(words[i + 1]?.word ?? '')) continue
    const isOfPeople = word !== 'add' || PEOPLE.test(read.slice(end, end + 80))
    for (const act of acts) if (act !== 'invite' || isOfPeople) found.add(`${prefix}-${act}`)
  }
  return [...found].sort()
}

const ASKING: ReadonlySet<string> = new Set([
  'and',
  'then',
  'please',
  'kindly',
  'must',
  'should',
  'shall',
  'to',
  'you',
  'now',
  'bitte',
])
/** What a sentence starts behind, or the first line of a list. */
const START = /(?:^|[.!?:;>\n"'`*,\])([-])[ \t*]*(?:\d{1,2}[.)][ \t]*)?$/
const SENTENCE_END = /[.!?]["')]?(?:\s|$)|\n/
/** So many sentences that order a deed are looked at. */
export const MAX_BARE = 16

/** The sentences of a text that tell somebody to do something, and no more than that: they start with a deed, or ask for one. */
export function barelyOrdered(text: string): readonly string[] {
  const found: string[] = []
  let before = ''
  let done = 0
  for (const match of text.matchAll(WORD)) {
    const word = match[0].toLowerCase()
    const isOrder =
      match.index >= done &&
      actsOfVerb(word).length > 0 &&
      /^[ \t]+\S/.test(text.slice(match.index + word.length, match.index + word.length + 3)) &&
      (ASKING.has(before) || START.test(text.slice(Math.max(0, match.index - 8), match.index)))
    before = word
    if (!isOrder) continue
    const left = text.slice(match.index)
    const end = left.search(SENTENCE_END)
    const sentence = end < 0 ? left : left.slice(0, end + 1)
    if (found.push(sentence) >= MAX_BARE) break
    done = match.index + sentence.length
  }
  return found
}

/** Ways to ask for whatever somebody else, or a document, asks for. */
const HEEDS: readonly RegExp[] = [
  /\b(?:(?<!\b(?:what|how|who|which|where|when|why) )do|make|take|follow|complete|carry out|execute|perform|take care of|handle|act on|process|implement|apply|address|fulfil?l|work (?:through|off|on)|finish|see to|make sure|resolve|settle|deal with|sort out|react to)\b[^.?!\n]{0,60}\b(?:what(?:ever)?|everything|all|any(?:thing)?|tasks?|to-?dos?|actions?|instructions?|steps?|requests?|asks?|says?|adjustments?|changes|items?|directions?|comments?|points|feedback|necessary|needed|required|accordingly)\b/i,
  /\b(?:handle|take care of|deal with|act on|process|work off|see to|follow(?:ing)?)\b/i,
  /\b(?:somebody|someone|people|colleagues?|they|he|she|who(?:ever)?|anyone|anybody|everybody|everyone)\b[^.?!\n]{0,40}\b(?:asks?|asked|asking|wants?|wanted|requests?|requested|needs?|needed)\b/i,
  /\b(?:instructions?|to-?dos?|to-?do list|tasks?|action items?|steps)\b[^.?!\n]{0,40}\b(?:in|from|on|at|of|by)\b/i,
]

/** Ways to say how a deed is done: as something says. What else it says is not asked for. */
const HOW =
  /\bas (?:it|the|its|they|he|she|my|described|written|specified|instructed|stated|asked|requested|his|her|their|per|told|agreed)\b|\baccording(?:ly| to)\b[^.?!\n]{0,40}[.?!]?$|\bthe way\b/i

/** Agreement to what was proposed. */
const AGREES =
  /^(?:yes|yep|yeah|ok(?:ay)?|sure|go ahead|please do|do (?:it|that|so)|sounds good|that works|confirmed?|correct|right|perfect|great)\b/i
/** Whatever a text before asked for. */
const CARRY_OUT = /\b(?:carry|carries) (?:it|that|this|them|these|those) out\b/i

/** What asks for nothing but to be told: questions, and sentences that start with looking or telling. */
const QUESTION =
  /^(?:(?:and|also|please|hi|hello|hey|so|then)[, ]+)*(?:what|which|who|whose|whom|how|when|where|why|is|are|was|were|(?<!\b(?:what|how|who|which|where|when|why) )do|does|did|has|have|am|any)\b/i
const LOOKS =
  /^(?:(?:and|also|please|hi|hello|hey|so|then|kindly|(?:can|could|would|will) you(?: please)?|i (?:want|need|would like|'d like) you to)[, ]+)*(?:tell|show|give|list|find|search|look|check|read|summari[sz]e|describe|explain|compare|count|calculate|compute|analy[sz]e|let me know|get(?! (?:me|us) (?:on|in|into|out|off|to|through)\b)(?! rid\b)|see|review|inspect)\b/i

/** Sentences that tell how things stand. */
const STATES =
  /^(?:the|it|they|he|she|this|that|these|those|there|my|our|his|her|i(?:'m| am)?)\b[^,;]*\b(?:is|are|am|was|were|has|have|had|'m|'s)\b/i

const sentencesOf = (text: string): readonly string[] =>
  text
    .split(/(?<=[.?!])\s+|\n+/)
    .map((one) => one.trim())
    .filter((one) => /\p{L}/u.test(one))

/** Whether every sentence only wants to know something. */
function onlyLooks(sentences: readonly string[], wants: readonly string[]): boolean {
  const asks = sentences.filter((one) => !STATES.test(one))
  const isDeed = wants.some((one) => one !== 'wants-look')
  return asks.length > 0 && !isDeed && asks.every((one) => QUESTION.test(one) || LOOKS.test(one))
}

const DO_THAT = /\b(?:do|arrange|answer|book|pay|send) (?:it|that|this|so|them)\b/i

/**
 * How far sentences leave it to others what is to be done: `all` that somebody asks for, or no more than `how`. Who asks what a
 * letter says wants to be told, unless "do that" follows.
 */
function deferring(sentences: readonly string[]): 'all' | 'how' | null {
  const rest = sentences.filter((one) => !isQuestion(one))
  const hasAsked = rest.length < sentences.length
  const all = (one: string): boolean =>
    HEEDS.some((pattern) => pattern.test(one)) ||
    AGREES.test(one) ||
    CARRY_OUT.test(one) ||
    (hasAsked && DO_THAT.test(one))
  if (rest.some(all)) return 'all'
  return rest.some((one) => HOW.test(one)) ? 'how' : null
}

const FILLERS =
  /^(?:(?:and|also|please|hi|hello|hey|so|then|kindly|now|first|next|finally|(?:can|could|would|will) you(?: please)?|i (?:want|need|would like|'d like) you to|let's)[, ]+)+/i
const NEEDS =
  /\b(?:i|we)(?: really)? (?:need|want|would like|'d like|must|have to|should|wish)\b|\b(?:i'd|we'd) like\b/i

/** To make it warm is to make nothing. */
const PRONOUNS: ReadonlySet<string> = new Set(['it', 'them', 'this', 'that', 'him', 'her', 'me', 'us'])

const isQuestion = (sentence: string): boolean => sentence.endsWith('?') && QUESTION.test(sentence)

/** Whether a sentence asks for something that no verb of the table names: nobody can say what explains it. */
function asksElse(sentence: string): boolean {
  if (isQuestion(sentence) || isStatement(sentence)) return false
  const words = [...sentence.replace(FILLERS, '').matchAll(WORD)].map((match) => match[0].toLowerCase())
  const [first = '', second] = words
  if (second === undefined) return false
  const acts = words.slice(0, 2).flatMap(actsOfVerb)
  const isMake = first === 'make' && PRONOUNS.has(second)
  if (isMake || (acts.every((act) => act === 'look') && acts.length > 0 && !LOOKS.test(sentence))) return true
  return acts.length === 0 && !isFunctionWord(first)
}

const TELLS = /^(?:the|it|they|we|he|she|i|this|that|these|those|there|my|our|his|her|its|a|an|all|some|no)\b/i

/** Whether a sentence tells how things stand, or what is needed: with nothing else asked for, that is to be seen to. */
const isStatement = (sentence: string): boolean => TELLS.test(sentence) || NEEDS.test(sentence)

function besidesOf(sentences: readonly string[], wants: readonly string[]): readonly string[] {
  const isAsked =
    wants.some((one) => one !== 'wants-look') || sentences.some((one) => isQuestion(one) || LOOKS.test(one))
  const isElse = sentences.some((one) => asksElse(one) || (!isAsked && isStatement(one)))
  return isElse ? ['asks-else'] : []
}

/**
 * What a user's own words ask for, as signals: the acts they speak of; whether others are to be heeded (`defers`), in all
 * (`heeds`); whether something is asked for that is none of the acts (`asks-else`); whether to look is all.
 */
export function wishesIn(text: string): readonly string[] {
  const read = text.slice(0, MOST_READ)
  const wants = actsIn(read, 'wants')
  const sentences = sentencesOf(read)
  const besides = besidesOf(sentences, wants)
  const defers = deferring(sentences)
  if (defers !== null) return [...wants, ...besides, 'defers', ...(defers === 'all' ? ['heeds'] : [])]
  return onlyLooks(sentences, wants) ? [...wants, ...besides, 'only-looks'] : [...wants, ...besides]
}
