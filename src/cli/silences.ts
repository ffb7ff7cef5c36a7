import { type Command, InvalidArgumentError } from 'commander'
import type { z } from 'zod'
import { OneQuery, SilencesQuery } from '../../schemas/api/query.ts'
import { type Silence, SilenceMatch, type SilencePreview } from '../../schemas/api/silence.ts'
import { CatenaryError } from '../core/index.ts'
import type { ApiClient, Asked } from '../ports/index.ts'
import { wholeNumber } from './flags.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { clock, fieldLines } from './page-text.ts'
import { queryOf, withQuery } from './query-options.ts'
import { addResource, type Resource } from './resource.ts'
import { type ServiceFlags, withClient, withService } from './service-client.ts'

type Row = z.output<typeof Silence>
type Preview = z.output<typeof SilencePreview>

interface Flags extends ServiceFlags {
  readonly tenant?: string
  readonly reason?: string
  readonly for?: number
  readonly days?: number
  readonly json?: boolean
}

/** `catenary silences list | show | preview | add | remove` */
export function addSilences(program: Command, io: Io, exit: Exit): void {
  const group = addResource({ program, io, exit }, SILENCES)
  const matching = (name: string, about: string): Command =>
    withService(withQuery(withQuery(group.command(name).description(about), SilenceMatch), OneQuery)).option(
      '--json',
      'one JSON object, as the API sends it',
    )
  matching('preview', 'Tells what a silence would have kept from being sent. Nothing is changed.')
    .option('--days <n>', 'how many of the last days to look at (7)', wholeNumber(1, 90))
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const body = { matches: matchesOf(flags), ...(flags.days === undefined ? {} : { days: flags.days }) }
      const preview = await asked<Preview>(io, flags, { method: 'POST', path: 'v1/silences/preview', body })
      io.stdout.write(flags.json === true ? `${JSON.stringify(preview)}\n` : previewText(preview))
      exit(EXIT.done)
    })
  matching('add', 'Keeps alerts from being sent for a while. They are stored, scored and listed as any other.')
    .requiredOption('--reason <text>', 'why these are not to be sent')
    .requiredOption('--for <time>', 'how long: 30m, 12h, 7d', durationOf)
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const expires = new Date(Date.now() + (flags.for ?? 0)).toISOString()
      const body = { matches: matchesOf(flags), reason: flags.reason, expires_at: expires }
      told(await asked<Row>(io, flags, { method: 'POST', path: 'v1/silences', body }), flags, io)
      exit(EXIT.done)
    })
  withService(withQuery(group.command('remove').argument('<id>', 'of a silence'), OneQuery))
    .description('Ends a silence before its time: what was held back and still stands is sent.')
    .option('--json', 'one JSON object, as the API sends it')
    .addHelpText('after', EXIT_HELP)
    .action(async (id: string, flags: Flags) => {
      told(await asked<Row>(io, flags, { method: 'DELETE', path: `v1/silences/${encodeURIComponent(id)}` }), flags, io)
      exit(EXIT.done)
    })
}

const HELP = `
An alert is silenced when it has all that is named. A star at the end of a text stands for anything: 'crm.*'. Look at what it would
have kept quiet before you add it.
${EXIT_HELP}

Examples
  catenary silences preview --detector rare-path --agent 'nightly-*'
  catenary silences add --detector rare-path --agent 'nightly-*' --max-severity medium --for 7d --reason 'new night job, CHG-1042'`

const SILENCES: Resource<Row> = {
  name: 'silences',
  one: 'a silence',
  about: 'silences: alerts that are not sent for a while',
  query: SilencesQuery,
  idOf: ({ id }) => id,
  head: ['status', 'until', 'matches', 'reason', 'by', 'silence'],
  row: ({ status, expires_at, matches, reason, created_by, id }) => [
    status,
    clock(expires_at),
    matchText(matches),
    reason,
    created_by,
    id,
  ],
  page: async (silence) =>
    fieldLines([
      ['silence', silence.id],
      ['status', silence.status],
      ['tenant', silence.tenant],
      ['matches', matchText(silence.matches)],
      ['reason', silence.reason],
      ['from', `${clock(silence.created_at)} by ${silence.created_by}`],
      ['until', clock(silence.expires_at)],
      ['removed', silence.removed_at === null ? null : `${clock(silence.removed_at)} by ${silence.removed_by ?? ''}`],
    ]),
  examples: `  catenary silences list --active true
  catenary silences show 3f2a…`,
}

const matchText = (matches: Row['matches']): string =>
  Object.entries(matches)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

/** A silence of everything is nobody's wish. */
function matchesOf(flags: Flags): object {
  const matches = queryOf(SilenceMatch, flags as object as Record<string, unknown>)
  if (Object.keys(matches).length > 0) return matches
  throw new CatenaryError('CAT_USAGE', 'say which alerts: give one of --detector, --agent, --tool and the like')
}

async function asked<T>(io: Io, flags: Flags, what: Asked): Promise<T> {
  let body: unknown
  await withClient(io, flags, async (client: ApiClient, place) => {
    const tenant = flags.tenant ?? place.tenant
    body = (await client.ask({ ...what, ...(tenant === undefined ? {} : { query: { tenant } }) })).body
  })
  return body as T
}

function told(silence: Row, { json }: Flags, io: Io): void {
  const { id, status, matches, expires_at } = silence
  const line = `${printable(id)}  ${status} until ${clock(expires_at)}  ${printable(matchText(matches))}`
  io.stdout.write(`${json === true ? JSON.stringify(silence) : line}\n`)
}

function previewText({ since, alerts, truncated, by_detector, newest }: Preview): string {
  const each = Object.entries(by_detector).map(([detector, count]) => `${count} ${printable(detector)}`)
  const lines = newest.map(
    ({ last_at, severity, title, workflow_id }) =>
      `  ${clock(last_at)}  ${severity}  ${printable(title)}  ${printable(workflow_id)}\n`,
  )
  const most = truncated ? ' or more' : ''
  return `${alerts}${most} open alerts since ${clock(since)}${each.length === 0 ? '' : `: ${each.join(', ')}`}\n${lines.join('')}`
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

function durationOf(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const ms = Number(count) * (UNITS[unit] ?? Number.NaN)
  if (ms > 0) return ms
  throw new InvalidArgumentError('It must be so long, like 30m, 12h or 7d.')
}
