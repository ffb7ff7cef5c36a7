import { type Destination, idempotencyKey, type Outcome, type Parcel } from '../../ports/index.ts'
import { createHttp, type HttpParts, isAnswer, judged, placeOf } from './http.ts'

export interface SlackParts extends HttpParts {
  /** The address is the secret. */
  readonly url: () => string
  /** The message, as JSON. */
  readonly write: (parcel: Parcel) => string
}

/** Slack's incoming webhooks, and those that take the same: one message an alert, one after the other. */
export function createSlack(parts: SlackParts): Destination {
  const http = createHttp(parts)
  async function sendOne(parcel: Parcel, signal: AbortSignal): Promise<Outcome> {
    const url = parts.url()
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey(parcel.alert) }
    const reply = await http.post({ url, headers, body: parts.write(parcel), signal })
    return isAnswer(reply) ? judged(reply, placeOf(url), reply.status >= 400 ? wordOf(reply.body) : '') : reply
  }
  return {
    async send(parcels, signal) {
      const outcomes: Outcome[] = []
      for (const parcel of parcels) {
        // Who asks to be left alone is: what comes after waits as well.
        const last = outcomes.at(-1)
        outcomes.push(last?.what === 'retry' ? last : await sendOne(parcel, signal))
      }
      return outcomes
    },
    close: () => http.close(),
  }
}

/** Slack answers with one word: `invalid_payload`, `channel_is_archived`. */
const wordOf = (body: string): string => (/^[a-z_]{1,60}$/.test(body) ? body : '')
