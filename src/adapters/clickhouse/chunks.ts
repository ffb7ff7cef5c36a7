/** Keys bound in one query. A server takes them in its URL: a value of at most 128 KiB, in UTF-8. */
const MAX_KEYS = 500
const MAX_CHARS = 32_000

/** As many items at a time as one query takes the texts of. */
export function* chunksOf<T>(items: Iterable<T>, textOf: (item: T) => string): Generator<readonly T[]> {
  let chunk: T[] = []
  let chars = 0
  for (const item of items) {
    const size = textOf(item).length
    if (chunk.length === MAX_KEYS || (chunk.length > 0 && chars + size > MAX_CHARS)) {
      yield chunk
      chunk = []
      chars = 0
    }
    chunk.push(item)
    chars += size
  }
  if (chunk.length > 0) yield chunk
}
