import { z } from 'zod'
import { type AuthorityJudge, detailOf, labelOfName } from '../../src/core/index.ts'
import type { AuthorityQuery as Asked, HeldAuthority } from '../../src/ports/index.ts'
import { Paging, STAR, Tenant } from './query.ts'
import { iso, isoOrNull, Match, pageOf, Time } from './words.ts'

const Use = z.enum(['never', 'wider', 'used'])

export const AuthorityQuery = z.strictObject({
  tenant: Tenant.optional(),
  kind: z.enum(['agent', 'credential', 'grant']).optional().describe('Who holds it.'),
  holder: Match.optional().describe(`Agent id, credential id, or the id of a grant or its client. ${STAR}`),
  scope: Match.optional().describe(`The scope, or the permission as JSON. ${STAR}`),
  risk: z.enum(['high', 'other']).optional().describe("High: power over others' data, identities or settings."),
  use: Use.optional().describe('A page may then hold fewer than `limit`, though more follow.'),
  ...Paging,
})

export const HeldAuthorityJson = z
  .object({
    type: z.literal('authority'),
    tenant: z.string(),
    kind: z.enum(['agent', 'credential', 'grant']),
    holder: z.string(),
    scope: z.string().describe('The scope; of a permission in the manner of RFC 9396, a line.'),
    authorization_detail: z.record(z.string(), z.unknown()).nullable().describe('The permission; null for a scope.'),
    risk: z.enum(['high', 'other']),
    by: z.string().describe('Who gave it first: `task`, `credential …` or `grant …`.'),
    first_at: Time.describe('When it was first given, as far as stored steps tell.'),
    use: Use.describe('Never; only for what is narrower than itself; or as it is.'),
    last_used_at: Time.nullable().describe('It, or what it covers. Null: never.'),
    used: z
      .array(z.object({ scope: z.string(), last_at: Time }))
      .describe('All that its holder used, the last first; at most 20.'),
    tells_use: z.boolean().describe('Whether its holder ever said which scopes it used: else never may be unknown.'),
  })
  .meta({ id: 'HeldAuthority' })

export const AuthorityPage = pageOf(HeldAuthorityJson, 'AuthorityPage')

const MAX_SHOWN = 20

/** What somebody holds as the API shows it, with what was used of it. */
export function authorityJson(
  { tenant, kind, holder, name, by, firstAt, isHighRisk, uses }: HeldAuthority,
  judge: AuthorityJudge,
): z.output<typeof HeldAuthorityJson> {
  const { lastUsedAt, isWider } = judge.useOf(name, uses)
  const detail = detailOf(name)
  return {
    type: 'authority',
    tenant,
    kind,
    holder,
    scope: labelOfName(name),
    authorization_detail: detail === null ? null : { ...detail },
    risk: isHighRisk ? 'high' : 'other',
    by,
    first_at: iso(firstAt),
    use: lastUsedAt === null ? 'never' : isWider ? 'wider' : 'used',
    last_used_at: isoOrNull(lastUsedAt),
    used: uses.slice(0, MAX_SHOWN).map((use) => ({ scope: labelOfName(use.name), last_at: iso(use.at) })),
    tells_use: uses.length > 0,
  }
}

/** A query as the store reads it. `at`: now, on the clock that events arrive by. */
export const authorityQuery = (
  { tenant, kind, holder, scope, risk, limit, cursor }: z.output<typeof AuthorityQuery>,
  at: number,
  judge: AuthorityJudge,
): Asked => ({
  tenant,
  kind,
  holder,
  name: scope,
  ...(risk === undefined ? {} : { isHighRisk: risk === 'high' }),
  at,
  judge: judge.isHighRisk,
  limit,
  cursor,
})
