import type { Command } from 'commander'
import { OneQuery } from '../../schemas/api/query.ts'
import type { Query } from '../../schemas/api/query-fields.ts'
import type { ApiClient, Asked } from '../ports/index.ts'
import { pageReader, pagesOf } from '../ports/index.ts'
import { wholeNumber } from './flags.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { limitFlag, PAGE } from './list-limit.ts'
import { paged } from './pager.ts'
import { queryOf, withQuery } from './query-options.ts'
import { type Paint, paintFor } from './render.ts'
import { type Place, type ServiceFlags, withClient, withService } from './service-client.ts'
import { changesIn, watching } from './watch.ts'

/** Something the API has a list of, and how people read it. */
export interface Resource<Item extends { readonly tenant: string }, Shown = Item> {
  /** `chains`: the command, and the path below `v1/`. */
  readonly name: string
  /** `a chain`. */
  readonly one: string
  readonly about: string
  readonly query: Query
  readonly idOf: (item: Item) => string
  readonly head: readonly string[]
  /** A row of the table; texts need not be safe to print. */
  readonly row: (item: Item) => readonly (string | number)[]
  /** How the list is sorted, in words; newest first when left out. */
  readonly order?: string
  /** One thing as a person reads it. `ask`: more of it, below its own path. Null: there is no more to show than the list. */
  readonly page: ((item: Shown, parts: PageParts) => Promise<string>) | null
  readonly examples: string
}

export interface PageParts {
  readonly paint: Paint
  ask<T>(below: string, query?: Asked['query']): Promise<T>
}

interface ListFlags extends ServiceFlags {
  readonly limit: number
  readonly json?: boolean
  readonly watch?: number | true
  readonly pager: boolean
}

interface ShowFlags extends ServiceFlags {
  readonly tenant?: string
  readonly json?: boolean
  readonly pager: boolean
}

/** Rows of one table: it is laid out whole. */
const MAX_ROWS = 10_000
const WATCH_S = 5

/** `catenary NAME list | show`. Gives the group, for what else can be done with such things. */
export function addResource<Item extends { readonly tenant: string }, Shown>(
  { program, io, exit }: { readonly program: Command; readonly io: Io; readonly exit: Exit },
  resource: Resource<Item, Shown>,
): Command {
  const { name, one, about, query, examples, order = 'newest first', page } = resource
  const group = program
    .command(name)
    .summary(about)
    .description(
      `${about.slice(0, 1).toUpperCase()}${about.slice(1)}, asked of a service over its API (docs/shell.md).`,
    )
    .exitOverride()
  const list = withService(withQuery(group.command('list').description(`Prints ${name}, ${order}.`), query))
  limitFlag(list)
    .option(
      '--watch [seconds]',
      `look again every so often (${WATCH_S} s), and print what is new or changed`,
      wholeNumber(1, 86_400),
    )
    .option('--json', 'one JSON object a line (NDJSON), and nothing else')
    .option('--no-pager', 'print at once on a terminal too')
    .addHelpText('after', `${LIST_HELP}${EXIT_HELP}\n\nExamples\n${examples}`)
    .action(async (flags: ListFlags) => {
      await withClient(io, flags, (client, place) => listed(resource, { client, place, flags, io }))
      exit(EXIT.done)
    })
  if (page === null) return group
  withService(withQuery(group.command('show').argument('<id>', `of ${one}`), OneQuery))
    .description(`Prints all that is known of ${one}.`)
    .option('--json', 'one JSON object, as the API sends it')
    .option('--no-pager', 'print at once on a terminal too')
    .addHelpText('after', EXIT_HELP)
    .action(async (id: string, flags: ShowFlags) => {
      await withClient(io, flags, (client, place) => shown({ ...resource, page }, id, { client, place, flags, io }))
      exit(EXIT.done)
    })
  return group
}

const LIST_HELP = `
Every option but these narrows the list, as the parameter of that name does in the API. On a terminal the table goes through
the pager of PAGER (less when it is not set), else it is printed at once. --watch draws the table anew on a terminal; elsewhere, and
with --json, it prints one line for each that is new or changed. It looks at the first --limit.
`

interface Parts<Flags> {
  readonly client: ApiClient
  readonly place: Place
  readonly flags: Flags
  readonly io: Io
}

