const MAX_KNOWN = 5_000
const LONGEST_KNOWN = 64

const known = new Map<string, string>()

/** The words of a tool's name, in small letters: `github.create_deployKey` → `github create deploy key`. */
export function wordsOf(name: string): string {
  if (name.length > LONGEST_KNOWN) return split(name)
  let words = known.get(name)
  if (words === undefined) {
    // Few tools are called often; the names of resources come and go.
    if (known.size >= MAX_KNOWN) known.clear()
    words = split(name)
    known.set(name, words)
  }
  return words
}

const split = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .toLowerCase()
    .trim()
