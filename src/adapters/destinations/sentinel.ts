import { DELIVERED, type Destination, type Outcome, type Parcel } from '../../ports/index.ts'
import { createHttp, fieldsIn, type HttpParts, isAnswer, judged, placeOf, under } from './http.ts'
import { allOf, sendInParts, type Written } from './in-parts.ts'

export interface SentinelParts extends HttpParts {
  /** Of the data collection: `https://NAME.REGION.ingest.monitor.azure.com`. */
  readonly endpoint: string
  /** The immutable id of the data collection rule: `dcr-…`. */
  readonly ruleId: string
  /** `Custom-Catenary_CL` */
  readonly stream: string
  /** `https://login.microsoftonline.com` */
  readonly authority: string
  readonly tenantId: string
  readonly clientId: string
  readonly clientSecret: () => string
  readonly scope: string
  /** The row of an alert, as JSON. */
  readonly write: (parcel: Parcel) => string
}

const API_VERSION = '2023-01-01'
/** The interface takes 1 MB. */
const MAX_BYTES = 900_000
/** Of a token's life: another is asked for when this much of it is over. */
const RENEW_AT = 0.8

type Failure = Extract<Outcome, { what: 'retry' }>

/** Microsoft Sentinel by the Logs Ingestion API, as a client of Entra (RFC 6749 4.4). */
export function createSentinel(parts: SentinelParts): Destination {
  const { endpoint, ruleId, stream, write } = parts
  const http = createHttp(parts)
  const place = placeOf(endpoint)
  const path = `dataCollectionRules/${encodeURIComponent(ruleId)}/streams/${encodeURIComponent(stream)}`
  const url = under(endpoint, `${path}?api-version=${API_VERSION}`)
  let current: { readonly token: string; readonly until: number } | null = null

  async function token(signal: AbortSignal): Promise<string | Failure> {
    if (current !== null && performance.now() < current.until) return current.token
    const { authority, tenantId, clientId, clientSecret, scope } = parts
    const asked = performance.now()
    const reply = await http.post({
      url: under(authority, `${encodeURIComponent(tenantId)}/oauth2/v2.0/token`),
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret(),
        scope,
      }).toString(),
      signal,
    })
    if (!isAnswer(reply)) return reply
    const { access_token, expires_in, error } = fieldsIn(reply)
    if (reply.status === 200 && typeof access_token === 'string' && access_token !== '') {
      const lifeS = typeof expires_in === 'number' && expires_in > 0 ? expires_in : 300
      current = { token: access_token, until: asked + lifeS * 1_000 * RENEW_AT }
      return access_token
    }
    const said = typeof error === 'string' && /^[\w.-]{1,60}$/.test(error) ? ` (${error})` : ''
    const why = `${placeOf(authority)} gave no access token: it answered ${reply.status}${said}; check tenantId, clientId and clientSecret`
    const outcome = judged(reply, placeOf(authority))
    return { what: 'retry', why, ...(outcome.what === 'retry' && outcome.afterMs ? { afterMs: outcome.afterMs } : {}) }
  }

  async function sendPart(written: readonly Written[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const bearer = await token(signal)
    if (typeof bearer !== 'string') return allOf(written, bearer)
    const reply = await http.post({
      url,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: `[${written.map(({ text }) => text).join(',')}]`,
      signal,
    })
    if (!isAnswer(reply)) return allOf(written, reply)
    if (reply.status === 401) current = null
    const { error } = fieldsIn(reply)
    const code = (error as { readonly code?: unknown } | null | undefined)?.code
    const outcome = judged(reply, place, typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : '')
    return allOf(written, outcome.what === 'delivered' ? DELIVERED : outcome)
  }

  return {
    send: (parcels, signal) =>
      sendInParts(parcels, { write, maxBytes: MAX_BYTES, sendPart: (written) => sendPart(written, signal) }),
    close: () => http.close(),
  }
}
