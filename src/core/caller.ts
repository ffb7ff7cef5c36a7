/**
 * What callers may do. `viewer`, `analyst`, `responder` and `admin` may each do what those before may; `ingest` may send events
 * and nothing else.
 */
export const ROLES = ['ingest', 'viewer', 'analyst', 'responder', 'admin'] as const

export type Role = (typeof ROLES)[number]

/** Who asks. */
export interface Caller {
  /** By an API key, by a token of an identity provider, or from this machine where nobody is asked who they are. */
  readonly kind: 'key' | 'token' | 'local'
  /** The key's id, the token's subject, or `local`. */
  readonly id: string
  readonly role: Role
  /** The one tenant that is theirs; null for every tenant. */
  readonly tenant: string | null
}

/** Who did something, as it is kept with what they did. */
export const callerName = ({ kind, id }: Pick<Caller, 'kind' | 'id'>): string => `${kind}/${id}`

const LADDER: readonly Role[] = ['viewer', 'analyst', 'responder', 'admin']

/** Whether a role is enough where another is asked for. */
export function isEnough(role: Role, needed: Role): boolean {
  if (role === needed || role === 'admin') return true
  return needed !== 'ingest' && LADDER.indexOf(role) >= LADDER.indexOf(needed)
}
