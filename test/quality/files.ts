import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isLoud } from '../../src/core/index.ts'
import type { Unit } from '../../src/lab/judge.ts'
import { unitsOf } from '../../src/lab/judge.ts'
import { type Seen, watch } from '../../src/lab/watch.ts'
import { arrivalsOf, engineParts } from '../../src/main.ts'
import { arrivalsOfRecord } from './records.ts'

const seenIn = (path: string): Promise<Seen> =>
  watch(
    arrivalsOf({ files: [path] }, () => 0),
    engineParts(),
  )

/** Every file below a folder that holds records. */
export const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

/** Recordings of one attack technique each, named by the file: all chains of a file are one attack. */
export async function techniqueUnits(folder: string): Promise<readonly Unit[]> {
  const units: Unit[] = []
  for (const path of filesBelow(folder)) {
    const seen = await seenIn(path)
    const attack = { name: basename(path).replace(/\.json$/, ''), chains: [...seen.chains.keys()] }
    units.push(...unitsOf(seen, { attacks: [attack] }))
  }
  return units
}

/** A recording of which nothing bad is known. */
export interface Recording {
  readonly file: string
  /** Null: no importer reads it. */
  readonly units: readonly Unit[] | null
  readonly events: number
  /** What was alerted at medium or more, to be explained: `detectors: summary`. */
  readonly alerts: readonly string[]
}

/** Recordings of ordinary work, each analysed by itself; all their chains are taken for benign. */
export async function recordings(folder: string): Promise<readonly Recording[]> {
  const found: Recording[] = []
  for (const path of filesBelow(folder)) {
    const seen = await seenIn(path)
    const loud = seen.alerts.filter(({ alert }) => isLoud(alert))
    found.push({
      file: path.slice(folder.length + 1),
      events: seen.events,
      units: seen.events === 0 ? null : unitsOf(seen, { attacks: [] }),
      alerts: loud.map(({ alert }) => `${alert.detectors.join(', ')}: ${alert.summary}`),
    })
  }
  return found
}

/** Records of one audit source: each a test event of a rule that looks at single events. */
export interface AuditCounts {
  readonly source: string
  readonly records: number
  /** Records that an importer made events of. */
  readonly read: number
  /** Records that their rule fires on and that it does not, and how many of each are alerted when analysed alone. */
  readonly firing: { readonly of: number; readonly alerted: number }
  readonly quiet: { readonly of: number; readonly alerted: number }
}

/** Single audit records, analysed one by one. `expected` is no label of a chain: the counts are only counts. */
export async function auditCounts(path: string): Promise<AuditCounts> {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly event: unknown; readonly expected: boolean })
  const [firing, quiet] = [
    { of: 0, alerted: 0 },
    { of: 0, alerted: 0 },
  ]
  for (const { event, expected } of lines) {
    const arrivals = arrivalsOfRecord(event, basename(path))
    if (arrivals === null || arrivals.every(({ ok }) => !ok)) continue
    const { alerts } = await watch(arrivals, engineParts())
    const counts = expected ? firing : quiet
    counts.of += 1
    if (alerts.some(({ alert }) => isLoud(alert))) counts.alerted += 1
  }
  const source = basename(path).replace(/\.ndjson$/, '')
  return { source, records: lines.length, read: firing.of + quiet.of, firing, quiet }
}
