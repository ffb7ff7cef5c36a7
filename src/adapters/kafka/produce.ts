import { setTimeout as delay } from 'node:timers/promises'
import type { Producer } from 'kafkajs'
import { bytesOf, MAX_BYTES } from './parts.ts'
import { type InputRecord, messagesOf } from './record-of.ts'

const MAX_RECORDS = 500
/** A rate is kept in steps of this part of a second. */
const STEPS = 10

export interface SendOptions {
  /** Records a second at most; as fast as the brokers take them when left out. */
  readonly rate?: number | undefined
  /** Told of each batch that the brokers have acknowledged. */
  onSent(records: readonly InputRecord[]): void
}

/** Takes records one by one and sends them in batches, one after the other, so that their order holds within a key. */
export interface Sender {
  send(record: InputRecord): Promise<void>
  /** Sends what still waits. */
  flush(): Promise<void>
}

export function createSender(producer: Pick<Producer, 'sendBatch'>, { rate, onSent }: SendOptions): Sender {
  const maxRecords = rate === undefined ? MAX_RECORDS : Math.min(MAX_RECORDS, Math.max(1, Math.floor(rate / STEPS)))
  const began = performance.now()
  let sent = 0
  let waiting: InputRecord[] = []
  let bytes = 0

  async function flush(): Promise<void> {
    if (waiting.length === 0) return
    const batch = waiting
    waiting = []
    bytes = 0
    await producer.sendBatch({ acks: -1, topicMessages: messagesOf(batch) })
    sent += batch.length
    onSent(batch)
    if (rate === undefined) return
    const early = (sent / rate) * 1_000 - (performance.now() - began)
    if (early > 1) await delay(early)
  }

  return {
    flush,
    async send(record) {
      const size = bytesOf(record)
      if (bytes + size > MAX_BYTES) await flush()
      waiting.push(record)
      bytes += size
      if (waiting.length >= maxRecords) await flush()
    },
  }
}
