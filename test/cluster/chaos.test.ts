import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeKafka, KAFKA_START_MS } from '../kit/kafka.ts'
import { buildProgram } from '../kit/program.ts'
import { FAULTS, randomOf, scheduleOf, suffer } from './chaos.ts'
import { type Left, TestCluster, workflowsInAlerts } from './cluster.ts'

const ESTATE = resolve('src/estate/data/estate.ndjson.gz')
const PARTITIONS = 3
const MINUTES = 60_000
/** None in `npm test`: they take minutes. `npm run chaos -- --schedules N --seed S` lets them befall a cluster. */
const COUNT = Number(process.env['CATENARY_TEST_SCHEDULES'] ?? 0)
const FIRST = Number(process.env['CATENARY_TEST_CHAOS_SEED'] ?? 1)
const SEEDS = Array.from({ length: COUNT }, (_, i) => FIRST + i)
const SHORT = {
  CATENARY_KAFKA__SESSION_TIMEOUT_MS: '6000',
  CATENARY_KAFKA__HEARTBEAT_INTERVAL_MS: '500',
  CATENARY_KAFKA__REBALANCE_TIMEOUT_MS: '10000',
}

describe('a schedule of faults', () => {
  it('is the same for the same seed, and has every fault as its first one in turn', () => {
    expect(scheduleOf(7)).toEqual(scheduleOf(7))
    const first = Array.from({ length: FAULTS.length }, (_, seed) => scheduleOf(seed).faults[0]?.fault)
    expect(new Set(first)).toEqual(new Set(FAULTS))
  })
})

const befall = (): void => {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-chaos-'))
  const file = join(folder, 'events.ndjson')
  let base: TestCluster
  let calm: Left

  beforeAll(async () => {
    await buildProgram()
    base = await TestCluster.start(PARTITIONS)
    writeFileSync(file, await someOf(ESTATE))
    await base.produce(file)
    await Promise.all([base.node(), base.node()])
    await base.settled()
    calm = await base.left()
    await base.killNodes()
  }, KAFKA_START_MS)

  afterAll(async () => {
    await base.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('finds something when nothing does', () => {
    expect(calm.alerts.length).toBeGreaterThan(5)
  })

  for (const seed of SEEDS) {
    const schedule = scheduleOf(seed)
    it(
      `ends as a calm one does: ${schedule.faults.map(({ fault }) => fault).join(', ')} (npm run chaos -- --schedules 1 --seed ${seed})`,
      async () => {
        const cluster = await base.another(`c${seed}`, PARTITIONS, SHORT)
        const shuffled = join(folder, `events-${seed}.ndjson`)
        writeFileSync(shuffled, disturbed(readFileSync(file, 'utf8'), seed))
        try {
          await Promise.all([cluster.produce(shuffled), suffer(cluster, schedule)])
          await cluster.settled(calm)
          const left = await cluster.left()
          expect({ steps: left.steps, findings: left.findings, alerts: left.alerts }).toEqual({
            steps: calm.steps,
            findings: calm.findings,
            alerts: calm.alerts,
          })
          const told = await cluster.told()
          expect([...told].sort()).toEqual([...left.revisions])
        } finally {
          await base.clickhouse.faults.set({})
          await cluster.killNodes()
        }
      },
      8 * MINUTES,
    )
  }
}

if (COUNT > 0) describeKafka('a cluster that faults befall', befall)

/** The workflows with alerts, all events without a workflow, and one in sixteen of the rest. */
async function someOf(path: string): Promise<string> {
  const wanted = await workflowsInAlerts(path)
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n')
  const kept = lines.filter((line) => {
    const { workflow_id: id } = JSON.parse(line) as { workflow_id?: string }
    return id === undefined || wanted.has(id) || [...id].reduce((sum, char) => sum + char.charCodeAt(0), 0) % 16 === 0
  })
  return `${kept.join('\n')}\n`
}

/** The same events, neighbours out of order and one in twenty twice. */
function disturbed(text: string, seed: number): string {
  const random = randomOf(seed + 2)
  const lines = text.trim().split('\n')
  const placed = lines.flatMap((line, i) => {
    const at = { line, at: i + random() * 4 }
    return random() < 0.05 ? [at, { line, at: i + random() * 40 }] : [at]
  })
  return `${placed
    .sort((a, b) => a.at - b.at)
    .map(({ line }) => line)
    .join('\n')}\n`
}
