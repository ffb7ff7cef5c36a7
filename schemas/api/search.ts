import { z } from 'zod'
import { NAME_KINDS, type Name } from '../../src/ports/index.ts'
import { iso, pageOf, Time } from './words.ts'

const Found = z
  .object({
    type: z.literal('name'),
    tenant: z.string(),
    kind: z.enum(NAME_KINDS),
    name: z
      .string()
      .describe(
        'The tool, or the id of the resource, agent or credential. As `tool`, `resource`, `agent` or `credential` it narrows every list.',
      ),
    first_at: Time.describe('Of the first step with it.'),
    last_at: Time.describe('Of the last step with it.'),
  })
  .meta({ id: 'FoundName' })

export const SearchPage = pageOf(Found, 'FoundNames')
  .extend({
    counts: z
      .object({ tool: z.int(), resource: z.int(), agent: z.int(), credential: z.int() })
      .describe('How many there are of each kind on all pages.'),
  })
  .meta({ id: 'SearchPage' })

export const nameJson = ({ tenant, kind, name, firstAt, lastAt }: Name): z.output<typeof Found> => ({
  type: 'name',
  tenant,
  kind,
  name,
  first_at: iso(firstAt),
  last_at: iso(lastAt),
})
