import type { IHeaders, KafkaMessage, Message } from 'kafkajs'
import { REJECT_REASONS, type Rejection } from '../../ports/index.ts'

/** Where a record stands in Kafka. */
export interface RecordPlace {
  readonly topic: string
  readonly partition: number
  /** A whole number as text: it may be larger than a number can tell exactly. */
  readonly offset: string
}

/** A record that was refused, as the topic of dead letters holds it. */
export interface DeadLetter extends Rejection {
  /** Where the record stood that was refused. */
  readonly from: RecordPlace
  /** Milliseconds since the epoch, as the record's own producer or broker stamped it; null where nobody did. */
  readonly timestamp: number | null
  /** How often it was sent again before it was refused. */
  readonly retries: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** As it came, without what was added to say why. */
  readonly headers: IHeaders
}

const PREFIX = 'catenary.'
const MAX_MESSAGE = 1_024

/**
 * What is written to the topic of dead letters for a record that was refused: key, value and headers as they came, and
 * `catenary.` headers that say why and where it stood. The same record refused twice makes equal messages.
 */
export function deadLetterRecord(
  { topic, partition }: Pick<RecordPlace, 'topic' | 'partition'>,
  {
    key,
    value,
    headers = {},
    offset,
    timestamp,
  }: Pick<KafkaMessage, 'key' | 'value' | 'headers' | 'offset' | 'timestamp'>,
  { reason, path, message }: Rejection,
): Message {
  return {
    key,
    value,
    headers: {
      ...headers,
      [`${PREFIX}reason`]: reason,
      [`${PREFIX}path`]: path,
      [`${PREFIX}message`]: message.slice(0, MAX_MESSAGE),
      [`${PREFIX}topic`]: topic,
      [`${PREFIX}partition`]: String(partition),
      [`${PREFIX}offset`]: offset,
      [`${PREFIX}timestamp`]: timestamp,
    },
  }
}

/** The reverse; null for a record that somebody else put there. */
export function readDeadLetter({
  key,
  value,
  headers = {},
}: Pick<KafkaMessage, 'key' | 'value' | 'headers'>): DeadLetter | null {
  const told = (name: string): string => headerText(headers[`${PREFIX}${name}`])
  const reason = REJECT_REASONS.find((one) => one === told('reason'))
  const [topic, partition, offset, timestamp] = [told('topic'), told('partition'), told('offset'), told('timestamp')]
  if (reason === undefined || topic === '' || !/^\d{1,9}$/.test(partition) || !/^\d{1,19}$/.test(offset)) return null
  return {
    reason,
    path: told('path'),
    message: told('message'),
    from: { topic, partition: Number(partition), offset },
    timestamp: /^\d{1,15}$/.test(timestamp) ? Number(timestamp) : null,
    retries: retriesOf(headers),
    key,
    value,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(PREFIX))),
  }
}

/**
 * The record to send to its topic again, as it came. One with a key goes where its key belongs, one without to its old
 * partition. A header counts how often.
 */
export const retryRecord = ({ key, value, headers, from, retries }: DeadLetter): Message => ({
  key,
  value,
  headers: { ...headers, [`${PREFIX}retries`]: String(retries + 1) },
  ...(key === null ? { partition: from.partition } : {}),
})

function retriesOf(headers: IHeaders): number {
  const text = headerText(headers[`${PREFIX}retries`])
  return /^\d{1,6}$/.test(text) ? Number(text) : 0
}

/** A header as text; of one that stands several times the first, '' for one that is not there. */
export function headerText(value: IHeaders[string]): string {
  const one = Array.isArray(value) ? value[0] : value
  // A header may have no value at all, which the client's types do not say.
  return one?.toString() ?? ''
}
