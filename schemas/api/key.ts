import { z } from 'zod'
import { ROLES } from '../../src/core/index.ts'
import type { KeyState, NewKey } from '../../src/ports/index.ts'
import { Instant, iso, isoOrNull, Time } from './words.ts'

const DAY = 86_400_000
/** How long a key lasts for which nothing else is said. */
export const KEY_DAYS = 90
/** A replaced key may go on for a month at most. */
const MAX_GRACE_S = 2_592_000

const Name = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}]*$/u, 'must hold no control characters')
  .describe('What the key is for.')

const fields = {
  id: z.string(),
  name: Name,
  role: z.enum(ROLES),
  tenant: z.string().nullable().describe('Null: every tenant.'),
  status: z.enum(['active', 'replaced', 'expired', 'revoked']),
  created_at: Time,
  created_by: z.string().describe('Who made it: kind and id of the caller.'),
  expires_at: Time.nullable(),
  revoked_at: Time.nullable(),
  last_used_at: Time.nullable().describe('To about a minute; null for never.'),
}

const EXAMPLE = {
  id: 'q0Zt3XnB81Lw',
  name: 'splunk collector',
  role: 'viewer',
  tenant: 'acme',
  status: 'active',
  created_at: '2026-11-20T09:00:00.000Z',
  created_by: 'key/8sKqP2mVn4Rt',
  expires_at: '2027-02-18T09:00:00.000Z',
  revoked_at: null,
  last_used_at: null,
}

export const ApiKey = z.object(fields).meta({ id: 'ApiKey', examples: [EXAMPLE] })

export const NewApiKey = z
  .object({ ...fields, key: z.string().describe('The key. It is told this once, and kept nowhere.') })
  .meta({ id: 'NewApiKey', examples: [{ ...EXAMPLE, key: 'catenary_q0Zt3XnB81Lw_<43 characters and a checksum>' }] })

export const ApiKeyList = z.object({ items: z.array(ApiKey).describe('Oldest first.') }).meta({ id: 'ApiKeyList' })

export const KeyWanted = z
  .strictObject({
    name: Name,
    role: z.enum(ROLES),
    all_tenants: z.boolean().default(false).describe('For every tenant. Only callers of every tenant may ask for it.'),
    expires_at: Instant.nullable()
      .optional()
      .describe(`From when on it opens nothing; null for never; in ${KEY_DAYS} days when left out.`),
  })
  .meta({
    examples: [
      { name: 'splunk collector', role: 'viewer' },
      { name: 'ops', role: 'admin', all_tenants: true, expires_at: null },
    ],
  })

export const Rotation = z
  .strictObject({
    grace_s: z.int().min(0).max(MAX_GRACE_S).default(0).describe('For how many seconds more the old key is good.'),
  })
  .meta({ examples: [{ grace_s: 3600 }, {}] })

/** When a key ends, of what was asked for. */
export const expiryOf = (asked: number | null | undefined, now: number): number | null =>
  asked === undefined ? now + KEY_DAYS * DAY : asked

export const keyJson = (key: KeyState): z.output<typeof ApiKey> => ({
  id: key.id,
  name: key.name,
  role: key.role,
  tenant: key.tenant,
  status: key.status,
  created_at: iso(key.createdAt),
  created_by: key.createdBy,
  expires_at: isoOrNull(key.expiresAt),
  revoked_at: isoOrNull(key.revokedAt),
  last_used_at: isoOrNull(key.lastUsedAt),
})

export const newKeyJson = (key: NewKey): z.output<typeof NewApiKey> => ({ ...keyJson(key), key: key.key })
