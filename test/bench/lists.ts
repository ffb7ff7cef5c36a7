import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { detectors } from '../../detectors/index.ts'
import { openClickHouseStore } from '../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectEmbedded } from '../../src/adapters/clickhouse/connect.ts'
import { readConfig } from '../../src/config/index.ts'
import { embeddedPath } from '../../src/service/open-store.ts'
import { startService } from '../../src/service.ts'
import { BEGAN, fill, SIZES, sizesOf } from './lists/fill.ts'

/**
 * `npm run bench:lists [STEPS] [FOLDER] [PATH]`: how long each list takes to answer over so many stored steps (default 10 million),
 * by filter: p50 and p99 of requests over HTTP, each for other values, and the processor time of one, which says more where the
 * machine has other work. FOLDER is kept, and used as it is when it is
 * there. PATH: only of paths with it.
 */
const [steps = '10000000', kept, only = '/'] = process.argv.slice(2)
const ROUNDS = Number(process.env['ROUNDS'] ?? 20)
const DAY = 86_400_000

const print = (line: string): void => void process.stdout.write(`${line}\n`)

async function filled(folder: string): Promise<void> {
  const client = await connectEmbedded(embeddedPath(folder))
  const store = await openClickHouseStore(client)
  const began = performance.now()
  const sizes = await fill(client, Number(steps), (line) => process.stderr.write(`\r${line}          `))
  print(`\nfilled ${JSON.stringify(sizes)} in ${((performance.now() - began) / 1_000).toFixed(0)} s`)
  await store.close()
}

const iso = (at: number): string => new Date(at).toISOString()

/** What is asked, by the number of the request. */
type Asked = (n: number) => Readonly<Record<string, string>>

const FILTERS: Readonly<Record<string, Asked>> = {
  nothing: () => ({}),
  tenant: () => ({ tenant: 'default' }),
  day: (n) => ({ since: iso(BEGAN + n * DAY), until: iso(BEGAN + (n + 1) * DAY) }),
  agent: (n) => ({ agent: `agent-${(n * 37) % SIZES.agents}` }),
  'agent*': (n) => ({ agent: `agent-${n % 10}*` }),
  principal: (n) => ({ principal: `user-${(n * 37) % SIZES.principals}@acme.example` }),
  credential: (n) => ({ credential: `cred-${n * 101}` }),
  'credential*': (n) => ({ credential: `cred-${n * 7}*` }),
  tool: (n) => ({ tool: `tool-${n}.read` }),
  'tool*': (n) => ({ tool: `tool-${n % 10}*` }),
  resource: (n) => ({ resource: `res/${n}/${n + 100}` }),
  'resource*': (n) => ({ resource: `res/${n}/*` }),
  detector: (n) => ({ detector: `detector-${n % SIZES.detectors}` }),
  min_severity: () => ({ min_severity: 'high' }),
  min_score: () => ({ min_score: '95' }),
  'agent + tool': (n) => ({ agent: `agent-${n}`, tool: `tool-${n}.read` }),
  'tool + day': (n) => ({ tool: `tool-${n}.read`, since: iso(BEGAN + n * DAY), until: iso(BEGAN + (n + 1) * DAY) }),
  'agent + min_severity + tenant': (n) => ({ agent: `agent-${n}`, min_severity: 'high', tenant: 'default' }),
  'tool + resource* + principal + min_score': (n) => ({
    tool: `tool-${n}.read`,
    resource: `res/${n}/*`,
    principal: `user-${n}@acme.example`,
    min_score: '50',
  }),
}

/** Filters that a list does not take. */
const WITHOUT: Readonly<Record<string, readonly string[]>> = {
  chains: [],
  alerts: [],
  incidents: ['principal', 'tool', 'resource'],
  credentials: ['detector', 'min_severity', 'min_score'],
}

const at = (sorted: readonly number[], share: number): string =>
  (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(0)

async function measure(url: string, path: string, asked: Asked): Promise<void> {
  const times: number[] = []
  let found = 0
  if (!path.includes(only)) return
  const used = process.cpuUsage()
  for (let n = 1; n <= ROUNDS; n += 1) {
    const query = new URLSearchParams(asked(n))
    const began = performance.now()
    const reply = await fetch(`${url}${path.replaceAll('{n}', String(n * 20 + 1))}?${query}`)
    const body = (await reply.json()) as { readonly items?: readonly object[] }
    times.push(performance.now() - began)
    if (!reply.ok) throw new Error(`${path}?${query}: ${reply.status} ${JSON.stringify(body)}`)
    found += body.items?.length ?? 1
  }
  const { user, system } = process.cpuUsage(used)
  const sorted = times.sort((a, b) => a - b)
  print(
    `| ${path} | ${[...Object.keys(asked(1))].join(', ')} | ${(found / ROUNDS).toFixed(0)} | ${at(sorted, 0.5)} | ${at(sorted, 0.99)} | ${((user + system) / 1_000 / ROUNDS).toFixed(0)} |`,
  )
}

async function main(): Promise<void> {
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'catenary-bench-lists-'))
  try {
    if (!existsSync(embeddedPath(folder))) await filled(folder)
    const env = { CATENARY_DATA__PATH: folder, CATENARY_API__PORT: '0' }
    const { config } = readConfig({ env, folder, detectors })
    const service = await startService(config, { version: 'bench', logger: pino({ level: 'silent' }) })
    print(
      `over ${JSON.stringify(sizesOf(Number(steps)))}\n\n| list | by | items | p50 ms | p99 ms | processor ms |\n|---|---|---|---|---|---|`,
    )
    for (const path of [
      '/v1/chains/wf-{n}',
      '/v1/chains/wf-{n}/steps',
      '/v1/agents/agent-7/path',
      '/v1/credentials/cred-{n}',
    ])
      await measure(service.url, path, () => ({}))
    for (const [list, without] of Object.entries(WITHOUT))
      for (const asked of Object.values(FILTERS))
        if (!Object.keys(asked(1)).some((name) => without.includes(name)))
          await measure(service.url, `/v1/${list}`, asked)
    await service.close()
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

await main()
