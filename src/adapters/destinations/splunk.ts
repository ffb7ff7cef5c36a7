import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { DELIVERED, type Destination, type Outcome, type Parcel } from '../../ports/index.ts'
import { type Answer, createHttp, fieldsIn, type HttpParts, isAnswer, judged, placeOf, under } from './http.ts'
import { allOf, sendInParts, type Written } from './in-parts.ts'

export interface SplunkParts extends HttpParts {
  /** Of the collector: `https://splunk.example:8088`. */
  readonly url: string
  readonly token: () => string
  /** Ask whether the indexers have what was sent, and send again what they have not said to have in time. */
  readonly ack: boolean
  readonly ackTimeoutMs: number
  /** A GUID; else one for this process. */
  readonly channel?: string | undefined
  /** The event of the collector, as JSON. */
  readonly write: (parcel: Parcel) => string
}

/** What the collector takes at once where nobody set `max_content_length`. */
const MAX_BYTES = 900_000
const ACK_PAUSES = { firstMs: 250, mostMs: 2_000 }

/** Codes of a 400 that say something of the settings, not of the events: index, channel, acknowledgement, query token. */
const OF_SETTINGS = new Set([7, 10, 11, 14, 16])
const ACK_OFF = 14

interface Said {
  readonly text?: string
  readonly code?: number
  readonly ackId?: number
}

/** Splunk's HTTP Event Collector: events in batches, with indexer acknowledgement where it is asked for. */
export function createSplunk(parts: SplunkParts): Destination {
  const { url, token, ack, ackTimeoutMs, write, channel = randomUUID() } = parts
  const http = createHttp(parts)
  const place = placeOf(url)
  const at = (path: string): string => under(url, `services/collector/${path}`)
  let isAckOn = false

  const ask = (path: string, body: string, signal: AbortSignal) =>
    http.post({
      url: at(path),
      body,
      signal,
      headers: {
        'content-type': 'application/json',
        authorization: `Splunk ${token()}`,
        'x-splunk-request-channel': channel,
      },
    })

  /** A token without acknowledgement would take events and never say that it has them. */
  async function checkAck(signal: AbortSignal): Promise<Outcome | null> {
    if (!ack || isAckOn) return null
    const reply = await ask('ack', '{"acks":[0]}', signal)
    if (!isAnswer(reply)) return reply
    if (saidIn(reply).code === ACK_OFF)
      return {
        what: 'retry',
        why: `${place} does not acknowledge for this token; turn it on there, or set ack to false`,
      }
    const outcome = judged(reply, place, wordsOf(reply))
    if (outcome.what !== 'delivered') return { ...outcome, what: 'retry' }
    isAckOn = true
    return null
  }

  async function sendPart(written: readonly Written[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const reply = await ask('event', written.map(({ text }) => text).join('\n'), signal)
    if (!isAnswer(reply)) return allOf(written, reply)
    const outcome = judged(reply, place, wordsOf(reply))
    const { code, ackId } = saidIn(reply)
    if (outcome.what === 'refused' && OF_SETTINGS.has(code ?? 0))
      return allOf(written, { what: 'retry', why: `${outcome.why}; check index and channel` })
    if (outcome.what !== 'delivered') return allOf(written, outcome)
    if (code !== 0) return allOf(written, { what: 'retry', why: `${place} answered ${reply.status} but no success` })
    return allOf(written, ack ? await acknowledged(ackId, signal) : DELIVERED)
  }

  async function acknowledged(id: number | undefined, signal: AbortSignal): Promise<Outcome> {
    if (id === undefined) return { what: 'retry', why: `${place} gave no ackId; turn acknowledgement on for the token` }
    const until = performance.now() + ackTimeoutMs
    for (let pause = ACK_PAUSES.firstMs; performance.now() < until; pause = Math.min(pause * 2, ACK_PAUSES.mostMs)) {
      await delay(Math.min(pause, ackTimeoutMs), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) break
      const reply = await ask('ack', JSON.stringify({ acks: [id] }), signal)
      if (isAnswer(reply) && acksIn(reply)[String(id)] === true) return DELIVERED
    }
    return { what: 'retry', why: `${place} did not acknowledge within ${ackTimeoutMs / 1_000} s` }
  }

  return {
    async send(parcels, signal) {
      const off = await checkAck(signal)
      if (off !== null) return allOf(parcels, off)
      return sendInParts(parcels, { write, maxBytes: MAX_BYTES, sendPart: (written) => sendPart(written, signal) })
    },
    close: () => http.close(),
  }
}

const saidIn = (answer: Answer): Said => fieldsIn(answer)

function wordsOf(answer: Answer): string {
  const { text, code } = saidIn(answer)
  return typeof text === 'string' ? `${text.slice(0, 100)}${code === undefined ? '' : `, code ${code}`}` : ''
}

const acksIn = (answer: Answer): Readonly<Record<string, boolean>> =>
  (saidIn(answer) as { readonly acks?: Readonly<Record<string, boolean>> }).acks ?? {}
