import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs'
import { describe, it } from 'vitest'
import { waitForLeaders } from '../../src/adapters/kafka/kafka-topics.ts'
import { freePorts } from './free-ports.ts'
import { kafkaClassPath, whyNoKafka } from './kafka-files.ts'
import { type KafkaFront, startKafkaFront } from './kafka-front.ts'
import { type Secure, type SecureParts, secureParts } from './kafka-secure.ts'

const run = promisify(execFile)

/** How long a hook that starts a broker may take where the jars are still to be fetched. */
export const KAFKA_START_MS = 600_000
const UP_MS = 120_000

/** Up sooner, and no thread for each core: a test is over before the optimizing compiler pays. */
const QUICK_JAVA = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

/** A broker of Apache Kafka, and what can befall it. */
export interface TestKafka {
  readonly brokers: string[]
  /** SIGKILL: at once, nothing flushed. */
  kill(): Promise<void>
  /** Up again on the same port with the same data; whatever still runs is killed before. */
  restart(): Promise<void>
  /** SIGSTOP: connections stay open and nothing is answered until `resume`. */
  stall(): void
  resume(): void
  /** Ends the broker and removes its data. */
  stop(): Promise<void>
}

/**
 * A `describe` for tests that need a broker. Where none can be had it is skipped and says why; where `CI` is set that is a
 * failure.
 */
export function describeKafka(title: string, body: () => void): void {
  const why = given() === null ? whyNoKafka() : null
  if (why === null) describe(title, body)
  else if (process.env['CI'])
    describe(title, () => {
      it('has a broker to run against', () => {
        throw new Error(why)
      })
    })
  else {
    process.stderr.write(`skipped: ${title}: ${why}\n`)
    describe.skip(`${title} (${why})`, body)
  }
}

/**
 * The brokers that `CATENARY_TEST_KAFKA_BROKERS` names, else one of this machine's own. Tests that kill or stall ask for
 * one of their `own` in any case.
 */
export async function startKafka({ own = false }: { own?: boolean } = {}): Promise<TestKafka> {
  const brokers = own ? null : given()
  return brokers === null ? startOwn(null) : shared(brokers)
}

/** A broker of one's own behind a front, through which everybody reaches it. */
export async function startFrontedKafka(): Promise<TestKafka & { readonly front: KafkaFront }> {
  const [port = 0] = await freePorts(1)
  const front = await startKafkaFront(port)
  const kafka = await startOwn(null, { port, advertised: front.port })
  const stop = async (): Promise<void> => {
    await kafka.stop()
    await front.close()
  }
  return { ...kafka, stop, front }
}

/** A broker of one's own that also has a listener for mutual TLS and one for SASL over TLS. */
export async function startSecureKafka(): Promise<TestKafka & { readonly secure: Secure }> {
  const [tlsPort = 0, saslPort = 0] = await freePorts(2)
  const folder = mkdtempSync(join(tmpdir(), 'catenary-kafka-keys-'))
  const parts = secureParts(folder, tlsPort, saslPort)
  const kafka = await startOwn(parts)
  const stop = async (): Promise<void> => {
    await kafka.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...kafka, stop, secure: parts.secure }
}

/** Makes topics and waits until each partition has a leader. */
export async function createTopics(brokers: string[], topics: Readonly<Record<string, number>>): Promise<void> {
  const admin = testClient(brokers).admin()
  await admin.connect()
  try {
    const wanted = Object.entries(topics).map(([topic, numPartitions]) => ({
      topic,
      numPartitions,
      replicationFactor: 1,
    }))
    await admin.createTopics({ waitForLeaders: false, topics: wanted })
    await waitForLeaders(admin, wanted)
  } finally {
    await admin.disconnect()
  }
}

/** The records of a topic from its beginning, once there are `count` of them; order holds within a partition. */
export async function readTopic(brokers: string[], topic: string, count: number): Promise<readonly KafkaMessage[]> {
  const consumer = testClient(brokers).consumer({ groupId: `read-${topic}-${process.hrtime.bigint()}` })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    return await new Promise<readonly KafkaMessage[]>((done, failed) => {
      const found: KafkaMessage[] = []
      consumer.on('consumer.crash', ({ payload }) => {
        // A coordinator that is still loading is no end: kafkajs joins again.
        if (!payload.restart) failed(payload.error)
      })
      const eachMessage = async ({ message }: { message: KafkaMessage }): Promise<void> => {
        found.push(message)
        if (found.length === count) done(found)
      }
      consumer.run({ eachMessage }).catch(failed)
    })
  } finally {
    await consumer.disconnect()
  }
}

