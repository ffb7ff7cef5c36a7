import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@clickhouse/client'
import { startClickHouse, type TestClickHouse } from '../kit/clickhouse.ts'
import { createTopics, startKafka, type TestKafka, testClient } from '../kit/kafka.ts'
import { objectsOf, type Started, startProgram } from '../kit/program.ts'

/** What a run left: identities only, in order, so that two runs can be compared to the id. */
export interface Left {
  readonly steps: readonly string[]
  readonly findings: readonly string[]
  readonly alerts: readonly string[]
}

/** A process of the cluster, as `catenary serve` in cluster mode is. */
export interface ClusterNode {
  readonly started: Started
  readonly url: string
}

const INPUTS = ['agent.tool-calls', 'agent.credentials', 'agent.oauth']
const READ_MS = 240_000
const POLL_MS = 250

/** A broker, a ClickHouse server and as many processes of Catenary as a test starts. */
export class TestCluster {
  readonly kafka: TestKafka
  readonly clickhouse: TestClickHouse
  readonly #folder = mkdtempSync(join(tmpdir(), 'catenary-cluster-'))
  readonly #nodes = new Set<Started>()

  private constructor(kafka: TestKafka, clickhouse: TestClickHouse) {
    this.kafka = kafka
    this.clickhouse = clickhouse
  }

  static async start(partitions: number): Promise<TestCluster> {
    const [kafka, clickhouse] = await Promise.all([startKafka({ own: true }), startClickHouse()])
    const counts = Object.fromEntries([...INPUTS, 'catenary.threads'].map((topic) => [topic, partitions]))
    await createTopics(kafka.brokers, { ...counts, 'catenary.alerts': 2, 'catenary.dead-letters': 1 })
    return new TestCluster(kafka, clickhouse)
  }

  get env(): Readonly<Record<string, string>> {
    const { url, user, password, database } = this.clickhouse
    return {
      CATENARY_MODE: 'cluster',
      CATENARY_KAFKA__BROKERS: this.kafka.brokers.join(),
      CATENARY_KAFKA__SESSION_TIMEOUT_MS: '30000',
      CATENARY_KAFKA__HEARTBEAT_INTERVAL_MS: '1000',
      CATENARY_KAFKA__REBALANCE_TIMEOUT_MS: '30000',
      CATENARY_KAFKA__MAX_WAIT_MS: '100',
      CATENARY_KAFKA__IDLE_TOPIC_MS: '1000',
      CATENARY_CLICKHOUSE__URL: url,
      CATENARY_CLICKHOUSE__USER: user,
      CATENARY_CLICKHOUSE__PASSWORD: password,
      CATENARY_CLICKHOUSE__DATABASE: database,
      CATENARY_CONTENT__KEY: createHash('sha256').update('test').digest('hex'),
      CATENARY_ENGINE__TICK_MS: '200',
      CATENARY_LOG__LEVEL: 'info',
    }
  }

  /** Starts a process and waits until it listens. */
  async node(more: Readonly<Record<string, string>> = {}): Promise<ClusterNode> {
    const started = startProgram(['serve', '--port', '0', '--json'], this.#folder, { ...this.env, ...more })
    this.#nodes.add(started)
    void started.ended.then(() => this.#nodes.delete(started))
    const url = await new Promise<string>((resolve, reject) => {
      started.child.stdout?.on('data', (data: Buffer) => {
        const match = /"url":"([^"]+)"/.exec(data.toString())
        if (match?.[1] !== undefined) resolve(match[1])
      })
      void started.ended.then(({ code, err }) =>
        reject(new Error(`the process ended with ${code}: ${err.slice(-2_000)}`)),
      )
    })
    return { started, url }
  }

  async produce(...files: readonly string[]): Promise<void> {
    const { code, err } = await startProgram(['produce', ...files], this.#folder, this.env).ended
    if (code !== 0) throw new Error(`produce ended with ${code}: ${err}`)
  }

  /** Waits until the group has committed all there is on the inputs, nothing new comes to the threads but time, and all is judged. */
  async settled(): Promise<void> {
    const admin = testClient(this.kafka.brokers).admin()
    await admin.connect()
    try {
      const deadline = Date.now() + READ_MS
      let last = ''
      let since = Date.now()
      while (Date.now() < deadline) {
        const lag = await this.#lag(admin)
        const seen = lag === 0 ? JSON.stringify(await this.left()) : `lag ${lag}`
        if (seen !== last) since = Date.now()
        last = seen
        if (lag === 0 && Date.now() - since > 4_000) return
        await delay(POLL_MS)
      }
      throw new Error(`not settled after ${READ_MS} ms: ${last.slice(0, 200)}`)
    } finally {
      await admin.disconnect()
    }
  }

  async left(): Promise<Left> {
    const client = createClient({
      url: this.clickhouse.url,
      username: this.clickhouse.user,
      password: this.clickhouse.password,
      database: this.clickhouse.database,
    })
    const ids = async (query: string): Promise<readonly string[]> => {
      const rows = await (await client.query({ query, format: 'JSONEachRow' })).json<{ id: string }>()
      return rows.map(({ id }) => id).sort()
    }
    try {
      const [steps, findings, alerts] = await Promise.all([
        ids("SELECT concat(tenant, ' ', workflow_id, ' ', source, ' ', event_id) AS id FROM steps FINAL"),
        ids("SELECT finding_id AS id FROM findings FINAL WHERE status = 'open'"),
        ids("SELECT alert_id AS id FROM v_alerts WHERE status = 'open'"),
      ])
      return { steps, findings, alerts }
    } finally {
      await client.close()
    }
  }

  async stop(): Promise<void> {
    for (const { child } of this.#nodes) child.kill('SIGKILL')
    await Promise.all([this.kafka.stop(), this.clickhouse.stop()])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #lag(admin: ReturnType<ReturnType<typeof testClient>['admin']>): Promise<number> {
    const committed = await admin.fetchOffsets({ groupId: 'catenary', topics: INPUTS })
    let lag = 0
    for (const { topic, partitions } of committed) {
      const ends = await admin.fetchTopicOffsets(topic)
      for (const { partition, high } of ends) {
        const at = partitions.find((one) => one.partition === partition)?.offset ?? '-1'
        lag += Number(high) - Math.max(0, Number(at))
      }
    }
    return lag
  }
}

/** What one process finds in the same files: the open alerts of `catenary analyze`. */
export async function analyzed(...files: readonly string[]): Promise<readonly string[]> {
  const { code, out, err } = await startProgram(['analyze', '--json', ...files], process.cwd()).ended
  if (code !== 0) throw new Error(`analyze ended with ${code}: ${err}`)
  return objectsOf<{ type: string; alert_id: string; status: string }>({ out })
    .filter(({ type, status }) => type === 'alert' && status === 'open')
    .map(({ alert_id }) => alert_id)
    .sort()
}
