type Fields = Record<string, unknown>

/** The most texts and the most objects that are remembered; when there are more, memory starts anew. */
const MOST = 8192
/** Shorter texts are shared by the parser already; longer ones are rare. */
const SHORTEST = 11
const LONGEST = 128

const MOST_ITEMS = 16

const texts = new Map<string, string>()
/** By their first item. */
const lists = new Map<string, readonly string[]>()
/** By their `id`. */
const agents = new Map<string, Fields>()
const principals = new Map<string, Fields>()

/**
 * Lets an event share the texts and objects of its envelope and its call with events before it that had equal ones, for a hot
 * chain holds thousands of events of few agents. It says the same as before; its inner objects must not be changed.
 */
export function share(event: Fields): void {
  event['source'] = textLike(event['source'] as string)
  if (event['workflow_id'] !== undefined) event['workflow_id'] = textLike(event['workflow_id'] as string)
  if (event['agent'] !== undefined) event['agent'] = objectLike(event['agent'] as Fields, agents)
  if (event['principal'] !== undefined) event['principal'] = objectLike(event['principal'] as Fields, principals)
  if (event['kind'] === 'tool_call') shareCall(event['tool_call'] as Fields)
}

/** Most steps are calls: few tools, with few sets of scopes, and many calls with one credential. */
function shareCall(call: Fields): void {
  if (Object.isFrozen(call)) return
  call['name'] = textLike(call['name'] as string)
  if (call['credential_id'] !== undefined) call['credential_id'] = textLike(call['credential_id'] as string)
  if (call['scopes'] !== undefined) call['scopes'] = listLike(call['scopes'] as readonly string[])
}

function listLike(list: readonly string[]): readonly string[] {
  const [first] = list
  if (first === undefined || list.length > MOST_ITEMS) return list
  const known = lists.get(first)
  if (known !== undefined && known.length === list.length && known.every((text, i) => text === list[i])) return known
  if (list.some(({ length }) => length > LONGEST)) return list
  if (lists.size >= MOST) lists.clear()
  lists.set(first, list)
  return list
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
