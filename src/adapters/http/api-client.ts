import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import { CatenaryError } from '../../core/index.ts'
import type { Answered, ApiClient, Asked } from '../../ports/index.ts'
import { dispatcherFor, OTHER_CERTIFICATE, type Trust } from './trust.ts'

export interface ApiClientParts extends Trust {
  /** The base URL of the service. */
  readonly url: string
  /** An API key or a token; nothing is sent of an empty one. */
  readonly key?: string | undefined
  /** For the whole of an answer. */
  readonly timeoutMs?: number
}

const ANSWER_MS = 30_000
/** Nothing the API answers in one piece is longer. */
const MAX_ANSWER = 64 * 1024 * 1024
const MAX_TRIES = 5
const MAX_WAIT_S = 60

const bearer = (key: string | undefined): Record<string, string> =>
  key === undefined || key === '' ? {} : { authorization: `Bearer ${key}` }

/** Reaches a service. Redirects are not followed: the key is for the one that was named. Throws `CAT_CONFIG` for a bad CA. */
export function createApiClient({ url, key, timeoutMs = ANSWER_MS, ...trust }: ApiClientParts): ApiClient {
  const base = new URL(url.endsWith('/') ? url : `${url}/`)
  const dispatcher = dispatcherFor(trust)
  const once = async (asked: Asked): Promise<Reply> => {
    const { method = 'GET', body, ifMatch } = asked
    try {
      const {
        statusCode,
        headers,
        body: stream,
      } = await request(addressOf(base, asked), {
        method,
        dispatcher,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'user-agent': 'catenary',
          accept: 'application/json',
          ...bearer(key),
          ...(body === undefined
            ? {}
            : { 'content-type': typeof body === 'string' ? 'application/x-ndjson' : 'application/json' }),
          ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      return { status: statusCode, headers, text: await textOf(stream) }
    } catch (cause) {
      throw away(base, cause)
    }
  }
  return {
    url: base.href.replace(/\/$/, ''),
    async ask(asked) {
      for (let tried = 1; ; tried += 1) {
        const reply = await once(asked)
        const waitS = Number(reply.headers['retry-after'] ?? Number.NaN)
        if (reply.status !== 429 || tried === MAX_TRIES || !(waitS <= MAX_WAIT_S)) return answerOf(base, reply, key)
        await delay(waitS * 1_000)
      }
    },
    close: () => dispatcher.destroy(),
  }
}

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

function addressOf(base: URL, { path, query = {} }: Asked): URL {
  const url = new URL(path, base)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  return url
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of stream) {
    bytes += part.length
    if (bytes > MAX_ANSWER) throw new Error('the answer is too long')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function answerOf({ origin }: URL, { status, headers, text }: Reply, key: string | undefined): Answered {
  const told = parsed(text)
  if (status >= 200 && status < 300 && told !== undefined) {
    const { etag } = headers
    return { body: told, etag: typeof etag === 'string' ? etag : null }
  }
  const isAway = status >= 500 || status === 429
  const isUnknown = status === 401 && (key === undefined || key === '')
  throw new CatenaryError(
    isAway ? 'CAT_SOURCE_UNAVAILABLE' : 'CAT_USAGE',
    `${origin} answers ${status}: ${isUnknown ? NO_KEY : (detailOf(told) ?? hintFor(status))}`,
    { details: { status }, ...(isAway ? { retry: 'later' as const } : {}) },
  )
}

function parsed(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a problem document (RFC 9457) says, with the fields that are wrong. */
function detailOf(told: unknown): string | null {
  const { detail, errors } = (told ?? {}) as { readonly detail?: unknown; readonly errors?: unknown }
  if (typeof detail !== 'string') return null
  const fields = Array.isArray(errors)
    ? errors.flatMap((one: { readonly field?: unknown; readonly message?: unknown } | null) =>
        typeof one?.field === 'string' && typeof one?.message === 'string' ? [`${one.field} ${one.message}`] : [],
      )
    : []
  return fields.length === 0 ? detail : `${detail} (${fields.join('; ')})`
}

const NO_KEY = 'it asks for an API key; put one in CATENARY_API_KEY, a --key-file, or the profile’s keyFile'

const hintFor = (status: number): string =>
  status >= 300 && status < 400
    ? 'it is elsewhere, and redirects are not followed; give the URL it sends to'
    : 'give the base URL of a Catenary service'

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/
const PLAIN = /WRONG_VERSION_NUMBER|EPROTO/

function away({ origin }: URL, cause: unknown): CatenaryError {
  const { code, message, name } = cause as NodeJS.ErrnoException
  const what = code ?? message
  const isStranger = CERTIFICATE.test(what)
  return new CatenaryError('CAT_SOURCE_UNAVAILABLE', `${origin} ${whyAway(what, name, isStranger)}`, {
    cause,
    retry: 'later',
    details: { isStranger },
  })
}

function whyAway(what: string, name: string, isStranger: boolean): string {
  if (what === OTHER_CERTIFICATE)
    return 'answers with another certificate than api.tlsCertFile holds; restart the service where it was renewed since'
  if (isStranger)
    return `has a certificate that does not hold (${what}); name the authority that signed it with --ca-file, or caFile in the profile`
  if (PLAIN.test(what)) return 'does not speak TLS; ask it over http, or ask the proxy in front of it'
  if (name === 'TimeoutError') return 'takes too long to answer; run it again later'
  if (what === 'UND_ERR_SOCKET' || what === 'ECONNRESET')
    return 'cuts the connection; where it has TLS, ask it over https'
  return `cannot be reached (${what}); start the service, run it again`
}
