import { decodeEvent } from '../../schemas/event.ts'
import { importers } from '../../src/importers/index.ts'
import { decodeOptions } from '../../src/main.ts'
import type { Arrival } from '../../src/ports/index.ts'

const OPTIONS = decodeOptions({})

/** Events of the contract, through the door. */
export function* arrivalsOfEvents(events: Iterable<unknown>, file: string): Generator<Arrival> {
  let line = 0
  for (const value of events) {
    line += 1
    const decoded = decodeEvent(value, OPTIONS)
    const origin = { file, line }
    yield decoded.ok ? { ...decoded, origin } : { ...decoded, tenant: 'default', origin, raw: null }
  }
}

/** The events that one foreign record amounts to; null when no importer knows the format. */
export function arrivalsOfRecord(record: unknown, file: string): readonly Arrival[] | null {
  const importer = importers.find((one) => one.sniff(record))
  if (importer === undefined) return null
  const values = importer
    .convert(record, { file, line: 1, tenant: 'default' })
    .flatMap((one) => (one.ok ? [one.value] : []))
  return [...arrivalsOfEvents(values, file)]
}
