import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Unit, unitsOf } from '../../src/lab/judge.ts'
import { chainKey, watch } from '../../src/lab/watch.ts'
import { arrivalsOf, engineParts } from '../../src/main.ts'

interface Line {
  readonly messages?: unknown
  readonly metadata?: { readonly injection_task_id?: unknown; readonly security?: unknown }
}

/**
 * Transcripts with what is true of each in its `metadata`: no injection task is benign, `security` true a compromise, false an
 * attack that was resisted. What is analysed is a copy that holds the messages and nothing else.
 */
export async function transcriptUnits(path: string, scratch: string): Promise<readonly Unit[]> {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
  const bare = join(scratch, 'transcripts.ndjson')
  const idOf = (i: number): string => `transcript-${i + 1}`
  writeFileSync(bare, lines.map(({ messages }, i) => `${JSON.stringify({ id: idOf(i), messages })}\n`).join(''))
  const seen = await watch(
    arrivalsOf({ files: [bare], format: 'chat' }, () => 0),
    engineParts(),
  )
  const chains = (isWanted: (line: Line) => boolean): readonly string[] =>
    lines.flatMap((line, i) => (isWanted(line) ? [chainKey('default', idOf(i))] : []))
  const isTried = ({ metadata }: Line): boolean => (metadata?.injection_task_id ?? null) !== null
  return unitsOf(seen, {
    attacks: chains((line) => isTried(line) && line.metadata?.security === true).map((chain) => ({
      name: chain,
      chains: [chain],
    })),
    resisted: new Set(chains((line) => isTried(line) && line.metadata?.security !== true)),
  })
}
