import { setTimeout as delay } from 'node:timers/promises'
import { Partitioners, type Producer } from 'kafkajs'
import { testClient } from '../../kit/kafka.ts'
import { readOf, startOf, trespassOf } from './workflows.ts'

/** Where delays are measured, and at what rate. */
export interface DelayJob {
  readonly brokers: string[]
  readonly inputTopic: string
  readonly alertsTopic: string
  /** Events a second. */
  readonly rate: number
  readonly seconds: number
}

/** In milliseconds, from the moment an event was handed to the producer; one a workflow. */
export interface Delays {
  /** To the moment a bare consumer has the event. */
  readonly hops: readonly number[]
  /** To the moment a consumer of the alerts topic has the alert that the event completes. */
  readonly alerts: readonly number[]
  /** How many alerts there should be. */
  readonly wanted: number
}

const STEPS = 20
const EVERY_MS = 20
const LAST_ALERTS_MS = 20_000

/**
 * Sends workflows of twenty steps of which the last one, in every fifth workflow, completes a pattern, at an even rate; and
 * watches when those steps come out of the topic, and their alerts out of the other.
 */
export async function measureDelays(job: DelayJob): Promise<Delays> {
  const kafka = testClient(job.brokers)
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  const sent = new Map<string, number>()
  const hops = new Map<string, number>()
  const alerts = new Map<string, number>()
  const consumers = await Promise.all([
    watch(kafka, job.inputTopic, (value) => {
      const { id } = JSON.parse(value) as { id: string }
      const at = sent.get(id)
      if (at !== undefined && !hops.has(id)) hops.set(id, performance.now() - at)
    }),
    watch(kafka, job.alertsTopic, (value) => {
      for (const { event_id: id } of (JSON.parse(value) as { evidence: readonly { event_id: string }[] }).evidence) {
        const at = sent.get(id)
        if (at !== undefined && !alerts.has(id)) alerts.set(id, performance.now() - at)
      }
    }),
  ])
  await producer.connect()
  try {
    await sendEvenly(producer, job, sent)
    const deadline = performance.now() + LAST_ALERTS_MS
    while (alerts.size < sent.size && performance.now() < deadline) await delay(EVERY_MS)
  } finally {
    await Promise.all([producer, ...consumers].map((one) => one.disconnect()))
  }
  return { hops: [...hops.values()], alerts: [...alerts.values()], wanted: sent.size }
}

async function watch(kafka: ReturnType<typeof testClient>, topic: string, see: (value: string) => void) {
  const consumer = kafka.consumer({ groupId: `watch-${topic}-${process.hrtime.bigint()}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: false })
  const joined = new Promise<void>((done) => {
    consumer.on(consumer.events.GROUP_JOIN, () => done())
  })
  await consumer.run({ eachMessage: async ({ message }) => see(String(message.value)) })
  await joined
  return consumer
}

async function sendEvenly(producer: Producer, { inputTopic, rate, seconds }: DelayJob, sent: Map<string, number>) {
  const all = Math.floor(rate * seconds)
  const began = performance.now()
  for (let next = 0; next < all; ) {
    const due = Math.min(all, Math.floor(((performance.now() - began) / 1_000) * rate))
    const messages = []
    for (; next < due; next += 1) {
      const workflow = `delay-${Math.floor(next / STEPS)}`
      const nth = next % STEPS
      const isLast = nth === STEPS - 1 && Math.floor(next / STEPS) % 5 === 0
      const at = (next / rate) * 1_000
      const event =
        nth === 0 ? startOf(workflow, at) : isLast ? trespassOf(workflow, nth, at) : readOf(workflow, nth, at)
      if (isLast) sent.set(`${workflow}-${nth}`, performance.now())
      messages.push({ key: `default/${workflow}`, value: JSON.stringify(event) })
    }
    if (messages.length > 0) await producer.send({ topic: inputTopic, messages, acks: -1 })
    await delay(EVERY_MS)
  }
}
