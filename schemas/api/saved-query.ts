import { z } from 'zod'
import type { SavedQuery as SavedQueryOf } from '../../src/ports/index.ts'
import { iso, pageOf, Time } from './words.ts'

/** The lists that a query may be of. */
export const QUERY_LISTS = ['chains', 'alerts', 'incidents', 'credentials', 'coverage'] as const
export type QueryList = (typeof QUERY_LISTS)[number]

const PLAIN = /^[^\p{Cc}]*$/u
const Name = z.string().min(1).max(100).regex(PLAIN, 'must hold no control characters')
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

const fields = {
  description: z.string().max(1_000).regex(PLAIN, 'must hold no control characters'),
  list: z.enum(QUERY_LISTS).describe('What it lists.'),
  parameters: z
    .record(z.string().min(1).max(50), z.string().min(1).max(4_096))
    .describe(
      'Query parameters as that list takes them, but for `tenant`, `limit` and `cursor`; and `last`, as `24h` or `7d`: since how long before it is run.',
    ),
}

export const SavedQuery = z
  .object({
    type: z.literal('saved_query'),
    name: Name,
    tenant: z.string(),
    ...fields,
    version: z.number().int(),
    changed_at: Time,
    changed_by: z.string().describe('Kind and id of the caller.'),
  })
  .meta({ id: 'SavedQuery' })

export const SavedQueryPage = pageOf(SavedQuery, 'SavedQueryPage')

const Change = { ...fields, description: fields.description.default(''), parameters: fields.parameters.default({}) }

const EXAMPLE = {
  description: 'for the morning round',
  list: 'alerts',
  parameters: { triage: 'open', min_severity: 'high', tool: 'crm.*', last: '24h' },
} as const

export const QueryWanted = z
  .strictObject({ name: Name, ...Change })
  .meta({ examples: [{ name: 'high at night', ...EXAMPLE }] })

export const QueryChange = z.strictObject(Change).meta({ examples: [EXAMPLE] })

/** How long `last` is, in milliseconds; null for a text that is no duration. */
export function lastMs(text: string): number | null {
  const [, count = '', unit = ''] = /^(\d{1,4})([mhd])$/.exec(text) ?? []
  const ms = Number(count) * (UNITS[unit] ?? 0)
  return ms > 0 ? ms : null
}

export const savedQueryJson = (query: SavedQueryOf): z.output<typeof SavedQuery> => ({
  type: 'saved_query',
  name: query.name,
  tenant: query.tenant,
  description: query.description,
  list: query.list as QueryList,
  parameters: query.parameters,
  version: query.version,
  changed_at: iso(query.changedAt),
  changed_by: query.changedBy,
})
