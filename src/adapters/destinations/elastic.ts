import type { Alert } from '../../core/index.ts'
import { DELIVERED, type Destination, idempotencyKey, type Outcome, type Parcel } from '../../ports/index.ts'
import { type Answer, createHttp, type HttpParts, isAnswer, judged, placeOf, under } from './http.ts'
import { allOf, sendInParts, type Written } from './in-parts.ts'

export interface ElasticParts extends HttpParts {
  /** `https://elastic.example:9200` */
  readonly url: string
  /** An index or an alias; with `isDataStream` a data stream. */
  readonly index: string
  /** A data stream takes no updates: each revision is then a document of its own. */
  readonly isDataStream: boolean
  readonly headers: () => Readonly<Record<string, string>>
  /** The document of an alert, as JSON. */
  readonly write: (parcel: Parcel) => string
}

const MAX_BYTES = 5_000_000
const CONFLICT = 409
const MAX_REASON = 200

/** What `_bulk` says of one item. */
interface Item {
  readonly status?: number
  readonly error?: { readonly type?: string; readonly reason?: string }
}

/**
 * Elasticsearch and OpenSearch by `_bulk`. A document has the alert's id, and the revision as its version: a later revision
 * replaces an earlier one, and never the other way round.
 */
export function createElastic(parts: ElasticParts): Destination {
  const { url, index, isDataStream, headers, write } = parts
  const http = createHttp(parts)
  const place = placeOf(url)
  const bulk = under(url, '_bulk')
  const line = (parcel: Parcel): string => `${JSON.stringify(actionOf(parcel.alert))}\n${write(parcel)}\n`
  const actionOf = (alert: Alert): object =>
    isDataStream
      ? { create: { _index: index, _id: idempotencyKey(alert) } }
      : { index: { _index: index, _id: alert.id, version: alert.revision, version_type: 'external_gte' } }

  async function sendPart(written: readonly Written[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const reply = await http.post({
      url: bulk,
      body: written.map(({ text }) => text).join(''),
      signal,
      headers: { 'content-type': 'application/x-ndjson', ...headers() },
    })
    if (!isAnswer(reply)) return allOf(written, reply)
    const outcome = judged(reply, place)
    if (outcome.what !== 'delivered') return allOf(written, outcome)
    const items = itemsIn(reply)
    if (items.length !== written.length)
      return allOf(written, {
        what: 'retry',
        why: `${place} answered for ${items.length} of ${written.length} documents`,
      })
    return items.map((item) => judgedItem(item, place))
  }

  return {
    send: (parcels, signal) =>
      sendInParts(parcels, { write: line, maxBytes: MAX_BYTES, sendPart: (written) => sendPart(written, signal) }),
    close: () => http.close(),
  }
}

function itemsIn({ body }: Answer): readonly Item[] {
  try {
    const { items } = JSON.parse(body) as { readonly items?: unknown }
    return Array.isArray(items) ? items.map(itemOf) : []
  } catch {
    return []
  }
}

/** An item is one field, named by what was done; what is none says nothing of its document. */
function itemOf(item: unknown): Item {
  const [said] = Object.values(Object(item)) as unknown[]
  const { status, error } = Object(said) as Item
  return { ...(typeof status === 'number' ? { status } : {}), ...(error === undefined ? {} : { error }) }
}

/** A conflict is a later revision that is there, or in a data stream this one. */
function judgedItem({ status = 0, error }: Item, place: string): Outcome {
  if (status === CONFLICT) return DELIVERED
  // What comes after is a piece of the document.
  const reason =
    String(error?.reason ?? '')
      .split(/ Preview of field/)[0]
      ?.slice(0, MAX_REASON) ?? ''
  const said = [error?.type, reason].filter((one) => one !== undefined && one !== '').join(': ')
  return status === 0
    ? { what: 'retry', why: `${place} answered nothing of a document` }
    : judged({ status, headers: {}, body: '' }, place, said)
}
