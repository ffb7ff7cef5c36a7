import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import type { KafkaMessage } from 'kafkajs'
import { byTopic } from '../../src/adapters/kafka/parts.ts'
import type { InputRecord } from '../../src/adapters/kafka/record-of.ts'
import { startClickHouse, type TestClickHouse } from '../kit/clickhouse.ts'
import { createTopics, readTopic, startFrontedKafka, startKafka, type TestKafka, testClient } from '../kit/kafka.ts'
import type { KafkaFront } from '../kit/kafka-front.ts'
import { objectsOf, type Started, startProgram } from '../kit/program.ts'

/** What a run left: identities only, in order, so that two runs can be compared to the id. */
export interface Left {
  readonly steps: readonly string[]
  readonly findings: readonly string[]
  readonly alerts: readonly string[]
  /** Every revision of every alert: id and number. */
  readonly revisions: readonly string[]
}

/** A process of the cluster, as `catenary serve` in cluster mode is. */
export interface ClusterNode {
  /** What it is called by both fronts: its client's id at the broker, its path at the store. */
  readonly name: string
  readonly started: Started
  readonly url: string
}

/** One that may not listen yet. */
export type Process = Omit<ClusterNode, 'url'>

export const INPUTS = ['agent.tool-calls', 'agent.credentials', 'agent.oauth']
const READ_MS = 600_000
const POLL_MS = 250

/** A broker, a ClickHouse server and as many processes of Catenary as a test starts. */
export class TestCluster {
  readonly kafka: TestKafka & { readonly front?: KafkaFront }
  readonly clickhouse: TestClickHouse
  readonly #folder = mkdtempSync(join(tmpdir(), 'catenary-cluster-'))
  readonly #processes = new Set<Process>()
  readonly #ending = new Set<Process>()
  readonly #gone: { readonly name: string; readonly code: number | null; readonly err: string }[] = []

  readonly #name: string
  readonly #more: Readonly<Record<string, string>>
  #database: string
  #takenOver = 0
  #started = 0

  private constructor(
    kafka: TestCluster['kafka'],
    clickhouse: TestClickHouse,
    name: string,
    more: Readonly<Record<string, string>>,
  ) {
    this.kafka = kafka
    this.clickhouse = clickhouse
    this.#name = name
    this.#more = more
    this.#database = name === '' ? clickhouse.database : `${clickhouse.database}_${name}`
  }

  /** `isFronted`: everybody reaches the broker through a front that can keep requests back. */
  static async start(partitions: number, { isFronted = false } = {}): Promise<TestCluster> {
    const [kafka, clickhouse] = await Promise.all([
      isFronted ? startFrontedKafka() : startKafka({ own: true }),
      startClickHouse(),
    ])
    const cluster = new TestCluster(kafka, clickhouse, '', {})
    await cluster.#createTopics(partitions)
    return cluster
  }

  /** Another cluster on the same broker and server: topics, group and database of its own. */
  async another(name: string, partitions: number, more: Readonly<Record<string, string>> = {}): Promise<TestCluster> {
    const cluster = new TestCluster(this.kafka, this.clickhouse, name, more)
    await cluster.#createTopics(partitions)
    return cluster
  }

  /** A topic of this cluster by its usual name. */
  topic(name: string): string {
    return this.#name === '' ? name : `${this.#name}.${name}`
  }

