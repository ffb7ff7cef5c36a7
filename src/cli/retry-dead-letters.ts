import type { Producer } from 'kafkajs'
import { idempotentProducer } from '../adapters/kafka/connect.ts'
import { retryRecord } from '../adapters/kafka/dead-letters.ts'
import { coPartitionedTopics } from '../adapters/kafka/keys.ts'
import { CatenaryError } from '../core/index.ts'
import { EXIT, type Io, printable } from './io.ts'
import { counted } from './print-analysis.ts'
import { type Found, type LetterFilters, letterJson, type ReadLetters, withLetters } from './read-dead-letters.ts'
import type { KafkaSettings } from './with-kafka.ts'

export interface RetryFlags extends LetterFilters {
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

const BATCH = 100
const RETRIES = 10

/** How many dead letters were sent, by topic, and how many were left where they are. */
interface Totals {
  readonly sent: Map<string, number>
  skipped: number
}

/** Sends dead letters to the topics they came from again. Throws `CAT_USAGE`, `CAT_CONFIG`, `CAT_SOURCE_UNAVAILABLE`. */
export async function retry(ids: readonly string[], flags: RetryFlags, io: Io): Promise<number> {
  checkUsage(ids, flags)
  const totals: Totals = { sent: new Map(), skipped: 0 }
  await withLetters(io, flags, 'send dead letters again', async (read, settings, kafka) => {
    const producer = idempotentProducer(kafka, RETRIES)
    await producer.connect()
    try {
      const send = senderFor(flags, totals, settings, producer, io)
      if (flags.all === true) await sendAll(read, send)
      else await send(await named(ids, read))
    } finally {
      await producer.disconnect()
    }
  })
  tell(totals, flags, io)
  return EXIT.done
}

function checkUsage(ids: readonly string[], { all }: RetryFlags): void {
  if (ids.length === 0 && all !== true)
    throw new CatenaryError('CAT_USAGE', 'name dead letters (catenary dead-letters list shows them), or give --all')
  if (ids.length > 0 && all === true) throw new CatenaryError('CAT_USAGE', 'give --all or name dead letters, not both')
  const wrong = ids.find((id) => !/^\d+:\d+$/.test(id))
  if (wrong !== undefined)
    throw new CatenaryError('CAT_USAGE', `${wrong} is no dead letter; write partition:offset, as 0:17`)
}

type Send = (letters: readonly Found[]) => Promise<void>

/** In batches as they are read: there may be more than memory holds. */
async function sendAll(read: ReadLetters, send: Send): Promise<void> {
  let batch: Found[] = []
  await read(async (one) => {
    batch.push(one)
    if (batch.length < BATCH) return undefined
    const full = batch
    batch = []
    await send(full)
    return undefined
  })
  await send(batch)
}

/** The dead letters that were named. Throws `CAT_USAGE` when one is not there. */
async function named(ids: readonly string[], read: ReadLetters): Promise<readonly Found[]> {
  const wanted = new Set(ids)
  const found: Found[] = []
  await read((one) => {
    if (wanted.delete(one.id)) found.push(one)
    return wanted.size === 0 ? 'stop' : undefined
  })
  if (wanted.size === 0) return found
  throw new CatenaryError(
    'CAT_USAGE',
    `there is no dead letter ${[...wanted].join(', ')} that these filters leave; nothing was sent`,
  )
}

function senderFor(
  { dryRun, json }: RetryFlags,
  totals: Totals,
  settings: KafkaSettings,
  producer: Producer,
  io: Io,
): Send {
  const known = coPartitionedTopics(settings)
  return async (letters) => {
    // The headers of a record are its producer's to write: nothing is sent to a topic that no consumer reads.
    const chosen = letters.filter(({ letter }) => known.includes(letter.from.topic))
    for (const { id, letter } of letters)
      if (!known.includes(letter.from.topic))
        io.stderr.write(`${id} is left: it came from ${printable(letter.from.topic)}, which no consumer reads\n`)
    totals.skipped += letters.length - chosen.length
    const topics = [...new Set(chosen.map(({ letter }) => letter.from.topic))]
    const topicMessages = topics.map((topic) => ({
      topic,
      messages: chosen.filter(({ letter }) => letter.from.topic === topic).map(({ letter }) => retryRecord(letter)),
    }))
    if (dryRun !== true && chosen.length > 0) await producer.sendBatch({ acks: -1, topicMessages })
    for (const { topic, messages } of topicMessages)
      totals.sent.set(topic, (totals.sent.get(topic) ?? 0) + messages.length)
    if (json === true) for (const one of chosen) io.stdout.write(`${JSON.stringify(letterJson(one))}\n`)
  }
}

function tell({ sent, skipped }: Totals, { json, dryRun }: RetryFlags, io: Io): void {
  const total = [...sent.values()].reduce((sum, count) => sum + count, 0)
  if (json === true) {
    const summary = { type: 'summary', chosen: total, retried: dryRun === true ? 0 : total, skipped }
    io.stdout.write(`${JSON.stringify({ ...summary, topics: Object.fromEntries(sent) })}\n`)
    return
  }
  for (const [topic, count] of sent) io.stdout.write(`${topic.padEnd(26)} ${count}\n`)
  const left = skipped === 0 ? '' : `, ${skipped} left`
  io.stdout.write(`${counted(total, 'dead letter')} ${dryRun === true ? 'would be sent again' : 'sent again'}${left}\n`)
}
