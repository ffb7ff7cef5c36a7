import type { Command } from 'commander'
import type { z } from 'zod'
import { SearchQuery } from '../../schemas/api/query.ts'
import type { SearchPage } from '../../schemas/api/search.ts'
import type { ApiClient, Asked } from '../ports/index.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { limitFlag, PAGE } from './list-limit.ts'
import { clock } from './page-text.ts'
import { paged } from './pager.ts'
import { queryOf, withQuery } from './query-options.ts'
import { type ServiceFlags, withClient, withService } from './service-client.ts'

type Page = z.output<typeof SearchPage>
type Found = Page['items'][number]

interface Flags extends ServiceFlags {
  readonly limit: number
  readonly json?: boolean
  readonly pager: boolean
}

/** What is asked beside the words. */
const OPTIONS = SearchQuery.omit({ q: true })

/** `catenary search` */
export function addSearch(program: Command, io: Io, exit: Exit): void {
  limitFlag(
    withService(
      withQuery(program.command('search').argument('<words...>', 'each stands somewhere in the name'), OPTIONS),
    ),
  )
    .summary('tools, resources, agents and credentials by words in their names')
    .description(
      'Finds tools, resources, agents and credentials by words anywhere in their names, last seen first, asked of a service over its API ' +
        '(docs/shell.md). What it finds is what --tool, --resource, --agent and --credential of the lists take.',
    )
    .option('--json', 'one JSON object a line (NDJSON), the counts last, and nothing else')
    .option('--no-pager', 'print at once on a terminal too')
    .addHelpText(
      'after',
      `${EXIT_HELP}\n\nExamples\n  catenary search payroll\n  catenary search vault prod --kind resource --limit all --json`,
    )
    .action(async (words: readonly string[], flags: Flags) => {
      await withClient(io, flags, async (client, { tenant }) => {
        const query = {
          ...(tenant === undefined ? {} : { tenant }),
          ...queryOf(OPTIONS, flags as object as Record<string, unknown>),
          q: words.join(' '),
        }
        const { items, counts } = await found(client, query, flags.limit)
        if (flags.json === true)
          for (const line of [...items, { type: 'counts', ...counts }]) io.stdout.write(`${JSON.stringify(line)}\n`)
        else await paged(io, textOf(items, counts), flags.pager)
      })
      exit(EXIT.done)
    })
}

async function found(client: ApiClient, query: NonNullable<Asked['query']>, limit: number) {
  const items: Found[] = []
  let cursor: string | null = null
  let counts: Page['counts']
  do {
    const more: number = Math.min(PAGE, limit - items.length)
    const asked: Asked['query'] = { ...query, limit: more, ...(cursor === null ? {} : { cursor }) }
    const page = (await client.ask({ path: 'v1/search', query: asked })).body as Page
    items.push(...page.items)
    counts = page.counts
    cursor = page.next_cursor
  } while (cursor !== null && items.length < limit)
  return { items, counts }
}

function textOf(items: readonly Found[], counts: Page['counts']): string {
  const told = Object.entries(counts).map(([kind, many]) => `${many} ${kind}${many === 1 ? '' : 's'}`)
  const all = Object.values(counts).reduce((sum, many) => sum + many, 0)
  if (all === 0) return 'nothing is called so\n'
  const hasTenants = new Set(items.map(({ tenant }) => tenant)).size > 1
  const lines = items.map(
    ({ tenant, kind, name, last_at }) =>
      `${hasTenants ? `${printable(tenant)}  ` : ''}${kind.padEnd(10)}  ${clock(last_at)}  ${printable(name)}`,
  )
  const rest = all > items.length ? `the first ${items.length}; there are more (--limit, --kind, --json)\n` : ''
  return `${lines.join('\n')}\n${told.join(', ')}\n${rest}`
}
