import { setTimeout as delay } from 'node:timers/promises'
import type { Kafka, Producer, TopicMessages } from 'kafkajs'
import { backOff } from '../../core/index.ts'
import type { ClientLog } from './client-log.ts'
import { idempotentProducer } from './connect.ts'
import { kafkaError } from './kafka-error.ts'

/** Sends records and says when the brokers have them. */
export interface Outlet {
  /** Resolves when all in-sync replicas have every message. Tried again until it works or the outlet is closed. */
  send(topics: readonly TopicMessages[]): Promise<void>
  close(): Promise<void>
}

interface Waiting {
  readonly topics: readonly TopicMessages[]
  done(): void
  fail(error: unknown): void
}

const PAUSES = { firstMs: 100, mostMs: 5_000 }
const RETRIES = 5

/**
 * One idempotent producer, one batch after the other; what comes while a batch is under way makes the next. An idempotent
 * producer that gave up on a batch no longer knows its sequence numbers, so another takes its place: what is sent again then
 * may be there twice.
 */
export function createOutlet(kafka: Kafka, log: ClientLog): Outlet {
  let producer: Promise<Producer> | null = null
  let waiting: Waiting[] = []
  let isBusy = false
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
        if (isClosed) throw kafkaError(error, 'take records')
        log.warn({ error: (error as Error).message, failures }, 'records could not be sent; trying again')
        await delay(backOff(PAUSES, failures, Math.random()))
      }
    }
  }

  async function work(): Promise<void> {
    isBusy = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await sendAll(merged(batch.flatMap(({ topics }) => topics)))
        for (const { done } of batch) done()
      } catch (error) {
        for (const { fail } of batch) fail(error)
      }
    }
    isBusy = false
  }

  return {
    send(topics) {
      if (topics.every(({ messages }) => messages.length === 0)) return Promise.resolve()
      return new Promise((done, fail) => {
        waiting.push({ topics, done, fail })
        if (!isBusy) void work()
      })
    },
    async close() {
      isClosed = true
      await renew()
    },
  }
}

/** The messages of each topic together, in order. */
function merged(topics: readonly TopicMessages[]): TopicMessages[] {
  const byTopic = new Map<string, TopicMessages>()
  for (const { topic, messages } of topics) {
    const there = byTopic.get(topic) ?? { topic, messages: [] }
    there.messages.push(...messages)
    byTopic.set(topic, there)
  }
  return [...byTopic.values()].filter(({ messages }) => messages.length > 0)
}
