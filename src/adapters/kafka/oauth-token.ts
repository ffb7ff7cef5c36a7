import { CatenaryError } from '../../core/index.ts'

/** A client of an authorization server. */
export interface TokenClient {
  readonly endpoint: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope?: string | undefined
}

/** Of a token's life: another is asked for when this much of it is over. */
const RENEW_AT = 0.8
const DEFAULT_LIFE_S = 300
const WAIT_MS = 10_000

/**
 * Gives access tokens by the client credentials grant (RFC 6749 4.4, the client shown as 2.3.1 has it), one for as long as it
 * lives. The function rejects with `CAT_CONFIG` when the server refuses the client, `CAT_SOURCE_UNAVAILABLE` when it is away.
 */
export function tokenSource(client: TokenClient, clock: () => number = Date.now): () => Promise<{ value: string }> {
  let current: { readonly value: string; readonly until: number } | null = null
  let asking: Promise<{ value: string }> | null = null
  const renew = async (): Promise<{ value: string }> => {
    const asked = clock()
    const { access_token: value, expires_in: life } = await askFor(client)
    current = { value, until: asked + life * 1_000 * RENEW_AT }
    return { value }
  }
  return () => {
    if (current !== null && clock() < current.until) return Promise.resolve({ value: current.value })
    asking ??= renew().finally(() => {
      asking = null
    })
    return asking
  }
}

async function askFor(client: TokenClient): Promise<{ access_token: string; expires_in: number }> {
  const { endpoint, clientId, clientSecret, scope } = client
  const pair = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
  const headers = { authorization: `Basic ${pair}`, accept: 'application/json' }
  let response: Response
  let fields: unknown
  try {
    const signal = AbortSignal.timeout(WAIT_MS)
    response = await fetch(endpoint, { method: 'POST', headers, body, redirect: 'error', signal })
    fields = await response.json().catch(() => null)
  } catch (cause) {
    throw away(endpoint, (cause as Error).message, cause)
  }
  if (response.status >= 500 || response.status === 429) throw away(endpoint, `it answered ${response.status}`)
  return tokenOf(endpoint, response.status, fields)
}

function tokenOf(endpoint: string, status: number, fields: unknown): { access_token: string; expires_in: number } {
  const { access_token: token, expires_in: life, error } = (fields ?? {}) as Readonly<Record<string, unknown>>
  if (status === 200 && typeof token === 'string' && token !== '')
    return { access_token: token, expires_in: typeof life === 'number' && life > 0 ? life : DEFAULT_LIFE_S }
  const said = typeof error === 'string' && /^[\w.-]{1,60}$/.test(error) ? ` (${error})` : ''
  throw new CatenaryError(
    'CAT_CONFIG',
    `${placeOf(endpoint)} gave no access token: it answered ${status}${said}. Check kafka.saslTokenEndpoint, kafka.saslClientId, its secret and kafka.saslScope`,
  )
}

const away = (endpoint: string, said: string, cause?: unknown): CatenaryError =>
  new CatenaryError(
    'CAT_SOURCE_UNAVAILABLE',
    `${placeOf(endpoint)} gave no access token for Kafka: ${said}. See that it is up, and that kafka.saslTokenEndpoint names it`,
    { cause, retry: 'later' },
  )

const placeOf = (endpoint: string): string => new URL(endpoint).origin

/** RFC 6749 appendix B. */
const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)
