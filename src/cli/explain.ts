import type { Command } from 'commander'
import { frameworkOf } from '../../detectors/frameworks.ts'
import { explanationJson } from '../../schemas/api/alert.ts'
import { type Alert, type Counterfactual, type SmallestSet, type Step, smallestSet } from '../core/index.ts'
import { counterfactuals, fallsWithout } from '../engine/replay.ts'
import { stepsInStore } from '../service/stored-path.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { alertOf, type PathSource, type SourceFlags, withPathSource } from './path-source.ts'
import { paintFor, renderAlert } from './render.ts'
import { withService } from './service-client.ts'
import { withDetectors, withStore } from './settings.ts'

interface Flags extends SourceFlags {
  readonly json?: boolean
}

/** `catenary explain ALERT [FILE…]` */
export function addExplain(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('explain')
    .summary('say why an alert was raised, and what would have kept it quiet')
    .description(
      'Says why an alert was raised: the steps it stands on, the terms that held, what the chain would score without each ' +
        'piece of evidence, which single event carries the score, and the smallest set of events without which the alert ' +
        'falls. Each “without” is the whole chain folded again.',
    )
    .argument('<alert>', 'the alert id or the start of one')
    .argument('[file...]', 'the files it came from; a service that is named, or the data folder, when there are none')
    .option('--json', 'one JSON object, as GET /v1/alerts/{id}/explain sends it')
  withService(withDetectors(withStore(command)))
    .addHelpText('after', HELP)
    .action(async (id: string, files: string[], flags: Flags) => {
      await withPathSource(files, flags, io, (source) => explain(id, source, flags.json === true, io))
      exit(EXIT.done)
    })
}

const HELP = `${EXIT_HELP}

Examples
  catenary explain 3f9a events.ndjson
  catenary explain 3f9a --data .catenary --json`

async function explain(id: string, source: PathSource, isJson: boolean, io: Io): Promise<void> {
  const alert = await alertOf(source, id)
  const steps = await stepsInStore(source.reader, alert.tenant, alert.workflowId)
  const own = alert.evidence.filter(({ workflowId }) => workflowId === alert.workflowId)
  const without = counterfactuals(steps, source.parts, alert.detector, own)
  const smallest = smallestOf(alert, steps, without, source)
  if (isJson) io.stdout.write(`${JSON.stringify(explanationJson(alert, without, smallest, frameworkOf))}\n`)
  else print(alert, steps, { without, smallest }, io)
}

/** What weighs most is tried first. */
function smallestOf(
  alert: Alert,
  steps: readonly Step[],
  without: readonly Counterfactual[],
  { parts }: PathSource,
): SmallestSet | null {
  const search = smallestSet(without.map(({ eventId }) => eventId))
  let next = search.next()
  while (next.done !== true) next = search.next(fallsWithout(steps, parts, alert, next.value))
  return next.value
}

interface Found {
  readonly without: readonly Counterfactual[]
  readonly smallest: SmallestSet | null
}

function print(alert: Alert, steps: readonly Step[], { without, smallest }: Found, io: Io): void {
  const paint = paintFor(io)
  const say = (text: string): unknown => io.stdout.write(`${text}\n`)
  io.stdout.write(renderAlert(alert, steps, frameworkOf, paint))
  say(`\n  ${paint.bold('what held')}`)
  for (const [term, value] of Object.entries(alert.terms)) say(`    ${term}: ${printable(String(value))}`)
  say(`  ${paint.bold('what would have kept it quiet')}`)
  const quiet = without.filter(({ falls }) => falls)
  if (quiet.length === 0) say(`    no single event: ${alert.detector} has enough without each of them`)
  for (const { label, eventId } of quiet) say(`    without ${printable(label)} (${printable(eventId)})`)
  say(`  ${paint.bold('the alert falls without')}`)
  if (smallest === null) say('    nothing here: it stands without all of its evidence in this workflow')
  for (const id of smallest?.eventIds ?? []) {
    const label = without.find(({ eventId }) => eventId === id)?.label ?? ''
    say(`    ${printable(label)} (${printable(id)})`)
  }
  if (smallest?.isSmallest === false) say('    (none of these can be put back; not every smaller set was tried)')
  say(`  ${paint.bold('the score without each')}`)
  for (const { label, score } of without) say(`    ${String(score).padStart(3)}  ${printable(label)}`)
  const [first] = without
  if (first !== undefined && first.score < alert.score)
    say(
      `  ${paint.bold('carried by')} ${printable(first.label)} (${printable(first.eventId)}): ${alert.score} with it, ${first.score} without`,
    )
}
