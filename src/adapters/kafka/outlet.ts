import { setTimeout as delay } from 'node:timers/promises'
import type { Kafka, Producer, TopicMessages } from 'kafkajs'
import { backOff, CatenaryError } from '../../core/index.ts'
import { together } from '../../ports/index.ts'
import type { ClientLog } from './client-log.ts'
import { idempotentProducer } from './connect.ts'
import { kafkaError } from './kafka-error.ts'
import { partsOf } from './parts.ts'

/** Sends records and says when the brokers have them. */
export interface Outlet {
  /**
   * Resolves when all in-sync replicas have every message. Tried again until it works or the outlet is closed. Throws
   * `CAT_CONFIG` for a record that is larger than its topic takes.
   */
  send(topics: readonly TopicMessages[]): Promise<void>
  close(): Promise<void>
}

const PAUSES = { firstMs: 100, mostMs: 5_000 }
const RETRIES = 5

/** A record that the topic does not take today it does not take tomorrow. */
const NEVER_TAKEN = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])

/**
 * One idempotent producer, one batch after the other; what comes while a batch is under way makes the next. An idempotent
 * producer that gave up on a batch no longer knows its sequence numbers, so another takes its place: what is sent again then
 * may be there twice. `onFailure` is told of every batch that is to be tried again.
 */
export function createOutlet(kafka: Kafka, log: ClientLog, onFailure: () => void = () => undefined): Outlet {
  let producer: Promise<Producer> | null = null
  let isClosed = false

  const connected = async (): Promise<Producer> => {
    const made = idempotentProducer(kafka, RETRIES)
    await made.connect()
    return made
  }

  async function renew(): Promise<void> {
    const old = producer
    producer = null
    await old?.then((one) => one.disconnect()).catch(() => undefined)
  }

  async function sendOnce(topicMessages: TopicMessages[]): Promise<void> {
    producer ??= connected()
    await (await producer).sendBatch({ topicMessages, acks: -1 })
  }

  async function sendAll(topicMessages: TopicMessages[]): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        await sendOnce(topicMessages)
        return
      } catch (error) {
        await renew()
        const told = kafkaError(error, 'take records')
        if (isClosed || isNeverTaken(told)) throw told
        onFailure()
        log.warn({ error: (error as Error).message, failures }, 'records could not be sent; trying again')
        await delay(backOff(PAUSES, failures, Math.random()))
      }
    }
  }

  const send = together<readonly TopicMessages[]>(async (batch) => {
    for (const part of partsOf(batch.flat())) await sendAll(part)
  })

  return {
    send(topics) {
      if (topics.every(({ messages }) => messages.length === 0)) return Promise.resolve()
      return send(topics)
    },
    async close() {
      isClosed = true
      await renew()
    },
  }
}

const isNeverTaken = (error: unknown): boolean =>
  error instanceof CatenaryError && NEVER_TAKEN.has(String(error.details['type']))
