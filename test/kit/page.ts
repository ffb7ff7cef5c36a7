import { readFileSync } from 'node:fs'

/** The commands of a page, in order. A line that ends in a backslash, or within quotes, goes on in the next. */
export const commandsOf = (page: string): readonly string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block
      .trim()
      .split('\n')
      .reduce<string[]>((commands, line) => {
        const last = commands.at(-1) ?? ''
        if (last.endsWith('\\') || (last.match(/'/g) ?? []).length % 2 === 1) commands.splice(-1, 1, `${last}\n${line}`)
        else commands.push(line)
        return commands
      }, [])
      .filter((command) => command !== '' && !command.startsWith('#')),
  )

/** The settings that a page shows, the first of them. */
export const settingsOf = (page: string): Record<string, unknown> =>
  JSON.parse(/^```json\n([\s\S]*?)^```/m.exec(readFileSync(page, 'utf8'))?.[1] ?? '') as Record<string, unknown>

/** Of what commands have to print, by how they begin, the entry that fits this one best. */
export function entryFor<T>(entries: Readonly<Record<string, T>>, command: string): T {
  const [begin] = Object.keys(entries)
    .filter((start) => command.startsWith(start))
    .sort((a, b) => b.length - a.length)
  const entry = begin === undefined ? undefined : entries[begin]
  if (entry === undefined) throw new Error(`nothing says what ${command} prints`)
  return entry
}
