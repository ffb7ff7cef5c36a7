import type { ClickHouseClient } from '@clickhouse/client'
import type { CredentialSummary } from '../../core/index.ts'
import { chunksOf } from './chunks.ts'
import { select } from './select.ts'

const MAX_FAMILY = 1_000

/** The credential, its ancestors and all derived from them, oldest first; at most 1,000, those nearest to the root. */
export async function lineageOf(
  client: ClickHouseClient,
  tenant: string,
  id: string,
): Promise<readonly CredentialSummary[]> {
  const find = (column: 'credential_id' | 'parent_id', keys: readonly string[]) => where(client, column, tenant, keys)
  const family = new Map<string, CredentialSummary>()
  const climbed = new Set<string>()
  let root = id
  while (!climbed.has(root)) {
    climbed.add(root)
    const [found] = await find('credential_id', [root])
    if (found === undefined) break
    family.set(found.id, found)
    root = found.parentId ?? root
  }
  const asked = new Set([root])
  let generation: readonly string[] = [root]
  while (generation.length > 0) {
    const children = await find('parent_id', generation)
    for (const child of children) if (family.size < MAX_FAMILY) family.set(child.id, child)
    generation = family.size < MAX_FAMILY ? children.map((child) => child.id).filter((child) => !asked.has(child)) : []
    for (const child of generation) asked.add(child)
  }
  return [...family.values()].sort((a, b) => a.firstAt - b.firstAt || (a.id < b.id ? -1 : 1))
}

async function where(
  client: ClickHouseClient,
  column: 'credential_id' | 'parent_id',
  tenant: string,
  keys: readonly string[],
): Promise<readonly CredentialSummary[]> {
  const query = `SELECT credential FROM credentials FINAL
    WHERE tenant = {tenant:String} AND ${column} IN {keys:Array(String)} ORDER BY credential_id LIMIT ${MAX_FAMILY}`
  const found: CredentialSummary[] = []
  for (const chunk of chunksOf(keys, (key) => key))
    for (const { credential } of await select<{ credential: string }>(client, query, { tenant, keys: chunk }))
      found.push(JSON.parse(credential) as CredentialSummary)
  return found
}
