import { writeFileSync } from 'node:fs'
import { Registry } from 'prom-client'
import { frameworkOf } from '../dist/detectors/frameworks.js'
import { detectors } from '../dist/detectors/index.js'
import { detectorsReference } from '../dist/detectors/page.js'
import { createApi } from '../dist/src/api/create-api.js'
import { apiReference } from '../dist/src/api/reference.js'

/** Writes docs/detectors.md and docs/api.md. Run it after `npm run build`; tests tell when it was forgotten. */
const at = (path) => new URL(`../${path}`, import.meta.url)

writeFileSync(at('docs/detectors.md'), detectorsReference(detectors))
const app = createApi({
  detectors,
  frameworkOf,
  logger: false,
  version: '0.0.0',
  registry: new Registry(),
  subscribe: () => () => undefined,
})
await app.ready()
const { body } = await app.inject({ url: '/openapi.json', headers: { host: '127.0.0.1' } })
writeFileSync(at('docs/api.md'), apiReference(JSON.parse(body)))
await app.close()
