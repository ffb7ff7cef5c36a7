const compiled = new Map<string, RegExp>()
const MAX_COMPILED = 5_000

/** Whether `text` matches `pattern`, where `*` stands for any run of characters; everything else is literal. */
export function globMatches(pattern: string, text: string): boolean {
  if (pattern === text || pattern === '*') return true
  if (!pattern.includes('*')) return false
  let regex = compiled.get(pattern)
  if (regex === undefined) {
    if (compiled.size >= MAX_COMPILED) compiled.clear()
    const parts = pattern.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    regex = new RegExp(`^${parts.join('.*')}$`, 's')
    compiled.set(pattern, regex)
  }
  return regex.test(text)
}