/** A silent client of the tests, that waits for a broker to be back: on a busy machine that takes a while. */
export const testClient = (brokers: string[]): Kafka =>
  new Kafka({
    clientId: 'test',
    brokers,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 120 },
  })

function given(): string[] | null {
  const text = process.env['CATENARY_TEST_KAFKA_BROKERS'] ?? ''
  return text === '' ? null : text.split(',').map((broker) => broker.trim())
}

function shared(brokers: string[]): TestKafka {
  const no = (): never => {
    throw new Error('these brokers are not ours to stop; ask for startKafka({ own: true })')
  }
  return { brokers, kill: no, restart: no, stall: no, resume: no, stop: async () => undefined }
}

/** Where a broker listens, and where it says that it does. */
interface Ports {
  readonly port: number
  readonly advertised: number
}

async function startOwn(parts: SecureParts | null, ports?: Ports): Promise<TestKafka> {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-kafka-'))
  try {
    return await startIn(folder, parts, ports)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

async function startIn(folder: string, parts: SecureParts | null, ports?: Ports): Promise<TestKafka> {
  const classPath = await kafkaClassPath()
  const [free = 0, controllerPort = 0] = await freePorts(2)
  const { port, advertised } = ports ?? { port: free, advertised: free }
  const settings = join(folder, 'server.properties')
  writeFileSync(settings, propertiesOf(folder, { port, advertised }, controllerPort, parts))
  // What `StorageTool random-uuid` prints, without a second Java to print it.
  const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url')
  const format = [
    'kafka.tools.StorageTool',
    'format',
    `--cluster-id=${id}`,
    '-c',
    settings,
    ...(parts?.formatArgs ?? []),
  ]
  await run('java', [...QUICK_JAVA, '-cp', classPath, ...format])
  const brokers = [`127.0.0.1:${advertised}`]
  let server = await up(classPath, settings, brokers)
  const end = async (): Promise<void> => {
    server.kill('SIGKILL')
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
  }
  const atExit = (): void => {
    server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', atExit)
  return {
    brokers,
    kill: end,
    restart: async () => {
      await end()
      server = await up(classPath, settings, brokers)
    },
    stall: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    stop: async () => {
      await end()
      process.off('exit', atExit)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The server's process once it answers. */
async function up(classPath: string, settings: string, brokers: string[]): Promise<ChildProcess> {
  const server = spawn('java', ['-Xmx512m', ...QUICK_JAVA, '-cp', classPath, 'kafka.Kafka', settings], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      log = (log + text).slice(-8_000)
    })
  }
  const deadline = Date.now() + UP_MS
  while (!(await isUp(brokers))) {
    const isOver = server.exitCode !== null || server.signalCode !== null
    if (isOver || Date.now() > deadline) {
      server.kill('SIGKILL')
      throw new Error(`the Kafka broker ${isOver ? 'ended at once' : `was not up in ${UP_MS / 1_000} s`}:\n${log}`)
    }
    await delay(100)
  }
  return server
}

async function isUp(brokers: string[]): Promise<boolean> {
  const admin = new Kafka({
    brokers,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 500,
    retry: { retries: 0 },
  }).admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.length > 0
  } catch {
    return false
  } finally {
    await admin.disconnect()
  }
}

function propertiesOf(
  folder: string,
  { port, advertised }: Ports,
  controllerPort: number,
  parts: SecureParts | null,
): string {
  const openAt = (at: number): string => [`PLAINTEXT://127.0.0.1:${at}`, ...(parts?.listeners ?? [])].join()
  return `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
listeners=${openAt(port)},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=${openAt(advertised)}
listener.security.protocol.map=${['PLAINTEXT:PLAINTEXT', 'CONTROLLER:PLAINTEXT', ...(parts?.protocols ?? [])].join()}
inter.broker.listener.name=PLAINTEXT
log.dirs=${join(folder, 'data')}
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.enable=false
${parts?.properties ?? ''}`
}
