import type { Caller } from '../core/index.ts'
import type { KeyRing, Refusal } from './key-ring.ts'

/** Judges tokens of an identity provider. Throws `CAT_SOURCE_UNAVAILABLE` when its keys cannot be had. */
export interface TokenJudge {
  identify(token: string): Promise<Caller | Refusal>
}

/** Who is behind an `Authorization` header; null for a request without one. */
export type Authenticate = (header: string | undefined) => Promise<Caller | Refusal | null>

const SCHEME = /^bearer +([\w.~+/-]+=*)$/i
/** No token that is meant for this is longer. */
const MAX_TOKEN = 8_192

/** Callers by their API keys, and by tokens where a provider is set. */
export function authenticator(ring: Pick<KeyRing, 'identify'>, tokens: TokenJudge | null): Authenticate {
  return async (header) => {
    if (header === undefined) return null
    const token = header.length > MAX_TOKEN ? undefined : SCHEME.exec(header)?.[1]
    if (token === undefined) return { refused: 'the Authorization header is not read; send it as "Bearer <key>"' }
    // A token of a provider has three parts with dots between; a key has none.
    if (!token.includes('.')) return ring.identify(token)
    return tokens === null
      ? { refused: 'no identity provider is set here, so tokens open nothing; send an API key' }
      : tokens.identify(token)
  }
}
