import type { ClickHouseClient } from '@clickhouse/client'
import type { Claim, Claims } from '../../ports/index.ts'
import { select } from './select.ts'
import { storeError } from './store-error.ts'

/**
 * See `Claims`. An epoch is no lower than the clock's seconds: where a backup was restored, claims that the store has forgotten
 * may still be known to who hears of them over Kafka, and the new ones must be later.
 */
export const claimsOf = (client: ClickHouseClient, clock: () => number = Date.now): Claims => ({
  async claim(partition, owner) {
    const last = await latest(client, partition)
    const claim = { partition, epoch: Math.max((last?.epoch ?? 0) + 1, Math.floor(clock() / 1_000)), owner }
    try {
      await client.insert({
        table: 'owners',
        values: [{ partition_id: partition, epoch: claim.epoch, owner }],
        format: 'JSONEachRow',
        clickhouse_settings: { async_insert: 0 },
      })
    } catch (error) {
      throw storeError(error, 'claim a partition')
    }
    return claim
  },
  async holds({ partition, epoch, owner }) {
    const last = await latest(client, partition)
    return last !== null && last.epoch === epoch && last.owner === owner
  },
})

async function latest(client: ClickHouseClient, partition: number): Promise<Claim | null> {
  const [row] = await select<{ epoch: number | string; owner: string }>(
    client,
    'SELECT epoch, owner FROM owners WHERE partition_id = {partition:UInt32} ORDER BY epoch DESC, owner DESC LIMIT 1',
    { partition },
  )
  return row === undefined ? null : { partition, epoch: Number(row.epoch), owner: row.owner }
}
