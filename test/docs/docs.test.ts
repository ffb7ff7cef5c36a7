import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { detectorsReference } from '../../detectors/page.ts'
import { apiReference } from '../../src/api/reference.ts'
import { ERROR_CODES } from '../../src/core/index.ts'
import { metricsReference } from '../../src/service/metrics/reference.ts'
import { service } from '../api/kit.ts'
import { metricsOfModes } from '../kit/registries.ts'

const read = (file: string): string => readFileSync(file, 'utf8')

describe('the reference is in step', () => {
  it('of the detectors (npm run docs)', () => {
    expect(read('docs/detectors.md')).toBe(detectorsReference(detectors))
  })

  it('of the API (npm run docs)', async () => {
    const { app } = service()
    const { body } = await app.inject({ url: '/openapi.json', headers: { host: '127.0.0.1' } })
    expect(read('docs/api.md')).toBe(apiReference(JSON.parse(body) as object))
    await app.close()
  })

  it('of the metrics (npm run docs)', async () => {
    const { cluster, embedded } = await metricsOfModes()
    expect(read('docs/metrics.md')).toBe(metricsReference(cluster, embedded))
  })

  it('of the errors, in both directions', () => {
    const told = [...read('docs/errors.md').matchAll(/^\| `(CAT_\w+)`/gm)].map(([, code]) => code)
    expect(told.sort()).toEqual([...ERROR_CODES].sort())
  })
})
