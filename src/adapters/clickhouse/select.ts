import type { ClickHouseClient } from '@clickhouse/client'
import { ask } from './ask.ts'

/** Values bound to `{name:Type}` in a query; nothing is ever written into the SQL itself. */
export type Params = Readonly<Record<string, string | number | readonly string[] | readonly number[]>>

/** Rows of a query, whole: the embedded engine buffers results anyway, so the caller sets a LIMIT. */
export async function select<Row>(client: ClickHouseClient, query: string, params: Params = {}): Promise<Row[]> {
  return ask('read', async () => {
    const result = await client.query({ query, query_params: { ...params }, format: 'JSONEachRow' })
    return result.json<Row>()
  })
}
