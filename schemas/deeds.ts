/** Verbs by the operation they ask a tool for, in the words of `tool_call.operation`. */
const VERBS: Readonly<Record<string, string>> = {
  read: 'get read fetch open view check retrieve download look show visit browse',
  search: 'find search query look',
  list: 'list enumerate collect gather',
  send: `send transfer forward post email e-mail mail message notify reply respond answer pay refund reimburse wire share publish
    invite upload submit tell dm write`,
  create:
    'create make book reserve order buy purchase add insert write schedule register put save append subscribe arrange implement build develop',
  update: `update change modify edit set reset rename move replace adjust append put reschedule add invite unsubscribe assign mark
    label close fix solve resolve implement refactor improve repair migrate`,
  delete: 'delete remove cancel erase drop revoke clear purge withdraw',
  execute:
    'run execute install deploy start call invoke launch merge push commit build set-up fix solve resolve implement refactor improve repair migrate debug test',
  admin: 'grant assign approve enable disable configure invite add',
}

const OPERATIONS = new Map<string, string[]>()
for (const [operation, verbs] of Object.entries(VERBS)) {
  for (const verb of verbs.split(/\s+/)) OPERATIONS.set(verb, [...(OPERATIONS.get(verb) ?? []), operation])
}

/** Every verb that asks for a deed, for patterns. */
export const DEEDS: readonly string[] = [...new Set(Object.values(VERBS).flatMap((verbs) => verbs.split(/\s+/)))]

const WORD = /[a-z]+(?:-[a-z]+)*/gi
const MOST_READ = 8_192
const TO_THE_USER: ReadonlySet<string> = new Set(['me', 'us'])

/** The operations that a text speaks of, as signals: `orders-send`, `wants-create`. To tell the user is to send nothing. */
export function operationsIn(text: string, prefix: 'orders' | 'wants'): readonly string[] {
  const words = text.slice(0, MOST_READ).toLowerCase().match(WORD) ?? []
  const found = new Set<string>()
  for (const [i, word] of words.entries()) {
    if (word === 'tell' && TO_THE_USER.has(words[i + 1] ?? '')) continue
    for (const operation of OPERATIONS.get(word) ?? []) found.add(`${prefix}-${operation}`)
  }
  return [...found].sort()
}

const ASKING: ReadonlySet<string> = new Set(['and', 'then', 'please', 'kindly', 'must', 'should', 'shall', 'to', 'you'])
/** What a sentence starts behind, or the first line of a list. */
const START = /(?:^|[.!?:;>\n"'*-])[ \t*]*$/
const SENTENCE_END = /[.!?]["')]?(?:\s|$)|\n/
const MAX_BARE = 16

/** The sentences of a text that tell somebody to do something, and no more than that: they start with a deed, or ask for one. */
export function barelyOrdered(text: string): readonly string[] {
  const found: string[] = []
  let before = ''
  let done = 0
  for (const match of text.matchAll(WORD)) {
    const word = match[0].toLowerCase()
    const isOrder =
      match.index >= done &&
      OPERATIONS.has(word) &&
      (ASKING.has(before) || START.test(text.slice(Math.max(0, match.index - 4), match.index)))
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
const DEFERS: readonly RegExp[] = [
  /\b(?:do|make|follow|complete|carry out|execute|perform|take care of|handle|act on|process|implement|apply|address|fulfil?l|work (?:through|off|on)|finish|see to|make sure)\b[^.?!\n]{0,60}\b(?:what(?:ever)?|everything|all|any(?:thing)?|tasks?|to-?dos?|actions?|instructions?|steps?|requests?|asks?|says?|adjustments?|changes|items?|directions?)\b/i,
  /\bas (?:it|the|its|they|he|she|my|described|written|specified|instructed|stated|asked|requested|his|her|their|per|told|agreed)\b/i,
  /\b(?:somebody|someone|people|colleagues?|they|he|she|who(?:ever)?|anyone|anybody)\b[^.?!\n]{0,40}\b(?:asks?|asked|asking|wants?|wanted|requests?|requested|needs?|needed)\b/i,
  /\b(?:instructions?|to-?dos?|to-?do list|tasks?|action items?|steps)\b[^.?!\n]{0,40}\b(?:in|from|on|at|of|by)\b/i,
]

/** What a user's own words ask for, as signals: the operations they speak of, and whether others are to be heeded. */
export function wishesIn(text: string): readonly string[] {
  const words = text.slice(0, MOST_READ)
  return [...operationsIn(words, 'wants'), ...(DEFERS.some((pattern) => pattern.test(words)) ? ['defers'] : [])]
}
