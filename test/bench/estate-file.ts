import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createEstate } from '../../src/estate/index.ts'

const START_AT = Date.parse('2026-11-02T00:00:00Z')

/** Writes a seeded estate of about so many events as NDJSON. Returns how many it wrote. */
export async function writeEstate(file: string, events: number): Promise<number> {
  const out = createWriteStream(file)
  let [count, text] = [0, '']
  for (const event of createEstate({ seed: 7, events, startAt: START_AT, hours: 72 })) {
    text += `${JSON.stringify(event)}\n`
    count += 1
    if (text.length < 1_000_000) continue
    if (!out.write(text)) await once(out, 'drain')
    text = ''
  }
  out.end(text)
  await once(out, 'close')
  return count
}
