import { randomUUID } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import type { Role } from '../../core/index.ts'
import type { AccessStore, ApiKey } from '../../ports/index.ts'
import { insert } from './insert.ts'
import { timeValue, timeValueOrNull } from './row-values.ts'
import { select } from './select.ts'

interface StoredKey {
  readonly tenant: string
  readonly key_id: string
  readonly revision: 1 | 2 | 3
  readonly name: string
  readonly role: Role
  readonly hash: string
  readonly created_by: string
  readonly created: number | string
  readonly expires: number | string | null
  readonly revoked: number | string | null
}

/** See `AccessStore`. A key for every tenant has an empty one. */
export const accessStoreOf = (client: ClickHouseClient): AccessStore => ({
  async apiKeys() {
    const query = `SELECT tenant, key_id, revision, name, role, hash, created_by, toUnixTimestamp64Milli(created_at) AS created,
      toUnixTimestamp64Milli(expires_at) AS expires, toUnixTimestamp64Milli(revoked_at) AS revoked
      FROM api_keys FINAL ORDER BY created_at, key_id`
    return (await select<StoredKey>(client, query)).map(keyOf)
  },
  saveApiKey: ({ id, tenant, createdAt, createdBy, expiresAt, revokedAt, revision, name, role, hash }) =>
    insert(client, {
      table: 'api_keys',
      token: randomUUID(),
      rows: [
        {
          tenant: tenant ?? '',
          key_id: id,
          revision,
          name,
          role,
          hash,
          created_at: timeValue(createdAt),
          created_by: createdBy,
          expires_at: timeValueOrNull(expiresAt),
          revoked_at: timeValueOrNull(revokedAt),
        },
      ],
    }),
  async apiKeyUses() {
    const query = 'SELECT key_id, toUnixTimestamp64Milli(max(used_at)) AS used FROM api_key_uses GROUP BY key_id'
    const rows = await select<{ key_id: string; used: number | string }>(client, query)
    return new Map(rows.map(({ key_id, used }) => [key_id, Number(used)]))
  },
  saveApiKeyUse: ({ id, tenant }, at) =>
    insert(client, {
      table: 'api_key_uses',
      token: randomUUID(),
      rows: [{ tenant: tenant ?? '', key_id: id, used_at: timeValue(at) }],
    }),
})

const keyOf = ({ tenant, key_id, created, created_by, expires, revoked, ...rest }: StoredKey): ApiKey => ({
  ...rest,
  id: key_id,
  tenant: tenant === '' ? null : tenant,
  createdAt: Number(created),
  createdBy: created_by,
  expiresAt: expires === null ? null : Number(expires),
  revokedAt: revoked === null ? null : Number(revoked),
})
