import { createHmac } from 'node:crypto'
import type { Format } from '../../../schemas/forward/formats.ts'
import { type Destination, idempotencyKey, type Outcome, type Parcel } from '../../ports/index.ts'
import { fewAtOnce } from './few-at-once.ts'
import { createHttp, type HttpParts, isAnswer, judged, placeOf } from './http.ts'

export interface WebhookParts extends HttpParts {
  readonly url: string
  readonly format: Format
  /** Signs each body; none: unsigned. */
  readonly secret?: (() => string) | undefined
  /** Asked for each request. */
  readonly headers: () => Readonly<Record<string, string>>
}

const AT_ONCE = 4

/**
 * One request an alert, under its idempotency key, signed as Standard Webhooks 1.0 has it (`webhook-id`,
 * `webhook-timestamp`, `webhook-signature`).
 */
export function createWebhook(parts: WebhookParts): Destination {
  const { url, format } = parts
  const http = createHttp(parts)
  async function sendOne(parcel: Parcel, signal: AbortSignal): Promise<Outcome> {
    const body = format.write(parcel)
    const id = idempotencyKey(parcel.alert)
    const reply = await http.post({
      url,
      body,
      signal,
      headers: {
        'content-type': format.mediaType,
        'idempotency-key': id,
        ...signed(id, body, parts.secret?.() ?? null),
        ...parts.headers(),
      },
    })
    return isAnswer(reply) ? judged(reply, placeOf(url)) : reply
  }
  return {
    send: (parcels, signal) => fewAtOnce(parcels, AT_ONCE, (parcel) => sendOne(parcel, signal)),
    close: () => http.close(),
  }
}

function signed(id: string, body: string, secret: string | null): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const head = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (secret === null) return head
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...head, 'webhook-signature': `v1,${signature}` }
}

/** `whsec_` and base64 as Standard Webhooks writes secrets, or any text. */
const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret, 'utf8')
