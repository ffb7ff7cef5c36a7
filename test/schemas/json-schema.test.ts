import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { jsonSchemas } from '../../schemas/json-schema.ts'
import { eventReference } from '../../schemas/reference.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe('what is generated from the schemas is fresh (else: npm run build && node scripts/generate-schemas.mjs)', () => {
  it.each(Object.entries(jsonSchemas()))('schemas/json/%s', (name, text) => {
    expect(read(`schemas/json/${name}`)).toBe(text)
  })

  it('and nothing else lies in schemas/json', () => {
    const found = readdirSync(new URL('../../schemas/json', import.meta.url))
    expect(new Set(found)).toEqual(new Set(Object.keys(jsonSchemas())))
  })

  it('docs/events.md', () => {
    expect(read('docs/events.md')).toBe(eventReference())
  })
})
