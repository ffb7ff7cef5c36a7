import { mkdirSync, writeFileSync } from 'node:fs'
import { jsonSchemas } from '../dist/schemas/json-schema.js'
import { eventReference } from '../dist/schemas/reference.js'

/** Writes schemas/json/*.json and docs/events.md. Run it after `npm run build`; a test tells when it was forgotten. */
const at = (path) => new URL(`../${path}`, import.meta.url)

mkdirSync(at('schemas/json'), { recursive: true })
for (const [name, text] of Object.entries(jsonSchemas())) writeFileSync(at(`schemas/json/${name}`), text)
writeFileSync(at('docs/events.md'), eventReference())
