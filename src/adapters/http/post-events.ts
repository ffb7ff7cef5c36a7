import { setTimeout as delay } from 'node:timers/promises'
import { CatenaryError } from '../../core/index.ts'
import { bearer } from './ask-api.ts'

/** How often a body is sent again when the service is away or has too much to do: about a minute. */
const TRIES = 8
const MOST_WAIT_S = 15
const AGAIN = new Set([429, 502, 503, 504])

/** What the service said of one body. */
export interface Posted {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
}

/**
 * Sends a body of NDJSON to `POST /v1/events` of a Catenary service, and again while it is busy or away: what it has
 * already counts as duplicate. `service` is its base URL, `key` an API key where it asks for one. Throws `CAT_SOURCE_UNAVAILABLE` when it stays away, `CAT_USAGE`
 * when it does not take such bodies.
 */
export async function postEvents(service: string, body: string, key?: string): Promise<Posted> {
  const url = new URL('v1/events', service.endsWith('/') ? service : `${service}/`)
  for (let tried = 1; ; tried += 1) {
    const reply = await fetch(url, {
      method: 'POST',
      headers: { ...bearer(key), 'content-type': 'application/x-ndjson' },
      body,
    }).catch((cause: unknown) => {
      if (tried < TRIES) return null
      throw new CatenaryError(
        'CAT_SOURCE_UNAVAILABLE',
        `${url.origin} cannot be reached; start the service, run it again`,
        {
          cause,
        },
      )
    })
    if (reply?.ok === true) return (await reply.json()) as Posted
    const again = reply === null || AGAIN.has(reply.status)
    await reply?.body?.cancel()
    if (reply?.status === 401 || reply?.status === 403)
      throw new CatenaryError(
        'CAT_USAGE',
        `${url.origin} answers ${reply.status}; put an API key that may send events in CATENARY_API_KEY`,
      )
    if (!again)
      throw new CatenaryError(
        'CAT_USAGE',
        `${url.href} answers ${reply.status}; give the base URL of a Catenary service`,
      )
    if (tried === TRIES)
      throw new CatenaryError(
        'CAT_SOURCE_UNAVAILABLE',
        `${url.href} keeps answering ${reply?.status}; run it again later`,
      )
    const told = Number(reply?.headers.get('retry-after') ?? Number.NaN)
    await delay(Math.min(MOST_WAIT_S, Number.isFinite(told) ? told : 2 ** (tried - 2)) * 1_000)
  }
}
