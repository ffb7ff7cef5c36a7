import type { Kafka, Producer } from 'kafkajs'
import type { Format } from '../../../schemas/forward/formats.ts'
import { CatenaryError } from '../../core/index.ts'
import { DELIVERED, type Destination, idempotencyKey, type Outcome, type Parcel } from '../../ports/index.ts'
import { idempotentProducer } from './connect.ts'
import { kafkaError } from './kafka-error.ts'

export interface KafkaDestinationParts {
  readonly kafka: Kafka
  readonly topic: string
  readonly format: Format
}

const RETRIES = 2

/** A topic: one record an alert, keyed by tenant and alert, so that its revisions stay in order; acknowledged by all replicas. */
export function createKafkaDestination({ kafka, topic, format }: KafkaDestinationParts): Destination {
  let producer: Promise<Producer> | null = null

  const connected = async (): Promise<Producer> => {
    const made = idempotentProducer(kafka, RETRIES)
    await made.connect()
    return made
  }

  async function letGo(): Promise<void> {
    const old = producer
    producer = null
    await old?.then((one) => one.disconnect()).catch(() => undefined)
  }

  async function attempt(parcels: readonly Parcel[]): Promise<Outcome> {
    try {
      producer ??= connected()
      await (await producer).send({ topic, acks: -1, messages: parcels.map((one) => messageOf(one, format)) })
      return DELIVERED
    } catch (error) {
      // A producer that gave up no longer knows its sequence numbers.
      await letGo()
      const told = kafkaError(error, `take records of ${topic}`)
      const why = told instanceof Error ? told.message : String(told)
      return isTooLarge(told) ? { what: 'refused', why } : { what: 'retry', why }
    }
  }

  return {
    async send(parcels) {
      const outcome = await attempt(parcels)
      if (outcome.what !== 'refused' || parcels.length === 1) return parcels.map(() => outcome)
      const outcomes: Outcome[] = []
      for (const parcel of parcels) outcomes.push(await attempt([parcel]))
      return outcomes
    },
    close: letGo,
  }
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof CatenaryError && /MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE/.test(String(error.details['type']))

function messageOf(parcel: Parcel, { mediaType, write }: Format) {
  const { alert } = parcel
  return {
    key: `${alert.tenant}/${alert.id}`,
    value: write(parcel),
    headers: {
      'content-type': mediaType,
      'catenary.tenant': alert.tenant,
      'catenary.revision': String(alert.revision),
      'catenary.status': alert.status,
      'idempotency-key': idempotencyKey(alert),
    },
  }
}
