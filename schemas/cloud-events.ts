import { z } from 'zod'
import { type Refused, refuse } from './rejection.ts'

type Fields = Readonly<Record<string, unknown>>

/** The wire form of a CloudEvents 1.0 envelope in structured mode with an event as `data`. */
export const CloudEvent = z.object({
  specversion: z.literal('1.0'),
  type: z
    .string()
    .regex(/^catenary\.[a-z_]+$/)
    .describe('`catenary.<kind>`'),
  id: z.string().min(1).describe("Fills the event's `id` where it has none."),
  source: z.string().min(1).describe("Fills the event's `source` where it has none."),
  time: z.string().meta({ format: 'date-time' }).optional().describe("Fills the event's `time` where it has none."),
  datacontenttype: z.string().optional(),
  data: z.record(z.string(), z.unknown()).describe('The event.'),
})

const NAMED = new Set(Object.keys(CloudEvent.shape))

/** Whether a record is wrapped as a CloudEvent: it has a `specversion` and no `kind` of its own. */
export const isCloudEvent = (value: Fields): boolean =>
  value['specversion'] !== undefined && value['kind'] === undefined

/** The event inside a structured CloudEvent, its `id`, `source`, `time` and `kind` filled from the envelope. */
export function openCloudEvent(value: Fields): { readonly ok: true; readonly fields: Fields } | Refused {
  if (value['specversion'] !== '1.0') {
    return refuse('bad_cloudevent', 'specversion', '"specversion" must be "1.0", the only version read')
  }
  const type = value['type']
  if (typeof type !== 'string' || !type.startsWith('catenary.')) {
    return refuse(
      'bad_cloudevent',
      'type',
      '"type" must be a string of the form catenary.<kind>, as catenary.tool_call',
    )
  }
  for (const name of ['id', 'source']) {
    const item = value[name]
    if (typeof item !== 'string' || item === '') {
      return refuse('bad_cloudevent', name, `"${name}" must be a string that is not empty, as CloudEvents 1.0 requires`)
    }
  }
  const data = value['data']
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return refuse('bad_cloudevent', 'data', '"data" must be the event as a JSON object (not text, not data_base64)')
  }
  return fill(value, data as Fields, type.slice('catenary.'.length))
}

function fill(value: Fields, data: Fields, kind: string): { readonly ok: true; readonly fields: Fields } | Refused {
  if (data['kind'] !== undefined && data['kind'] !== kind) {
    return refuse('bad_cloudevent', 'type', '"type" and the kind in "data" disagree; make "type" catenary.<kind>')
  }
  const fields: Record<string, unknown> = { ...data, kind }
  for (const name of ['id', 'source', 'time']) {
    if (fields[name] === undefined && value[name] !== undefined) fields[name] = value[name]
  }
  const rest = Object.entries(value).filter(([name]) => !NAMED.has(name))
  if (rest.length > 0 && fields['cloudevent'] === undefined) fields['cloudevent'] = Object.fromEntries(rest)
  return { ok: true, fields }
}

/** A binary CloudEvent (`ce_` or `ce-` headers beside the event) in structured form; null without such headers. */
export function structuredOf(headers: Readonly<Record<string, string>>, data: unknown): Fields | null {
  const names = Object.keys(headers).filter((header) => /^ce[_-]/i.test(header))
  if (!names.some((header) => header.slice(3).toLowerCase() === 'specversion')) return null
  return Object.fromEntries([
    ...names.map((header) => [header.slice(3).toLowerCase(), headers[header]]),
    ['data', data],
  ])
}
