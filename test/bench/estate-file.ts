import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createEstate } from '../../src/estate/index.ts'

const START_AT = Date.parse('2026-11-02T00:00:00Z')
const HOUR_MS = 3_600_000
const EVENTS_OF_ESTATE = 20_000

/** Writes a seeded estate of about so many events as NDJSON. Returns how many it wrote. */
export const writeEstate = (file: string, events: number): Promise<number> =>
  write(file, createEstate({ seed: 7, events, startAt: START_AT, hours: 72 }), Number.POSITIVE_INFINITY)

/** Writes one estate after another, twelve hours each and each with its own seed, until the file has so many bytes. */
export const writeEstatesUpTo = (file: string, bytes: number): Promise<number> => write(file, estates(), bytes)

function* estates(): Generator<object> {
  for (let seed = 7, startAt = START_AT; ; seed += 1, startAt += 12 * HOUR_MS)
    yield* createEstate({ seed, events: EVENTS_OF_ESTATE, startAt, hours: 12 })
}

async function write(file: string, events: Iterable<object>, bytes: number): Promise<number> {
  const out = createWriteStream(file)
  let [count, text, written] = [0, '', 0]
  for (const event of events) {
    text += `${JSON.stringify(event)}\n`
    count += 1
    if (written + text.length >= bytes) break
    if (text.length < 1_000_000) continue
    written += text.length
    if (!out.write(text)) await once(out, 'drain')
    text = ''
  }
  out.end(text)
  await once(out, 'close')
  return count
}
