import { CatenaryError } from '../../core/index.ts'

export interface Asked {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the base URL, as `v1/keys`. */
  readonly path: string
  readonly body?: object
}

const ANSWER_MS = 30_000

/** The headers that say who asks. */
export const bearer = (key: string | undefined): Record<string, string> =>
  key === undefined || key === '' ? {} : { authorization: `Bearer ${key}` }

/**
 * Asks a Catenary service, whose base URL is `service`, and gives its JSON. Throws `CAT_SOURCE_UNAVAILABLE` when it is away
 * or says nothing for 30 s, and `CAT_USAGE` with what the service said when it refuses.
 */
export async function askApi(
  service: string,
  key: string | undefined,
  { method, path, body }: Asked,
): Promise<unknown> {
  const url = new URL(path, service.endsWith('/') ? service : `${service}/`)
  const reply = await fetch(url, {
    method,
    signal: AbortSignal.timeout(ANSWER_MS),
    headers: { ...bearer(key), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new CatenaryError(
      'CAT_SOURCE_UNAVAILABLE',
      `${url.origin} cannot be reached; start the service, run it again`,
      {
        cause,
      },
    )
  })
  const told: unknown = await reply.json().catch(() => null)
  if (reply.ok) return told
  const detail = (told as { readonly detail?: unknown } | null)?.detail
  throw new CatenaryError(
    reply.status >= 500 ? 'CAT_SOURCE_UNAVAILABLE' : 'CAT_USAGE',
    `${url.origin} answers ${reply.status}: ${typeof detail === 'string' ? detail : 'give the base URL of a Catenary service'}`,
  )
}
