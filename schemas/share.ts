type Fields = Record<string, unknown>

/** The most texts and the most objects that are remembered; when there are more, memory starts anew. */
const MOST = 8192
/** Shorter texts are shared by the parser already; longer ones are rare. */
const SHORTEST = 11
const LONGEST = 128

const texts = new Map<string, string>()
/** By their `id`. */
const agents = new Map<string, Fields>()
const principals = new Map<string, Fields>()

/**
 * Lets an event share the texts and objects of its envelope with events before it that had equal ones, for a hot chain holds
 * thousands of events of few agents. It says the same as before; its inner objects must not be changed.
 */
export function share(event: Fields): void {
  event['source'] = textLike(event['source'] as string)
  if (event['workflow_id'] !== undefined) event['workflow_id'] = textLike(event['workflow_id'] as string)
  if (event['agent'] !== undefined) event['agent'] = objectLike(event['agent'] as Fields, agents)
  if (event['principal'] !== undefined) event['principal'] = objectLike(event['principal'] as Fields, principals)
}

function textLike(text: string): string {
  if (text.length < SHORTEST || text.length > LONGEST) return text
  const known = texts.get(text)
  if (known !== undefined) return known
  if (texts.size >= MOST) texts.clear()
  texts.set(text, text)
  return text
}

function objectLike(object: Fields, known: Map<string, Fields>): Fields {
  const id = object['id'] as string
  const there = known.get(id)
  if (there !== undefined && isSame(there, object)) return there
  if (!isSmall(object)) return object
  if (known.size >= MOST) known.clear()
  known.set(id, object)
  return object
}

/** Whether two objects have the same fields with the same plain values. An inner object is like none but itself. */
function isSame(one: Fields, other: Fields): boolean {
  let more = 0
  for (const name in one) {
    if (one[name] !== other[name]) return false
    more += 1
  }
  for (const _ in other) more -= 1
  return more === 0
}

/** What is remembered is bounded: a few short texts. */
function isSmall(object: Fields): boolean {
  for (const name in object) {
    const item = object[name]
    if (typeof item === 'string' ? item.length > LONGEST : typeof item === 'object') return false
  }
  return true
}
