const MAX_KNOWN = 5_000
/** Longer texts come once; and what is kept has a bound. */
const LONGEST_KNOWN = 128

/**
 * The same function of a text, with its answers remembered: the names of few tools, zones and agents come at every step. At
 * 5,000 answers memory starts anew. Only for functions of nothing but the text.
 */
export function remembered<T extends string | boolean | object | null>(
  answerTo: (text: string) => T,
): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const there = known.get(text)
    if (there !== undefined) return there
    const answer = answerTo(text)
    if (known.size >= MAX_KNOWN) known.clear()
    if (text.length <= LONGEST_KNOWN) known.set(text, answer)
    return answer
  }
}
