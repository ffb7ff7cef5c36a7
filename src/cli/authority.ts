import type { Command } from 'commander'
import type { z } from 'zod'
import { AuthorityQuery, type HeldAuthorityJson } from '../../schemas/api/authority.ts'
import type { Exit, Io } from './io.ts'
import { clock } from './page-text.ts'
import { addResource, type Resource } from './resource.ts'

type Row = z.output<typeof HeldAuthorityJson>

/** `catenary authority list` */
export function addAuthority(program: Command, io: Io, exit: Exit): void {
  addResource({ program, io, exit }, AUTHORITY)
}

const AUTHORITY: Resource<Row> = {
  name: 'authority',
  one: 'authority',
  about: 'what agents, credentials and grants hold, and what of it they use',
  order: 'high risk first',
  query: AuthorityQuery,
  idOf: ({ kind, holder, scope }) => JSON.stringify([kind, holder, scope]),
  head: ['risk', 'use', 'kind', 'holder', 'scope', 'given by', 'since', 'last used'],
  row: ({ risk, use, tells_use, kind, holder, scope, by, first_at, last_used_at }) => [
    risk === 'high' ? risk : '-',
    use === 'never' && !tells_use ? 'untold' : use,
    kind,
    holder,
    scope,
    by,
    clock(first_at),
    last_used_at === null ? '-' : clock(last_used_at),
  ],
  page: null,
  examples: `  catenary authority list --use never
  catenary authority list --kind grant --risk high
  catenary authority list --holder billing-bot --json`,
}
