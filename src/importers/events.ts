import { EVENT_KINDS } from '../core/index.ts'
import { type Importer, isFields } from './importer.ts'

const KINDS: ReadonlySet<unknown> = new Set(EVENT_KINDS)

/**
 * The contract itself, and structured CloudEvents: a record is passed on as it is, and the door judges it. A record
 * with most of an event's marks is taken for one, so that what is wrong with it is told precisely.
 */
export const events: Importer = {
  format: 'events',
  sniff: (record) => {
    if (!isFields(record)) return false
    if (KINDS.has(record['kind']) || typeof record['specversion'] === 'string') return true
    const marks = ['id', 'time', 'kind', ...EVENT_KINDS].filter((name) => Object.hasOwn(record, name))
    return marks.length > 1
  },
  convert: (record) => {
    if (isFields(record)) return [{ ok: true, value: record }]
    return [{ ok: false, reason: 'not_an_object', path: '', message: 'an event is one JSON object; send one a line' }]
  },
}