  async #createTopics(partitions: number): Promise<void> {
    const counts = [...INPUTS, 'catenary.threads'].map((topic) => [this.topic(topic), partitions])
    await createTopics(this.kafka.brokers, {
      ...Object.fromEntries(counts),
      [this.topic('catenary.alerts')]: 2,
      [this.topic('catenary.dead-letters')]: 1,
    })
  }

  /** The database that the processes of this cluster store in. */
  get database(): string {
    return this.#database
  }

  /** How the names of all its processes begin. */
  get prefix(): string {
    return `${this.#name === '' ? 'catenary' : this.#name}-`
  }

  get #group(): string {
    return this.#name === '' ? 'catenary' : `catenary-${this.#name}`
  }

  get env(): Readonly<Record<string, string>> {
    const { url, user, password } = this.clickhouse
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
      CATENARY_CLICKHOUSE__DATABASE: this.#database,
      CATENARY_CONTENT__KEY: createHash('sha256').update('test').digest('hex'),
      CATENARY_ENGINE__TICK_MS: '200',
      CATENARY_LOG__LEVEL: 'info',
      CATENARY_KAFKA__GROUP_ID: this.#group,
      CATENARY_KAFKA__TOOL_CALLS_TOPIC: this.topic('agent.tool-calls'),
      CATENARY_KAFKA__CREDENTIALS_TOPIC: this.topic('agent.credentials'),
      CATENARY_KAFKA__OAUTH_TOPIC: this.topic('agent.oauth'),
      CATENARY_KAFKA__THREADS_TOPIC: this.topic('catenary.threads'),
      CATENARY_KAFKA__ALERTS_TOPIC: this.topic('catenary.alerts'),
      CATENARY_KAFKA__DEAD_LETTERS_TOPIC: this.topic('catenary.dead-letters'),
      ...this.#more,
    }
  }

  /** Starts a process and waits until it listens. */
  async node(more: Readonly<Record<string, string>> = {}): Promise<ClusterNode> {
    this.#started += 1
    const name = `${this.prefix}${this.#started}`
    const started = startProgram(['serve', '--port', '0', '--json'], this.#folder, {
      ...this.env,
      CATENARY_KAFKA__CLIENT_ID: name,
      CATENARY_CLICKHOUSE__URL: `${this.clickhouse.url}/?pathname=/${name}`,
      ...more,
    })
    const process = { name, started }
    this.#processes.add(process)
    started.child.stderr?.on('data', (data: Buffer) => {
      this.#takenOver += data.toString().split('"partition taken over"').length - 1
    })
    void started.ended.then(({ code, err }) => {
      this.#processes.delete(process)
      this.#gone.push({ name, code, err })
    })
    const url = await new Promise<string>((resolve, reject) => {
      started.child.stdout?.on('data', (data: Buffer) => {
        const match = /"url":"([^"]+)"/.exec(data.toString())
        if (match?.[1] !== undefined) resolve(match[1])
      })
      void started.ended.then(({ code, err }) =>
        reject(new Error(`the process ended with ${code}: ${err.slice(-2_000)}`)),
      )
    })
    return { name, started, url }
  }

  /** The processes that run, or start, and are to go on. */
  get nodes(): readonly Process[] {
    return [...this.#processes].filter((process) => !this.#ending.has(process))
  }

  /** Those that are no more, with their logs. */
  get gone(): readonly { readonly name: string; readonly code: number | null; readonly err: string }[] {
    return this.#gone
  }

  end(process: Process, signal: 'SIGKILL' | 'SIGTERM'): void {
    this.#ending.add(process)
    process.started.child.kill(signal)
  }

  /** Sends records of the usual topics to this cluster's. */
  async send(records: readonly InputRecord[]): Promise<void> {
    const producer = testClient(this.kafka.brokers).producer()
    await producer.connect()
    try {
      const ours = records.map(({ topic, ...message }) => ({ topic: this.topic(topic), messages: [message] }))
      await producer.sendBatch({ topicMessages: byTopic(ours) })
    } finally {
      await producer.disconnect()
    }
  }

  async produce(...files: readonly string[]): Promise<void> {
    const { code, err } = await startProgram(['produce', ...files], this.#folder, this.env).ended
    if (code !== 0) throw new Error(`produce ended with ${code}: ${err}`)
  }

  /**
   * Waits until the group has committed all there is and what was found no longer changes; where it is known what should be
   * left, until it is or half a minute went by without a change.
   */
  async settled(wanted?: Left): Promise<void> {
    const admin = testClient(this.kafka.brokers).admin()
    await admin.connect()
    try {
      const deadline = Date.now() + READ_MS
      let last = ''
      let since = Date.now()
      while (Date.now() < deadline) {
        // A broker that was just started does not answer for the group at once.
        const lag = await this.#lag(admin).catch(() => -1)
        const left = lag === 0 ? await this.left() : null
        const seen = left === null ? `lag ${lag}` : JSON.stringify(left)
        if (seen !== last) since = Date.now()
        last = seen
        const quietMs = wanted === undefined ? 5_000 : left !== null && isSame(left, wanted) ? 1_500 : 30_000
        if (left !== null && Date.now() - since > quietMs) return
        await delay(POLL_MS)
      }
      throw new Error(`not settled after ${READ_MS} ms: ${last.slice(0, 200)}`)
    } finally {
      await admin.disconnect()
    }
  }

  /** How often a process of this cluster took a partition over. */
  get takenOver(): number {
    return this.#takenOver
  }

  /** Waits until so many partitions were taken over. */
  async joined(partitions: number): Promise<void> {
    const deadline = Date.now() + READ_MS
    while (this.#takenOver < partitions) {
      if (Date.now() > deadline) throw new Error(`only ${this.#takenOver} of ${partitions} partitions were taken over`)
      await delay(POLL_MS)
    }
  }

  /** Records of topics, by their usual names, that the group has not committed yet. */
  async lag(names: readonly string[] = INPUTS): Promise<number> {
    const admin = testClient(this.kafka.brokers).admin()
    await admin.connect()
    return this.#lag(admin, names).finally(() => admin.disconnect())
  }

  /** Puts a record that is none on every topic that is read. */
  async poison(): Promise<void> {
    const producer = testClient(this.kafka.brokers).producer()
    await producer.connect()
    try {
      for (const name of [...INPUTS, 'catenary.threads'])
        await producer.send({ topic: this.topic(name), messages: [{ key: 'poison', value: '{"kind":"no such"' }] })
    } finally {
      await producer.disconnect()
    }
  }

  /** A client of this cluster's database. */
  client(): ClickHouseClient {
    const { url, user: username, password } = this.clickhouse
    return createClient({ url, username, password, database: this.#database })
  }

  async left(): Promise<Left> {
    const client = this.client()
    const ids = async (query: string): Promise<readonly string[]> => {
      const rows = await (await client.query({ query, format: 'JSONEachRow' })).json<{ id: string }>()
      return rows.map(({ id }) => id).sort()
    }
    try {
      const [steps, findings, alerts, revisions] = await Promise.all([
        ids("SELECT concat(tenant, ' ', workflow_id, ' ', source, ' ', event_id) AS id FROM steps FINAL"),
        ids("SELECT finding_id AS id FROM findings FINAL WHERE status = 'open'"),
        ids("SELECT alert_id AS id FROM v_alerts WHERE status = 'open'"),
        ids("SELECT DISTINCT concat(alert_id, ' ', toString(revision)) AS id FROM alerts"),
      ])
      return { steps, findings, alerts, revisions }
    } finally {
      await client.close()
    }
  }

  /** Kills the processes of this cluster alone. */
  async killNodes(): Promise<void> {
    const nodes = [...this.#processes]
    for (const node of nodes) this.end(node, 'SIGKILL')
    await Promise.all(nodes.map(({ started }) => started.ended))
  }

  /** What went out to the alerts topic: id and revision of each, once. */
  async told(): Promise<ReadonlySet<string>> {
    return new Set(
      (await this.records('catenary.alerts')).map(({ value }) => {
        const { alert_id: id, revision } = JSON.parse(String(value)) as { alert_id: string; revision: number }
        return `${id} ${revision}`
      }),
    )
  }

  /** All that a topic has now, by its usual name. */
  async records(name: string): Promise<readonly KafkaMessage[]> {
    const topic = this.topic(name)
    const admin = testClient(this.kafka.brokers).admin()
    await admin.connect()
    const ends = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect())
    const count = ends.reduce((sum, { high }) => sum + Number(high), 0)
    return count === 0 ? [] : readTopic(this.kafka.brokers, topic, count)
  }

  async stop(): Promise<void> {
    await this.killNodes()
    await Promise.all([this.kafka.stop(), this.clickhouse.stop()])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #lag(
    admin: ReturnType<ReturnType<typeof testClient>['admin']>,
    names: readonly string[] = INPUTS,
  ): Promise<number> {
    const committed = await admin.fetchOffsets({
      groupId: this.#group,
      topics: names.map((name) => this.topic(name)),
    })
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

/** Whether two runs left the same; how many revisions it took may differ. */
const isSame = (a: Left, b: Left): boolean =>
  a.steps.join() === b.steps.join() && a.findings.join() === b.findings.join() && a.alerts.join() === b.alerts.join()

/** The workflows that alerts of a file name. */
export async function workflowsInAlerts(file: string): Promise<ReadonlySet<string>> {
  const { code, out, err } = await startProgram(['analyze', '--json', file], process.cwd()).ended
  if (code !== 0) throw new Error(`analyze ended with ${code}: ${err}`)
  const alerts = objectsOf<{ type: string; workflow_ids: readonly string[] }>({ out }).filter(
    ({ type }) => type === 'alert',
  )
  return new Set(alerts.flatMap(({ workflow_ids: ids }) => ids))
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
