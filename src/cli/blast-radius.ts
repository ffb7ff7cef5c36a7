import type { Command } from 'commander'
import { blastRadiusJson } from '../../schemas/api/response.ts'
import type { BlastRadius, Held, StepRef } from '../core/index.ts'
import { blastRadius } from '../response/blast-radius.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { withPathSource } from './path-source.ts'
import { paintFor } from './render.ts'
import { withService } from './service-client.ts'
import { withStore } from './settings.ts'
import { dossierOf, type SubjectFlags, timeOf, withSubject } from './subject.ts'

interface Flags extends SubjectFlags {
  readonly json?: boolean
}

/** `catenary blast-radius --agent ID [FILE…]` */
export function addBlastRadius(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('blast-radius')
    .summary('say what a compromised path touched, and what it could still reach')
    .description(
      'Says what a workflow, an agent or a credential did: the resources it touched, where it sent things, whom it handed work ' +
        'to; and what it could still do: the credentials and grants in its hands that are live, what they open, and the step ' +
        'that says so.',
    )
    .argument('[file...]', 'the files that hold it; a service that is named, or the data folder, when there are none')
    .option('--json', 'one JSON object, as GET /v1/agents/{id}/blast-radius sends it')
  withService(withStore(withSubject(command)))
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => {
      const at = timeOf(flags)
      await withPathSource(files, flags, io, async (source) => {
        const radius = blastRadius(await dossierOf(source, flags), at)
        if (flags.json === true) io.stdout.write(`${JSON.stringify(blastRadiusJson(radius))}\n`)
        else print(radius, io)
      })
      exit(EXIT.done)
    })
}

const HELP = `${EXIT_HELP}

Examples
  catenary blast-radius --agent billing-bot events.ndjson
  catenary blast-radius --alert 3f9a --data .catenary
  catenary blast-radius --credential key-payroll-admin --at 2026-11-20T12:00:00Z --json`

const MOST = 20

function print(radius: BlastRadius, io: Io): void {
  const paint = paintFor(io)
  const { subject, held, resources, destinations, agents } = radius
  const say = (text: string): unknown => io.stdout.write(`${text}\n`)
  const list = <T>(title: string, items: readonly T[], line: (item: T) => string): void => {
    say(paint.bold(`${title} (${items.length})`))
    if (items.length === 0) say('  none')
    for (const item of items.slice(0, MOST)) say(line(item))
    if (items.length > MOST) say(paint.dim(`  … and ${items.length - MOST} more (--json prints all)`))
  }
  say(`${paint.bold(`${subject.kind} ${printable(subject.id)}`)}: ${radius.steps} steps, ${times(radius)}`)
  if (radius.isCut) say(paint.yellow(`  only the first ${radius.steps} steps were read`))
  say(`  workflows ${shortList(radius.workflowIds)}`)
  say(`  agents    ${shortList(radius.agentIds)}`)
  if (radius.principalIds.length > 0) say(`  for       ${shortList(radius.principalIds)}`)
  list('touched', resources, ({ id, type, zone, sensitivity, operations, outcomes, by }) => {
    const what = [sensitivity, zone, type].filter((word) => word !== null).join(', ')
    const done = operations.length === 0 ? counted(outcomes) : operations.join(', ')
    return `  ${printable(id)}${what === '' ? '' : paint.dim(` (${printable(what)})`)}  ${done}  ${paint.dim(stepOf(by))}`
  })
  list('sent to', destinations, ({ id, isExternal, count, by }) => {
    const where = isExternal === true ? paint.red(' outside') : isExternal === false ? ' inside' : ''
    return `  ${printable(id)}${where}  ${count} ×  ${paint.dim(stepOf(by))}`
  })
  list('handed work to', agents, ({ id, type, by }) => `  ${printable(id)}  ${type ?? ''}  ${paint.dim(stepOf(by))}`)
  const live = held.filter(({ state }) => state === 'live')
  list(`still in its hands at ${new Date(radius.at).toISOString()}`, live, (one) => heldLines(one, paint.dim))
  const ended = held.length - live.length
  if (ended > 0) say(paint.dim(`  ${ended} more are expired or revoked (--json prints all)`))
}

function heldLines(held: Held, dim: (text: string) => string): string {
  const { kind, id, type, as, from, by, expiresAt, scopes, audience, opened, alsoUsedBy } = held
  const ends = expiresAt === null ? 'no known end' : `until ${new Date(expiresAt).toISOString()}`
  const lines = [
    `  ${kind} ${printable(id)}${type === null ? '' : ` (${printable(type)})`}  ${as}${from === null ? '' : ` from ${printable(from)}`}, ${ends}  ${dim(by === null ? `(${held.grade})` : stepOf(by))}`,
  ]
  const opens = [...scopes, ...audience.map((one) => `for ${one}`)]
  if (opens.length > 0) lines.push(`      may do    ${shortList(opens)}`)
  if (opened.length > 0) lines.push(`      opened    ${shortList(opened)}`)
  const others = [...alsoUsedBy.agents, ...alsoUsedBy.workflows]
  if (others.length > 0) lines.push(`      also used by ${shortList(others)}`)
  return lines.join('\n')
}

const stepOf = ({ time, label, workflowId, eventId, grade }: StepRef): string =>
  `${time} ${printable(label)} in ${printable(workflowId)} (${printable(eventId)}, ${grade})`

const counted = (outcomes: Readonly<Record<string, number>>): string =>
  Object.entries(outcomes)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', ')

const SHORT = 6

const shortList = (items: readonly string[]): string =>
  `${items.slice(0, SHORT).map(printable).join(', ')}${items.length > SHORT ? ` and ${items.length - SHORT} more` : ''}`

const times = ({ firstAt, lastAt }: BlastRadius): string =>
  `${new Date(firstAt).toISOString()} to ${new Date(lastAt).toISOString()}`
