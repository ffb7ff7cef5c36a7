import { shareOf } from '../../src/lab/interval.ts'
import { ALL_DETECTORS, baselinesOf, type Figures, figuresOf, type Unit } from '../../src/lab/judge.ts'
import { table } from '../../src/lab/markdown.ts'
import type { EstateResult } from './estates.ts'
import type { AuditCounts, Recording } from './files.ts'
import type { OwnCases } from './own-cases.ts'
import { figuresTable, shown } from './tables.ts'

/** All together, each detector that said anything, then the baselines. */
export function rowsOf(units: readonly Unit[]): readonly Figures[] {
  const by = new Set(units.flatMap(({ hits }) => hits.map((hit) => hit.by)))
  by.delete(ALL_DETECTORS)
  return [ALL_DETECTORS, ...[...by].sort()].map((one) => figuresOf(one, units)).concat(baselinesOf(units))
}

const counted = (units: readonly Unit[], truth: Unit['truth']): number =>
  units.filter((unit) => unit.truth === truth).length

export const transcriptSection = (name: string, units: readonly Unit[]): string =>
  `## Transcripts: ${name}

${counted(units, 'attack')} compromised, ${counted(units, 'resisted')} resisted, ${counted(units, 'benign')} benign. A line of a transcript says what is true of it;
the analysis is given a copy without that. The step of the harm is not labelled.

${figuresTable(rowsOf(units))}
`

export function techniqueSection(units: readonly Unit[]): string {
  const attacks = units.filter(({ truth }) => truth === 'attack')
  const rows = attacks.map(({ name, steps, hits }) => {
    const by = [...new Set(hits.map((hit) => hit.by))].filter((one) => one !== ALL_DETECTORS).sort()
    return [name, String(steps), by.length === 0 ? '–' : by.map((one) => `\`${one}\``).join(', ')]
  })
  return `## Cloud audit trails: one attack technique a file

${attacks.length} files of CloudTrail records, each of one technique and little else, so that there is nothing benign to count
and an alert on everything would score the same: read the table of techniques rather than the recall.

${figuresTable(rowsOf(units).filter(({ by }) => !by.startsWith('baseline: any') && !by.includes('steps')))}

${table(['technique', 'steps', 'seen at medium or more by'], rows)}
`
}

export function estateSection(results: readonly EstateResult[], seeds: readonly number[]): string {
  const units = results.flatMap((one) => one.units)
  const attacks = results.flatMap((one) => one.attacks)
  const twins = results.flatMap((one) => one.twins)
  const stories = [...new Set(attacks.map(({ story }) => story))]
  const rows = stories.map((story) => {
    const own = attacks.filter((one) => one.story === story)
    const expected = [...new Set(own.flatMap((one) => one.detectors))]
    const found = (isBy: (by: string) => boolean): string =>
      shown(shareOf(own.filter(({ unit }) => unit.hits.some((hit) => isBy(hit.by))).length, own.length))
    return [
      story,
      found((by) => by === ALL_DETECTORS),
      expected.map((id) => `\`${id}\` ${found((by) => by === id)}`).join('<br>'),
    ]
  })
  const loud = [...new Set(twins.filter(({ isAlerted }) => isAlerted).map(({ name }) => name))]
  return `## Generated estates

Seeds ${seeds.join(', ')}: ${results.reduce((sum, one) => sum + one.events, 0)} events. Every chain that no attack ran through is benign.
Attacks and detectors have one author, so these figures show that nothing broke rather than how it does in the wild.

${figuresTable(rowsOf(units))}

${table(['story', 'found', 'by the detectors that should'], rows)}

Look-alikes alerted: ${shown(shareOf(twins.filter(({ isAlerted }) => isAlerted).length, twins.length))}${loud.length === 0 ? '' : ` (${loud.join('; ')})`}.
`
}

export const casesSection = (cases: readonly OwnCases[]): string => `## Cases of the detectors

What each detector was built against, so no measure of quality; the ways round it that work are the interesting part.

${table(
  ['detector', 'attacks seen', 'twins quiet', 'evasions seen', 'evasions that work'],
  cases.map((one) => [
    `\`${one.detector}\``,
    one.attacks.join(' of '),
    one.twins.join(' of '),
    String(one.evasionsSeen),
    String(one.evasionsUnseen),
  ]),
)}
`

export function recordingsSection(found: readonly Recording[]): string {
  const read = found.filter(({ units }) => units !== null)
  const units = read.flatMap((one) => one.units ?? [])
  const alerted = figuresOf(ALL_DETECTORS, units).benign
  const unread = found.filter((one) => one.units === null).map(({ file }) => file)
  return `## Recordings of ordinary work

Agent runs of many frameworks of which nothing bad is known: ${read.length} of ${found.length} files are read,
${read.reduce((sum, one) => sum + one.events, 0)} events, ${units.length} chains. Alerted at medium or more: ${shown(alerted)}.

${
  read.some(({ alerts }) => alerts.length > 0)
    ? table(
        ['file', 'alert'],
        read.flatMap(({ file, alerts }) => alerts.map((alert) => [file, alert.replaceAll('|', '\\|')])),
      )
    : 'No alert to explain.'
}
${unread.length === 0 ? '' : `\nNo importer reads: ${unread.join(', ')}.\n`}`
}

export const auditSection = (counts: readonly AuditCounts[]): string => `## Single audit records

Test events of detection rules that look at one event each, analysed one at a time. Whether such a rule fires is no label of a
chain, and most of what they tell is posture rather than an attack on a chain: these are counts, to be looked at.

${table(
  ['source', 'records', 'read', 'rule fires: alerted', 'rule is quiet: alerted'],
  counts.map(({ source, records, read, firing, quiet }) => [
    source,
    String(records),
    String(read),
    `${firing.alerted} of ${firing.of}`,
    `${quiet.alerted} of ${quiet.of}`,
  ]),
)}
`
