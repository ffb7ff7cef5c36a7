import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { type Command, Option } from 'commander'
import { type Posted, postEvents } from '../adapters/http/post-events.ts'
import { CatenaryError } from '../core/index.ts'
import { createEstate, DEMO_ESTATE, type EstateOptions, labelsOf, NOISE, type Noise } from '../estate/index.ts'
import type { ApiClient } from '../ports/index.ts'
import { share, timeOf, wholeNumber, written } from './flags.ts'
import { EXIT, EXIT_HELP, type Exit, type Io } from './io.ts'
import { counted } from './print-analysis.ts'
import { namedPlace, type ServiceFlags, withClientOf, withService } from './service-client.ts'

interface Flags extends ServiceFlags {
  readonly events?: number
  readonly seed: number
  readonly hours: number
  readonly start: number
  readonly out?: string
  readonly to?: string
  readonly labels?: string
  readonly rate?: number
  readonly late?: number
  readonly repeated?: number
  readonly failing?: number
  readonly rhythm?: 'office' | 'steady'
}

/** `catenary generate` */
export function addGenerate(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('generate')
    .summary('make up the traffic of a company’s agents, with attacks among look-alikes')
    .description(
      'Makes up the events of an invented company’s agents: tasks, tools, credentials, hand-offs, approvals, connectors, with ' +
        'late events and repeats, attacks, and harmless look-alikes of each (docs/estate.md). Equal options give equal bytes. ' +
        'What is true of the events is written by --labels and stands in none of them.',
    )
    .option('--events <n>', 'exactly so many events; one team’s day (about 6,600) when left out', wholeNumber(1))
    .option('--seed <n>', 'another seed, another estate', wholeNumber(0, 4_294_967_295), DEMO_ESTATE.seed)
    .option('--hours <n>', 'how long it lasts', wholeNumber(1, 8_784), DEMO_ESTATE.hours)
    .option('--start <time>', 'when it begins (RFC 3339; 2026-09-17T00:00:00Z when left out)', timeOf)
    .addOption(
      new Option('--rhythm <name>', 'when tasks begin: more of them by day, or as many in every hour').choices([
        'office',
        'steady',
      ]),
    )
    .option('--late <share>', `of events, up to a minute and a half late (${NOISE.late} when left out)`, share)
    .option('--repeated <share>', `of events, sent again (${NOISE.repeated} when left out)`, share)
    .option('--failing <share>', `of calls that succeed, fail once before (${NOISE.failing} when left out)`, share)
    .option(
      '--out <file>',
      'write NDJSON there; .gz is packed. Standard output when neither this, --to nor --profile is given',
    )
    .option('--labels <file>', 'write what is true of the events there, as JSON')
    .option('--rate <n>', 'at most this many events a second', wholeNumber(1, 10_000_000))
  withService(command, '--to')
    .addHelpText('after', HELP)
    .action(async (flags: Partial<Flags>) => exit(await generate({ ...DEFAULTS, ...flags }, io)))
}

const DEFAULTS = { seed: DEMO_ESTATE.seed, hours: DEMO_ESTATE.hours, start: DEMO_ESTATE.startAt } as const

const HELP = `${EXIT_HELP}

Examples
  catenary generate --events 100000 --seed 7 --out estate.ndjson.gz --labels labels.json
  catenary generate --to http://127.0.0.1:8321 --rate 500
  catenary generate --events 1000000 | catenary produce --brokers localhost:9092 --rate 5000 -
  catenary generate --hours 168 --events 60000 --late 0.1 --repeated 0.02 --failing 0.05 --out bad-week.ndjson.gz
  catenary generate --seed 7 | catenary analyze -`

async function generate(flags: Flags, io: Io): Promise<number> {
  const { out, to, profile, labels } = flags
  const isSent = to !== undefined || profile !== undefined
  if (out !== undefined && isSent)
    throw new CatenaryError(
      'CAT_USAGE',
      '--out excludes --to and --profile; write to a file or send to a service, not both',
    )
  const place = isSent ? namedPlace(io, { ...flags, url: to }, '--to') : null
  const options: EstateOptions = {
    ...DEMO_ESTATE,
    stories: 'all',
    seed: flags.seed,
    hours: flags.hours,
    startAt: flags.start,
    noise: noiseOf(flags),
    ...(flags.rhythm === undefined ? {} : { rhythm: flags.rhythm }),
    ...(flags.events === undefined ? {} : { events: flags.events }),
  }
  const truth = labels === undefined ? null : labelsOf(options)
  if (labels !== undefined) await written(labels, writeFile(labels, `${JSON.stringify(truth, null, 2)}\n`))
  let events = 0
  const lines = paced(options, flags.rate, () => {
    events += 1
  })
  let posted: Posted | null = null
  if (place !== null)
    posted = await withClientOf({ ...place, timeoutMs: BODY_ANSWER_MS }, (client) => post(client, lines))
  else if (out !== undefined) await written(out, toFile(out, lines))
  else for await (const line of lines) io.stdout.write(line)
  const told =
    truth === null ? '' : `, ${counted(truth.attacks.length, 'attack')}, ${counted(truth.twins.length, 'look-alike')}`
  const taken =
    posted === null ? '' : `; taken: ${posted.accepted}, duplicates: ${posted.duplicates}, refused: ${posted.rejected}`
  io.stderr.write(`${counted(events, 'event')}${told}${taken}\n`)
  return EXIT.done
}

const noiseOf = ({ late, repeated, failing }: Flags): Partial<Noise> => ({
  ...(late === undefined ? {} : { late }),
  ...(repeated === undefined ? {} : { repeated }),
  ...(failing === undefined ? {} : { failing }),
})

const SLICES_A_SECOND = 20

/** The estate's lines, held back so that no more than `rate` leave in a second. */
async function* paced(options: EstateOptions, rate: number | undefined, onLine: () => void): AsyncGenerator<string> {
  const began = performance.now()
  const slice = rate === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(rate / SLICES_A_SECOND))
  let sent = 0
  for (const event of createEstate(options)) {
    yield `${JSON.stringify(event)}\n`
    onLine()
    sent += 1
    if (rate === undefined || sent % slice !== 0) continue
    const early = (sent / rate) * 1_000 - (performance.now() - began)
    if (early > 1) await delay(early)
  }
}

const toFile = (path: string, lines: AsyncGenerator<string>): Promise<void> =>
  path.endsWith('.gz')
    ? pipeline(Readable.from(lines), createGzip(), createWriteStream(path))
    : pipeline(Readable.from(lines), createWriteStream(path))

/** A body goes at this many bytes, or when so long has passed since the last went. */
const BODY_BYTES = 500_000
const BODY_MS = 250
/** A body is answered when it is folded and stored. */
const BODY_ANSWER_MS = 300_000

async function post(client: ApiClient, lines: AsyncGenerator<string>): Promise<Posted> {
  const total = { accepted: 0, duplicates: 0, rejected: 0 }
  let body = ''
  let last = performance.now()
  async function send(): Promise<void> {
    if (body === '') return
    const { accepted, duplicates, rejected } = await postEvents(client, body)
    total.accepted += accepted
    total.duplicates += duplicates
    total.rejected += rejected
    body = ''
    last = performance.now()
  }
  for await (const line of lines) {
    body += line
    if (body.length >= BODY_BYTES || performance.now() - last >= BODY_MS) await send()
  }
  await send()
  return total
}
