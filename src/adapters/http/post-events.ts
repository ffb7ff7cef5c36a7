import { setTimeout as delay } from 'node:timers/promises'
import { CatenaryError } from '../../core/index.ts'
import type { ApiClient } from '../../ports/index.ts'

/** How often a body is sent again when the service is away or has too much to do: about a minute. */
const TRIES = 8
const MOST_WAIT_S = 15
const FIRST_WAIT_S = 0.5

/** What the service said of one body. */
export interface Posted {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
}

/**
 * Sends a body of NDJSON to `POST /v1/events`, and again while the service is busy or away: what it has already counts as
 * duplicate. Throws `CAT_SOURCE_UNAVAILABLE` when it stays away, `CAT_USAGE` when it does not take such bodies.
 */
export async function postEvents(client: ApiClient, body: string): Promise<Posted> {
  for (let tried = 1; ; tried += 1) {
    try {
      return (await client.ask({ method: 'POST', path: 'v1/events', body })).body as Posted
    } catch (error) {
      if (!(error instanceof CatenaryError) || error.retry === 'never' || tried === TRIES) throw error
    }
    await delay(Math.min(MOST_WAIT_S, FIRST_WAIT_S * 2 ** (tried - 1)) * 1_000)
  }
}
