import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type ClusterNode, INPUTS, TestCluster } from '../cluster/cluster.ts'
import { type BareJob, consumeBare, type Spent } from './cluster/bare.ts'
import { measureDelays } from './cluster/delays.ts'
import { readOf, startOf } from './cluster/workflows.ts'
import { writeEstate } from './estate-file.ts'

/**
 * `npm run bench:cluster [EVENTS] [OPEN_CHAINS] [RATE]`: one broker and one store, and against them, one after the other, a bare
 * consumer, one that also inserts, and Catenary; then delays of alerts, and how long it takes to take over. All in one run.
 * With a rate, in events a second, delays are measured at that one and not at half of what Catenary did; a count of 0 leaves a
 * part out.
 */
const [events = '100000', chains = '100000', rate = ''] = process.argv.slice(2)
const SELF = fileURLToPath(import.meta.url)
const PARTITIONS = 3
const POLL_MS = 100
const DELAY_SECONDS = 30
/** As it is where nobody sets it; tests have a shorter one. */
const SETTINGS = { CATENARY_ENGINE__TICK_MS: '1000' }
const THREADS = ['catenary.threads']
/** What partitions tell each other of time goes on for ever: so many records may always be under way. */
const NOTICES = PARTITIONS * PARTITIONS

const print = (text: string): unknown => process.stdout.write(`${text}\n`)
const row = (label: string, value: string, aim = ''): unknown =>
  print(`${label.padEnd(66)} ${value.padStart(12)}  ${aim}`)

/** The value that a share of all are not above. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-bench-'))
  const cluster = await TestCluster.start(PARTITIONS)
  try {
    const most = Number(events) > 0 ? await throughput(cluster, join(folder, 'estate.ndjson')) : 0
    const even = rate === '' ? most / 2 : Number(rate)
    if (even > 0) await delays(await cluster.another('delay', PARTITIONS), even)
    if (Number(chains) > 0) await takeOver(await cluster.another('open', PARTITIONS), join(folder, 'open.ndjson'))
  } finally {
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Returns the events a second that Catenary did. */
async function throughput(cluster: TestCluster, file: string): Promise<number> {
  const written = await writeEstate(file, Number(events))
  await cluster.produce(file)
  print(`${written} events, ${PARTITIONS} partitions, ${cpus().length} cores, Node ${process.version}\n`)
  const topics = INPUTS.map((topic) => cluster.topic(topic))
  const { url, user, password } = cluster.clickhouse
  const store = { url, username: user, password, database: cluster.database }
  const job = { brokers: cluster.kafka.brokers, topics, records: written }
  const read = bareApart({ ...job, groupId: 'bare', store: null })
  const insert = bareApart({ ...job, groupId: 'bare-insert', store })
  const whole = await catenary(cluster, written)
  for (const [name, { wallS, cpuS }] of [
    ['consume, parse', read],
    ['consume, parse, insert', insert],
    ['Catenary', whole],
  ] as const) {
    row(`${name}: events/s on the wall`, Math.round(written / wallS).toString())
    row(`${name}: processor seconds a million events`, ((cpuS / written) * 1e6).toFixed(1))
  }
  row('Catenary ÷ (consume, parse, insert), processor time', (whole.cpuS / insert.cpuS).toFixed(2), 'aim 1.25')
  row('Catenary ÷ (consume, parse, insert), wall', (whole.wallS / insert.wallS).toFixed(2))
  return written / whole.wallS
}

const bareApart = (job: BareJob): Spent =>
  JSON.parse(execFileSync(process.execPath, [SELF, '--bare', JSON.stringify(job)], { encoding: 'utf8' })) as Spent

/** From the moment the process listens to the commit of the last offset of inputs and threads; processor time from start to end. */
async function catenary(cluster: TestCluster, records: number): Promise<Spent> {
  const node = await cluster.node(SETTINGS)
  const [began, cpu] = [performance.now(), await processorS(node)]
  while ((await cluster.lag()) > 0 || (await cluster.lag(THREADS)) > NOTICES) await delay(POLL_MS)
  const spent = { events: records, wallS: (performance.now() - began) / 1_000, cpuS: (await processorS(node)) - cpu }
  await cluster.killNodes()
  return spent
}

/** Processor seconds of a process since it was started, as it says itself. */
async function processorS({ url }: ClusterNode): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^process_cpu_seconds_total ([\d.e+-]+)/m.exec(text)?.[1] ?? Number.NaN)
}

async function delays(cluster: TestCluster, rate: number): Promise<void> {
  await Promise.all([cluster.node(SETTINGS), cluster.node(SETTINGS)])
  await cluster.joined(PARTITIONS)
  const { hops, alerts, wanted } = await measureDelays({
    brokers: cluster.kafka.brokers,
    inputTopic: cluster.topic('agent.tool-calls'),
    alertsTopic: cluster.topic('catenary.alerts'),
    rate,
    seconds: DELAY_SECONDS,
  })
  await cluster.killNodes()
  print(
    `\nAt ${Math.round(rate)} events/s for ${DELAY_SECONDS} s, two processes; ${alerts.length} of ${wanted} alerts came\n`,
  )
  for (const share of [0.5, 0.99])
    row(
      `p${share * 100}: produce → consume, produce → alert, in ms`,
      `${quantile(hops, share).toFixed(0)}, ${quantile(alerts, share).toFixed(0)}`,
    )
  row('p99 of the alert ÷ p99 of the hop', (quantile(alerts, 0.99) / quantile(hops, 0.99)).toFixed(2), 'aim 3')
}

/** Open chains come back in a process that starts, in one that another leaves in order, and in one whose other is killed. */
async function takeOver(cluster: TestCluster, file: string): Promise<void> {
  const count = Number(chains)
  const lines = Array.from({ length: count }, (_, i) => [startOf(`open-${i}`, i), readOf(`open-${i}`, 1, i + 1)])
  writeFileSync(file, lines.map((pair) => `${pair.map((one) => JSON.stringify(one)).join('\n')}\n`).join(''))
  const first = await cluster.node(SETTINGS)
  await cluster.produce(file)
  while ((await cluster.lag()) > 0) await delay(POLL_MS)
  const timed = async (label: string, act: () => Promise<unknown> | unknown, wanted: number): Promise<void> => {
    const before = cluster.takenOver
    const began = performance.now()
    await act()
    while (cluster.takenOver - before < wanted) await delay(POLL_MS)
    row(`${label}: seconds`, ((performance.now() - began) / 1_000).toFixed(1))
  }
  print(`\n${count} open chains, ${PARTITIONS} partitions\n`)
  first.started.child.kill('SIGKILL')
  await first.started.ended
  let nodes: ClusterNode[] = []
  await timed(
    'one process anew, after the time-out of the one killed',
    async () => nodes.push(await cluster.node(SETTINGS)),
    3,
  )
  await timed('a second process joins and has its partition', async () => nodes.push(await cluster.node(SETTINGS)), 1)
  await timed('one leaves in order, the other has its partitions', () => nodes[1]?.started.child.kill('SIGTERM'), 1)
  nodes = nodes.slice(0, 1)
  await timed('a second process joins again', async () => nodes.push(await cluster.node(SETTINGS)), 1)
  await timed(
    'one is killed, the other has all, the time-out included',
    () => nodes[1]?.started.child.kill('SIGKILL'),
    1,
  )
}

if (events === '--bare') print(JSON.stringify(await consumeBare(JSON.parse(chains) as BareJob)))
else await main()
