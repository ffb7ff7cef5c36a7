import type { Command } from 'commander'
import { MAX_RECORD_BYTES } from '../../schemas/event.ts'
import { rejectedJson } from '../../schemas/output.ts'
import { checkTopicsOf } from '../adapters/kafka/check-topics.ts'
import { idempotentProducer } from '../adapters/kafka/connect.ts'
import { kafkaError } from '../adapters/kafka/kafka-error.ts'
import { createSender } from '../adapters/kafka/produce.ts'
import { type InputRecord, inputRecord } from '../adapters/kafka/record-of.ts'
import { arrivalsOf } from '../main.ts'
import type { Arrival } from '../ports/index.ts'
import { wholeNumber } from './flags.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { counted } from './print-analysis.ts'
import { type Progress, progressBar } from './progress.ts'
import { type ConfigFlags, configOf } from './settings.ts'
import { type KafkaSettings, kafkaFor, withBrokers } from './with-kafka.ts'

interface Flags extends ConfigFlags {
  readonly rate?: number
  readonly format?: string
  readonly tenant?: string
  readonly json?: boolean
}

/** What a broker that restarts is waited for: about half a minute. */
const RETRIES = 10
const MAX_TOLD = 20

/** `catenary produce FILE… | -` */
export function addProduce(program: Command, io: Io, exit: Exit): void {
  withBrokers(
    program
      .command('produce')
      .summary('send the records of files to the Kafka topics')
      .description(
        'Reads files of any format that analyze reads, and sends each event to the topic and under the key that the contract ' +
          'has for it (docs/events.md), acknowledged by all replicas in sync. Events are sent as they are, content and all, as ' +
          'their producers would. Records that are no events are told on standard error and not sent. What was sent twice ' +
          'counts once, so an interrupted run is simply run again.',
      )
      .argument('<file...>', 'files read in this order; - is standard input; gzip and zstd are unpacked'),
  )
    .option('--rate <n>', 'send at most this many events a second', wholeNumber(1, 10_000_000))
    .option('--format <name>', 'events, chat or cloudtrail; sniffed from the content when left out')
    .option('--tenant <name>', 'the tenant of records that name none')
    .option('--json', 'print NDJSON and nothing else: refused records, a summary last')
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => exit(await produce(files, flags, io)))
}

const HELP = `${EXIT_HELP}

Examples
  catenary produce --brokers localhost:9092 events.ndjson.gz
  catenary produce --rate 2000 trail/*.json
  agent-gateway --log | catenary produce -`

interface Totals {
  sent: number
  rejected: number
  readonly topics: Map<string, number>
}

async function produce(files: readonly string[], flags: Flags, io: Io): Promise<number> {
  const { kafka: settings } = configOf(io, flags).config
  const began = performance.now()
  const totals: Totals = { sent: 0, rejected: 0, topics: new Map() }
  const progress = progressBar(io, 'sending')
  try {
    await checkTopicsOf(kafkaFor(settings), settings)
    await sendAll(files, flags, settings, totals, progress, io)
  } catch (error) {
    progress.stop()
    throw kafkaError(
      error,
      `take all events (${totals.sent} it has; run the command again, what was sent twice counts once)`,
    )
  } finally {
    progress.stop()
  }
  tell(totals, Math.round((performance.now() - began) / 10) / 100, flags, io)
  return EXIT.done
}

async function sendAll(
  files: readonly string[],
  flags: Flags,
  settings: KafkaSettings,
  totals: Totals,
  progress: Progress,
  io: Io,
): Promise<void> {
  const onSent = (records: readonly InputRecord[]): void => {
    totals.sent += records.length
    for (const { topic } of records) totals.topics.set(topic, (totals.topics.get(topic) ?? 0) + 1)
  }
  const producer = idempotentProducer(kafkaFor(settings, RETRIES), RETRIES)
  await producer.connect()
  try {
    const sender = createSender(producer, { rate: flags.rate, onSent })
    const { format, tenant } = flags
    const options = {
      files,
      keepsWire: true,
      onProgress: progress.update,
      ...(format === undefined ? {} : { format }),
      ...(tenant === undefined ? {} : { tenant }),
    }
    for await (const arrival of arrivalsOf(options, () => totals.sent)) {
      const record = arrival.ok ? inputRecord(arrival.event, arrival.wire, settings) : null
      if (record !== null && record.value.length <= MAX_RECORD_BYTES) await sender.send(record)
      else refuse(arrival.ok ? tooLarge(arrival) : arrival, totals, flags, io)
    }
    await sender.flush()
  } finally {
    await producer.disconnect()
  }
}

type Refused = Arrival & { readonly ok: false }

/** A foreign record may be larger than what it becomes, or what it becomes too large for a consumer. */
const tooLarge = ({ event, origin }: Arrival & { readonly ok: true }): Refused => ({
  ok: false,
  tenant: event.tenant,
  origin,
  raw: null,
  reason: 'too_large',
  path: '',
  message: `the event is larger than ${MAX_RECORD_BYTES} bytes; shorten its content`,
})

function refuse(refused: Refused, totals: Totals, flags: Flags, io: Io): void {
  totals.rejected += 1
  const { origin, reason, path, message } = refused
  if (flags.json === true) io.stdout.write(`${JSON.stringify(rejectedJson(refused))}\n`)
  else if (totals.rejected <= MAX_TOLD)
    io.stderr.write(
      `${origin.file}:${origin.line}: ${reason}${path === '' ? '' : ` at ${path}`}: ${printable(message)}\n`,
    )
}

function tell({ sent, rejected, topics }: Totals, seconds: number, { json }: Flags, io: Io): void {
  const rate = seconds === 0 ? sent : Math.round(sent / seconds)
  if (json === true) {
    const summary = { type: 'summary', events: sent, rejected, topics: Object.fromEntries(topics), seconds }
    io.stdout.write(`${JSON.stringify(summary)}\n`)
    return
  }
  if (rejected > MAX_TOLD) io.stderr.write(`… and ${rejected - MAX_TOLD} more refused records (--json prints all)\n`)
  for (const [topic, count] of topics) io.stdout.write(`${topic.padEnd(26)} ${counted(count, 'event')}\n`)
  io.stdout.write(`${counted(sent, 'event')} sent, ${rejected} refused; ${seconds} s, ${rate} events/s\n`)
}
