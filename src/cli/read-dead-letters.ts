import type { Kafka } from 'kafkajs'
import { type DeadLetter, type RecordPlace, readDeadLetter } from '../adapters/kafka/dead-letters.ts'
import { readToEnd, type Take } from '../adapters/kafka/read-to-end.ts'
import type { Io } from './io.ts'
import type { ConfigFlags } from './settings.ts'
import { type KafkaSettings, withAdmin } from './with-kafka.ts'

/** A dead letter and where it lies: what `list` shows and `retry` is given, as `partition:offset`. */
export interface Found {
  readonly id: string
  readonly letter: DeadLetter
}

/** Which dead letters a command is about. */
export interface LetterFilters extends ConfigFlags {
  readonly reason?: string
  readonly topic?: string
}

export type ReadLetters = (take: Take<Found>) => Promise<void>

/** Hands `use` a way to read the dead letters that the filters leave. One that was written twice is read once. */
export async function withLetters(
  io: Io,
  flags: LetterFilters,
  doing: string,
  use: (read: ReadLetters, settings: KafkaSettings, kafka: Kafka) => Promise<void>,
): Promise<void> {
  await withAdmin(io, flags, doing, async (_, settings, kafka) => {
    const seen = new Set<string>()
    const read: ReadLetters = (take) =>
      readToEnd(kafka, settings.deadLettersTopic, `${settings.groupId}-dead-letters`, ({ place, message }) => {
        const letter = readDeadLetter(message)
        if (letter === null || seen.has(placeText(letter.from))) return undefined
        if (flags.reason !== undefined && letter.reason !== flags.reason) return undefined
        if (flags.topic !== undefined && letter.from.topic !== flags.topic) return undefined
        seen.add(placeText(letter.from))
        return take({ id: `${place.partition}:${place.offset}`, letter })
      })
    await use(read, settings, kafka)
  })
}

/** `topic partition:offset` */
export const placeText = ({ topic, partition, offset }: RecordPlace): string => `${topic} ${partition}:${offset}`

export const timeText = ({ timestamp }: DeadLetter): string =>
  timestamp === null ? '' : new Date(timestamp).toISOString()

/** A dead letter as NDJSON has it: everything but what is in the record. */
export const letterJson = ({ id, letter }: Found): object => ({
  type: 'dead_letter',
  id,
  reason: letter.reason,
  path: letter.path,
  message: letter.message,
  topic: letter.from.topic,
  partition: letter.from.partition,
  offset: letter.from.offset,
  time: letter.timestamp === null ? null : timeText(letter),
  retries: letter.retries,
  key: letter.key?.toString() ?? null,
  bytes: letter.value?.length ?? 0,
})
