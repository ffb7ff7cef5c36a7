import { z } from 'zod'
import { type Delivery, idempotencyKey, type Standing } from '../../src/ports/index.ts'
import { iso, pageOf, Time } from './words.ts'

export const Destination = z
  .object({
    type: z.literal('destination'),
    name: z.string(),
    destination_type: z.string().nullable().describe('As the settings say; null where they name it no longer.'),
    pending: z.number().int().describe('Revisions of alerts that wait to be sent.'),
    delivered: z.number().int(),
    dead: z.number().int().describe('Given up: refused, or past the time limit.'),
    silenced: z.number().int().describe('Not sent while a silence matches.'),
    oldest_at: Time.nullable().describe('Since when the oldest pending one waits.'),
    last_error: z.string().nullable().describe('Of the pending and dead one that failed last.'),
  })
  .meta({ id: 'Destination' })

export const DestinationList = z.object({ items: z.array(Destination) }).meta({ id: 'DestinationList' })

export const UndeliveredAlert = z
  .object({
    type: z.literal('undelivered_alert'),
    id: z.string().describe('The idempotency key that the receiver was given.'),
    destination: z.string(),
    tenant: z.string(),
    alert_id: z.string(),
    revision: z.number().int(),
    queued_at: Time,
    attempts: z.number().int(),
    error: z.string().nullable(),
  })
  .meta({ id: 'UndeliveredAlert' })

export const UndeliveredPage = pageOf(UndeliveredAlert, 'UndeliveredPage')

export const RetryUndelivered = z
  .strictObject({
    ids: z.array(z.string().min(1).max(4_096)).min(1).max(1_000).optional(),
  })
  .describe('Which, by their `id`; all of them when it is left out.')

export const Retried = z
  .object({ retried: z.number().int().describe('Those that wait to be sent again.') })
  .meta({ id: 'Retried' })

/** How each destination of the settings, and each that was one, stands. */
export function destinationsJson(
  configured: readonly { readonly name: string; readonly type: string }[],
  standing: readonly Standing[],
): readonly z.infer<typeof Destination>[] {
  const names = [
    ...new Set([...configured, ...standing.map(({ destination: name }) => ({ name }))].map((one) => one.name)),
  ]
  return names.map((name) => {
    const {
      pending = 0,
      delivered = 0,
      dead = 0,
      silenced = 0,
      oldestAt = null,
      lastError = null,
    } = standing.find(({ destination }) => destination === name) ?? {}
    return {
      type: 'destination',
      name,
      destination_type: configured.find((one) => one.name === name)?.type ?? null,
      pending,
      delivered,
      dead,
      silenced,
      oldest_at: oldestAt === null ? null : iso(oldestAt),
      last_error: lastError,
    }
  })
}

export const undeliveredJson = (delivery: Delivery): z.infer<typeof UndeliveredAlert> => ({
  type: 'undelivered_alert',
  id: idempotencyKey({ id: delivery.alertId, revision: delivery.revision }),
  destination: delivery.destination,
  tenant: delivery.tenant,
  alert_id: delivery.alertId,
  revision: delivery.revision,
  queued_at: iso(delivery.queuedAt),
  attempts: delivery.attempts,
  error: delivery.error,
})
