import { writeFileSync } from 'node:fs'
import { frameworkOf } from '../dist/detectors/frameworks.js'
import { detectors } from '../dist/detectors/index.js'
import { detectorsReference } from '../dist/detectors/page.js'
import { createApi } from '../dist/src/api/create-api.js'
import { apiReference } from '../dist/src/api/reference.js'
import { createClusterMetrics, createMetrics } from '../dist/src/service/metrics/index.js'
import { metricsIn, metricsReference } from '../dist/src/service/metrics/reference.js'

/** Writes docs/detectors.md, docs/api.md and docs/metrics.md. Run it after `npm run build`; tests tell when it was forgotten. */
const at = (path) => new URL(`../${path}`, import.meta.url)

writeFileSync(at('docs/detectors.md'), detectorsReference(detectors))
const parts = { clock: () => 0, version: '0.0.0' }
const apiOn = async (registry) => {
  const app = createApi({
    detectors,
    frameworkOf,
    logger: false,
    version: '0.0.0',
    registry,
    subscribe: () => () => undefined,
  })
  await app.ready()
  return app
}
const embedded = createMetrics({ ...parts, mode: 'embedded' }).registry
const cluster = createClusterMetrics(parts, { count: 1, topics: [], consumer: () => null }).registry
const app = await apiOn(embedded)
const { body } = await app.inject({ url: '/openapi.json', headers: { host: '127.0.0.1' } })
writeFileSync(at('docs/api.md'), apiReference(JSON.parse(body)))
await app.close()
await (await apiOn(cluster)).close()
writeFileSync(at('docs/metrics.md'), metricsReference(metricsIn(cluster), metricsIn(embedded)))