async function listed<Item extends { readonly tenant: string }, Shown>(
  resource: Resource<Item, Shown>,
  { client, place, flags, io }: Parts<ListFlags>,
): Promise<void> {
  const asked = { ...ofTenant(place), ...queryOf(resource.query, flags as object as Record<string, unknown>) }
  const batches = () => batchesOf<Item>(client, `v1/${resource.name}`, asked, flags.limit)
  const line = (item: Item): unknown => io.stdout.write(`${JSON.stringify(item)}\n`)
  if (flags.watch !== undefined) {
    const seconds = flags.watch === true ? WATCH_S : flags.watch
    const changed = changesIn((item: Item) => JSON.stringify([item.tenant, resource.idOf(item)]))
    const draws = flags.json !== true && io.stdout.isTTY === true
    await watching(io, seconds * 1_000, async () => {
      const { items, isCut } = await collected(batches())
      if (draws)
        io.stdout.write(
          `${CLEAR}every ${seconds} s, as of ${new Date().toISOString()}\n${tableOf(resource, items, isCut)}`,
        )
      else
        for (const item of changed(items)) flags.json === true ? line(item) : io.stdout.write(rowLine(resource, item))
    })
    return
  }
  if (flags.json === true) {
    for await (const { items } of batches()) for (const item of items) line(item)
    return
  }
  const { items, isCut } = await collected(batches())
  await paged(io, tableOf(resource, items, isCut), flags.pager)
}

const CLEAR = '\u001b[H\u001b[2J\u001b[3J'

/** The list piece by piece, up to `limit`. `isCut`: there is more than that. */
async function* batchesOf<Item>(
  client: ApiClient,
  path: string,
  query: Asked['query'],
  limit: number,
): AsyncGenerator<{ readonly items: readonly Item[]; readonly isCut: boolean }> {
  let left = limit
  for await (const { items, cursor } of pagesOf(pageReader<Item>(client, path, query), Math.min(PAGE, limit))) {
    yield { items: items.slice(0, left), isCut: cursor !== null || items.length > left }
    left -= items.length
    if (left <= 0) return
  }
}

async function collected<Item>(batches: AsyncIterable<{ readonly items: readonly Item[]; readonly isCut: boolean }>) {
  const all: Item[] = []
  let isLast = true
  for await (const { items, isCut } of batches) {
    all.push(...items)
    isLast = !isCut
    if (all.length >= MAX_ROWS) break
  }
  return { items: all, isCut: !isLast }
}

/** In columns without lines: cheap for thousands of rows, and for `awk` and `grep`. */
function tableOf<Item extends { readonly tenant: string }, Shown>(
  { name, head, row }: Resource<Item, Shown>,
  items: readonly Item[],
  isCut: boolean,
): string {
  if (items.length === 0) return `no ${name}\n`
  const hasTenants = new Set(items.map(({ tenant }) => tenant)).size > 1
  const rows = items.map((item) => [...(hasTenants ? [item.tenant] : []), ...row(item)].map(cell))
  const titles = [...(hasTenants ? ['tenant'] : []), ...head].map((title) => title.toUpperCase())
  const widths = titles.map((title, i) =>
    rows.reduce((most, cells) => Math.max(most, cells[i]?.length ?? 0), title.length),
  )
  const lines = [titles, ...rows].map((cells) =>
    cells
      .map((text, i) => text.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n${isCut ? `the first ${items.length}; there are more (--limit, --json)\n` : ''}`
}

const rowLine = <Item extends { readonly tenant: string }, Shown>({ row }: Resource<Item, Shown>, item: Item): string =>
  `${[item.tenant, ...row(item)].map(cell).join('  ')}\n`

const WIDEST = 60
const cell = (value: string | number): string => {
  const text = printable(String(value))
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text
}

async function shown<Item extends { readonly tenant: string }, Shown>(
  resource: Resource<Item, Shown> & { readonly page: NonNullable<Resource<Item, Shown>['page']> },
  id: string,
  { client, place, flags, io }: Parts<ShowFlags>,
): Promise<void> {
  const tenant = flags.tenant ?? place.tenant
  const path = `v1/${resource.name}/${encodeURIComponent(id)}`
  const { body } = await client.ask({ path, query: { tenant } })
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify(body)}\n`)
    return
  }
  const ask = async <T>(below: string, query: Asked['query'] = {}): Promise<T> =>
    (await client.ask({ path: `${path}/${below}`, query: { tenant, ...query } })).body as T
  await paged(io, await resource.page(body as Shown, { paint: paintFor(io), ask }), flags.pager)
}

/** What the profile says where no flag does. */
const ofTenant = ({ tenant }: Place): NonNullable<Asked['query']> => (tenant === undefined ? {} : { tenant })
