import { randomUUID } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import type { Silence } from '../../core/index.ts'
import type { SilenceQuery, SilenceStore } from '../../ports/index.ts'
import { insert } from './insert.ts'
import { boundsOf } from './list-filters.ts'
import { type List, listPage } from './list-page.ts'
import { boundValue, timeValue, timeValueOrNull } from './row-values.ts'
import { select } from './select.ts'

const itemOf = ({ silence }: { readonly silence: string }): Silence => JSON.parse(silence) as Silence

const AT = "fromUnixTimestamp64Milli({activeAt:Int64}, 'UTC')"
const IN_FORCE = `expires_at > ${AT} AND (removed_at IS NULL OR removed_at > ${AT})`

const SILENCES: List<Silence, { readonly silence: string }, SilenceQuery> = {
  table: 'silences',
  time: 'created_at',
  id: 'silence_id',
  columns: 'silence',
  conditions: ({ tenant, activeAt }, time) => {
    const { conditions, params } = boundsOf({ tenant }, time)
    if (activeAt === undefined) return { conditions, params }
    const { at, is } = activeAt
    return {
      conditions: [...conditions, is ? IN_FORCE : `NOT (${IN_FORCE})`],
      params: { ...params, activeAt: boundValue(at) },
    }
  },
  itemOf,
}

/** See `SilenceStore`. */
export const silenceStoreOf = (client: ClickHouseClient): SilenceStore => ({
  silences: (query) => listPage(client, SILENCES, query),
  async silence(tenant, id) {
    const query = 'SELECT silence FROM silences FINAL WHERE tenant = {tenant:String} AND silence_id = {id:String}'
    const [row] = await select<{ silence: string }>(client, query, { tenant, id })
    return row === undefined ? null : itemOf(row)
  },
  saveSilence: (silence) =>
    insert(client, {
      table: 'silences',
      token: randomUUID(),
      rows: [
        {
          tenant: silence.tenant,
          silence_id: silence.id,
          is_removed: silence.removedAt === null ? 0 : 1,
          created_at: timeValue(silence.createdAt),
          expires_at: timeValue(silence.expiresAt),
          removed_at: timeValueOrNull(silence.removedAt),
          silence: JSON.stringify(silence),
        },
      ],
    }),
})
