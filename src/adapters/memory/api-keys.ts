import type { AccessStore, ApiKey } from '../../ports/index.ts'
import { compareText } from './order.ts'
import { Shelf } from './shelf.ts'

/** See `AccessStore`. */
export function accessStore(): AccessStore {
  const keys = new Shelf<ApiKey>()
  const uses = new Map<string, number>()
  return {
    apiKeys: async () => [...keys.rows()].sort((a, b) => a.createdAt - b.createdAt || compareText(a.id, b.id)),
    saveApiKey: async (key) => void keys.put(key.id, key, key.revision),
    apiKeyUses: async () => new Map(uses),
    saveApiKeyUse: async ({ id }, at) => void uses.set(id, Math.max(at, uses.get(id) ?? at)),
  }
}
