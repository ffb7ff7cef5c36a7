import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeRecord } from '../../schemas/event.ts'
import { type InputRecord, inputRecord } from '../../src/adapters/kafka/record-of.ts'
import { describeKafka, KAFKA_START_MS } from '../kit/kafka.ts'
import { buildProgram } from '../kit/program.ts'
import { FAULTS, randomOf, SESSION_MS, scheduleOf, suffer } from './chaos.ts'
import { type Left, TestCluster, workflowsInAlerts } from './cluster.ts'
import { keepRemains } from './remains.ts'

const ESTATE = resolve('src/estate/data/estate.ndjson.gz')
const PARTITIONS = 3
const MINUTES = 60_000
/** What `npm test` runs: few that have every fault between them. */
const SELECTED = [7, 13, 15, 16, 17, 22, 24, 30, 37, 44, 45, 46, 47, 57, 62]
/** `npm run chaos -- --schedules N --seed S` asks for others than these. */
const COUNT = Number(process.env['CATENARY_TEST_SCHEDULES'] ?? 0)
const FIRST = Number(process.env['CATENARY_TEST_CHAOS_SEED'] ?? 1)
const SEEDS = COUNT > 0 ? Array.from({ length: COUNT }, (_, i) => FIRST + i) : SELECTED
const SHORT = {
  CATENARY_KAFKA__SESSION_TIMEOUT_MS: String(SESSION_MS),
  CATENARY_KAFKA__HEARTBEAT_INTERVAL_MS: '400',
  CATENARY_KAFKA__REBALANCE_TIMEOUT_MS: '10000',
}
const NAMES = {
  toolCallsTopic: 'agent.tool-calls',
  credentialsTopic: 'agent.credentials',
  oauthTopic: 'agent.oauth',
  threadsTopic: 'catenary.threads',
  alertsTopic: 'catenary.alerts',
  deadLettersTopic: 'catenary.dead-letters',
}

describe('a schedule of faults', () => {
  it('is the same for the same seed, and has every fault as its first one in turn', () => {
    expect(scheduleOf(7)).toEqual(scheduleOf(7))
    const first = Array.from({ length: FAULTS.length }, (_, seed) => scheduleOf(seed).faults[0]?.fault)
    expect(new Set(first)).toEqual(new Set(FAULTS))
  })

  it('befalls a cluster with fourteen others or more, which have every fault between them', () => {
    expect(new Set(SELECTED).size).toBeGreaterThanOrEqual(15)
    const befalling = SELECTED.flatMap((seed) => scheduleOf(seed).faults.map(({ fault }) => fault))
    expect(FAULTS.filter((fault) => !befalling.includes(fault))).toEqual([])
  })
})

describeKafka('a cluster that faults befall', () => {
  let base: TestCluster
  let records: readonly InputRecord[]
  let calm: Left
  /** The next cluster starts while the one before it comes to rest. */
  const prepared = new Map<number, Promise<TestCluster>>()

  async function prepare(seed: number): Promise<TestCluster> {
    const cluster = await base.another(`c${seed}`, PARTITIONS, SHORT)
    await Promise.all([cluster.node(), cluster.node()])
    return cluster
  }

  function ready(seed: number): Promise<TestCluster> {
    const cluster = prepared.get(seed) ?? prepare(seed)
    prepared.set(seed, cluster)
    // Who asks for it is told.
    cluster.catch(() => undefined)
    return cluster
  }

  beforeAll(async () => {
    const [started] = await Promise.all([TestCluster.start(PARTITIONS, { isFronted: true }), buildProgram()])
    base = started
    records = recordsOf(await someOf(ESTATE))
    await Promise.all([base.node(), base.node()])
    await base.send(records)
    await base.settled()
    calm = await base.left()
    await base.killNodes()
  }, KAFKA_START_MS)

  afterAll(async () => {
    await base.stop()
  })

  it('finds something when nothing does', () => {
    expect(calm.alerts.length).toBeGreaterThan(7)
  })

  for (const [i, seed] of SEEDS.entries()) {
    const schedule = scheduleOf(seed)
    it(
      `ends as a calm one does: ${schedule.faults.map(({ fault }) => fault).join(', ')} (npm run chaos -- --schedules 1 --seed ${seed})`,
      async () => {
        const began = performance.now()
        const cluster = await ready(seed)
        const times = [performance.now() - began]
        let story: readonly string[] = []
        let isOver = false
        try {
          story = await suffer(cluster, schedule, disturbed(records, seed))
          times.push(performance.now() - began)
          const next = SEEDS[i + 1]
          if (next !== undefined) void ready(next)
          await cluster.settled(calm)
          times.push(performance.now() - began)
          const left = await cluster.left()
          expect({ steps: left.steps, findings: left.findings, alerts: left.alerts }).toEqual({
            steps: calm.steps,
            findings: calm.findings,
            alerts: calm.alerts,
          })
          const told = await cluster.told()
          expect([...told].sort()).toEqual([...left.revisions])
          times.push(performance.now() - began)
          isOver = true
        } finally {
          await cluster.killNodes()
          console.log(
            `seed ${seed}: ${story.join('; ')}; ready, healed, settled, told: ${times.map(Math.round).join(' ')}`,
          )
          if (!isOver) {
            const folder = mkdtempSync(join(tmpdir(), `catenary-chaos-${seed}-`))
            await keepRemains(cluster, calm, folder)
            console.log(`seed ${seed}: what it left is in ${folder}`)
          }
        }
        const crashes = cluster.gone.filter(({ code }) => code !== null && code !== 0 && code !== 3)
        expect(crashes).toEqual([])
      },
      15 * MINUTES,
    )
  }
})

/** The workflows with alerts, all events without a workflow but most heartbeats, and one in 32 of the rest. */
async function someOf(path: string): Promise<readonly string[]> {
  const wanted = await workflowsInAlerts(path)
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n')
  return lines.filter((line, i) => {
    const { workflow_id: id, kind } = JSON.parse(line) as { workflow_id?: string; kind: string }
    if (id === undefined) return kind !== 'heartbeat' || i % 16 === 0
    return wanted.has(id) || [...id].reduce((sum, char) => sum + char.charCodeAt(0), 0) % 32 === 0
  })
}

function recordsOf(lines: readonly string[]): readonly InputRecord[] {
  return lines.map((line) => {
    const decoded = decodeRecord(Buffer.from(line), { content: { key: new Uint8Array(32), retain: false } })
    if (!decoded.ok) throw new Error(decoded.message)
    return inputRecord(decoded.event, JSON.parse(line), NAMES)
  })
}

/** The same records, neighbours out of order and one in twenty twice. */
function disturbed(records: readonly InputRecord[], seed: number): readonly InputRecord[] {
  const random = randomOf(seed + 2)
  return records
    .flatMap((record, i) => {
      const at = { record, at: i + random() * 4 }
      return random() < 0.05 ? [at, { record, at: i + random() * 40 }] : [at]
    })
    .sort((a, b) => a.at - b.at)
    .map(({ record }) => record)
}
