import { mkdirSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { createEstate, DEMO_ESTATE, labelsOf } from '../dist/src/estate/index.js'

/** Writes the bundled example estate and its labels. Run it after `npm run build`; a test tells when it was forgotten. */
const at = (name) => new URL(`../src/estate/data/${name}`, import.meta.url)

mkdirSync(at('.'), { recursive: true })
const lines = Array.from(createEstate(DEMO_ESTATE), (event) => `${JSON.stringify(event)}\n`)
// Node's gzip writes no time into the header, so that equal events give equal bytes.
writeFileSync(at('estate.ndjson.gz'), gzipSync(lines.join(''), { level: 9 }))
writeFileSync(at('labels.json'), `${JSON.stringify(labelsOf(DEMO_ESTATE), null, 2)}\n`)
