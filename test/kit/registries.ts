import { createClusterMetrics, createMetrics } from '../../src/service/metrics/index.ts'
import { type MetricNote, metricsIn } from '../../src/service/metrics/reference.ts'
import { service } from '../api/kit.ts'

/** What a process of each mode has at `/metrics`, its API included. */
export async function metricsOfModes(): Promise<Readonly<Record<'embedded' | 'cluster', readonly MetricNote[]>>> {
  const parts = { clock: () => 0, version: '0.0.0' }
  const embedded = createMetrics({ ...parts, mode: 'embedded' }).registry
  const cluster = createClusterMetrics(parts, { count: 1, topics: [], consumer: () => null }).registry
  for (const registry of [embedded, cluster]) await service({ registry }).app.close()
  return { embedded: metricsIn(embedded), cluster: metricsIn(cluster) }
}
