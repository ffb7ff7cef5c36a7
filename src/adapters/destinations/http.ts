import { readFileSync } from 'node:fs'
import { Agent, request } from 'undici'
import { CatenaryError } from '../../core/index.ts'
import { DELIVERED, type Outcome } from '../../ports/index.ts'

/** How a receiver proves who it is, and this program to it. PEM files. */
export interface TlsParts {
  /** The authorities to trust instead of those of Node. */
  readonly caFile?: string | undefined
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
  /** The name that the certificate has to have; else that of the address. */
  readonly serverName?: string | undefined
  readonly verify: boolean
}

export interface HttpParts {
  readonly tls: TlsParts
  /** For the connection, for the head of the answer, and between two pieces of it. */
  readonly timeoutMs: number
}

export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  /** By small letters. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** Sends bodies. Redirects are not followed: what is sent is for the one it was meant for. */
export interface Http {
  /** What was answered, or why there was no answer. Never rejects. */
  post(post: Post): Promise<Answer | Extract<Outcome, { what: 'retry' }>>
  close(): Promise<void>
}

/** No receiver has more to say of a batch. */
const MAX_ANSWER = 8 * 1024 * 1024
const MAX_RETRY_AFTER_MS = 3_600_000

/** Throws `CAT_CONFIG` for a PEM file that cannot be read. */
export function createHttp({ tls, timeoutMs }: HttpParts): Http {
  const dispatcher = new Agent({
    connect: { ...tlsOptions(tls), timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: 10_000,
  })
  return {
    async post({ url, headers, body, signal }) {
      try {
        const {
          statusCode,
          headers: told,
          body: stream,
        } = await request(url, {
          method: 'POST',
          dispatcher,
          headers: { 'user-agent': 'catenary', ...headers },
          body,
          signal,
        })
        return { status: statusCode, headers: told, body: await read(stream) }
      } catch (error) {
        return { what: 'retry', why: `${placeOf(url)} ${failureOf(error)}` }
      }
    },
    close: () => dispatcher.destroy(),
  }
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of stream) {
    bytes += part.length
    if (bytes > MAX_ANSWER) break
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** What of an address may be told: its path may be the secret. */
export const placeOf = (url: string): string => new URL(url).origin

/** The address of a path below a base, whether that ends in a slash or not. */
export const under = (base: string, path: string): string => `${base.replace(/\/+$/, '')}/${path}`

/** The fields of an answer that is a JSON object; none where it is no such thing. */
export function fieldsIn({ body }: Answer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

/** As TLS in Node takes it. Throws `CAT_CONFIG`. */
export const tlsOptions = ({ caFile, certFile, keyFile, serverName, verify }: TlsParts) => ({
  rejectUnauthorized: verify,
  ...(caFile === undefined ? {} : { ca: pem(caFile) }),
  ...(certFile === undefined ? {} : { cert: pem(certFile) }),
  ...(keyFile === undefined ? {} : { key: pem(keyFile) }),
  ...(serverName === undefined ? {} : { servername: serverName }),
})

function pem(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new CatenaryError('CAT_CONFIG', `${file}: cannot be read (${code}); tls names PEM files`, { cause })
  }
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/

/** Why nothing was answered, and what to look at; ends a sentence that begins with the receiver. */
export function failureOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  const what = code ?? message
  if (typeof code === 'string' && CERTIFICATE.test(code))
    return `has a certificate that does not hold (${code}); name its authority in tls.caFile, or mend it`
  if (/TIMED?OUT|ABORT/.test(String(what))) return `took too long to answer (${what})`
  if (what === 'UND_ERR_SOCKET' || what === 'ECONNRESET') return 'cut the connection before it had answered'
  return `cannot be reached (${what})`
}

/** What an operator can mend, after which the same is taken: it is not the alert's fault. */
const MENDABLE = new Set([401, 403, 404, 405, 407, 410, 415])
const HINTS: Readonly<Record<number, string>> = {
  401: '; check the secret',
  403: '; check the secret and what it may do',
  404: '; check the address',
}

/** What a status means for what was sent. `said`: more of the answer, in words. */
export function judged({ status, headers }: Answer, place: string, said = ''): Outcome {
  if (status >= 200 && status < 300) return DELIVERED
  const why = `${place} answered ${status}${said === '' ? '' : ` (${said})`}`
  const isPassing = status === 408 || status === 425 || status === 429 || status >= 500
  if (isPassing) return { what: 'retry', why, ...retryAfter(headers) }
  if (status < 400) return { what: 'retry', why: `${why}; give the address that it moved to` }
  if (MENDABLE.has(status)) return { what: 'retry', why: `${why}${HINTS[status] ?? '; check its settings'}` }
  return { what: 'refused', why }
}

/** RFC 9110 10.2.3: seconds, or a date. */
export function retryAfter(headers: Answer['headers']): { readonly afterMs?: number } {
  const text = String(headers['retry-after'] ?? '')
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now()
  return Number.isFinite(ms) && ms > 0 ? { afterMs: Math.min(ms, MAX_RETRY_AFTER_MS) } : {}
}

export const isAnswer = (reply: Awaited<ReturnType<Http['post']>>): reply is Answer => 'status' in reply
