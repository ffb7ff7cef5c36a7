import type { Millis, TextMatch } from '../core/index.ts'

export type HolderKind = 'agent' | 'credential' | 'grant'

/** What the list of authority is narrowed by, and what it is judged with. */
export interface AuthorityQuery {
  readonly tenant?: string | undefined
  readonly kind?: HolderKind | undefined
  readonly holder?: TextMatch | undefined
  /** Scopes and permissions by their text. */
  readonly name?: TextMatch | undefined
  /** Only what is high risk, or only what is not. */
  readonly isHighRisk?: boolean | undefined
  /** Credentials that were revoked or had expired by then are left out. */
  readonly at: Millis
  /** Whether a scope, or a permission as its JSON, gives power over others' data, identities or settings. */
  judge(name: string): boolean
  readonly limit: number
  /** Opaque; from the page before. Throws `CatenaryError` `CAT_USAGE` when it is none. */
  readonly cursor?: string | undefined
}

/** One scope or permission that somebody holds, as far as stored steps tell. */
export interface HeldAuthority {
  readonly tenant: string
  readonly kind: HolderKind
  /** Agent id, credential id, or the id of a grant or its client. */
  readonly holder: string
  /** The scope, or the permission as JSON in one spelling (RFC 9396): that begins with `{`, as no scope does. */
  readonly name: string
  /** Who gave it first: `task`, `credential <id>` or `grant <id>`. */
  readonly by: string
  readonly firstAt: Millis
  readonly isHighRisk: boolean
  /** What the holder used, whatever it was given for: each with the last time. At most 500 names. */
  readonly uses: readonly { readonly name: string; readonly at: Millis }[]
}
