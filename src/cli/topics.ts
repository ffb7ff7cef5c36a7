import Table from 'cli-table3'
import type { Command } from 'commander'
import type { Admin } from 'kafkajs'
import { createTopics, describeTopics, retentionOf, type TopicState } from '../adapters/kafka/kafka-topics.ts'
import { wholeNumber } from './flags.ts'
import { EXIT, EXIT_HELP, type Exit, type Io } from './io.ts'
import type { ConfigFlags } from './settings.ts'
import { type KafkaSettings, withAdmin, withBrokers } from './with-kafka.ts'

interface ListFlags extends ConfigFlags {
  readonly json?: boolean
}

interface CreateFlags extends ListFlags {
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly retentionHours: number
  readonly dryRun?: boolean
}

const PARTITIONS = 12
const MAX_PARTITIONS = 10_000
const WEEK_HOURS = 168
const HOUR_MS = 3_600_000

/** `catenary topics create | list` */
export function addTopics(program: Command, io: Io, exit: Exit): void {
  const group = program.command('topics').summary('make and list the Kafka topics').description(ABOUT).exitOverride()
  withBrokers(group.command('create'))
    .description(
      'Makes the topics that are not there and leaves the others as they are. The inputs and the threads get equally many ' +
        'partitions: one partition is one core’s worth of work, and the count cannot be lowered later.',
    )
    .option('--partitions <n>', `partitions of each topic (default ${PARTITIONS})`, wholeNumber(1, MAX_PARTITIONS))
    .option('--replication-factor <n>', 'replicas of each (default 3, or the number of brokers)', wholeNumber(1, 100))
    .option('--retention-hours <n>', 'how long records are kept', wholeNumber(1, 1_000_000), WEEK_HOURS)
    .option('--dry-run', 'have the brokers check it, and make nothing')
    .option('--json', 'print one JSON object a topic')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: CreateFlags) => exit(await create(flags, io)))
  withBrokers(group.command('list'))
    .description('Prints every topic of the settings as the brokers have it: partitions, replicas, retention, records.')
    .option('--json', 'print one JSON object a topic')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: ListFlags) => exit(await list(flags, io)))
}

const ABOUT =
  'The topics of cluster mode: three inputs, the internal threads, alerts and dead letters. What they are called is set by ' +
  'CATENARY_KAFKA__TOOL_CALLS_TOPIC and its like (catenary config lists them).'

async function create(flags: CreateFlags, io: Io): Promise<number> {
  const isDry = flags.dryRun === true
  await withAdmin(io, flags, 'make the topics', async (admin, settings) => {
    const plan = {
      partitions: flags.partitions ?? PARTITIONS,
      replicationFactor: flags.replicationFactor ?? Math.min(3, (await admin.describeCluster()).brokers.length),
      retentionMs: flags.retentionHours * HOUR_MS,
    }
    const options = { isAsked: flags.partitions !== undefined, dryRun: isDry }
    const made = await createTopics(admin, settings, plan, options)
    for (const { topic, numPartitions, replicationFactor } of made) {
      const status = isDry ? 'would be made' : 'made'
      io.stdout.write(
        flags.json === true
          ? `${JSON.stringify({ topic, partitions: numPartitions, replication_factor: replicationFactor, status: isDry ? 'pending' : 'created' })}\n`
          : `${status} ${topic}: ${numPartitions} partitions, ${replicationFactor} replicas\n`,
      )
    }
    if (made.length === 0 && flags.json !== true) io.stdout.write('every topic is there already; nothing was changed\n')
  })
  return EXIT.done
}

interface Row extends TopicState {
  readonly retentionMs: number | null
  readonly records: bigint
}

async function list(flags: ListFlags, io: Io): Promise<number> {
  const rows = await withAdmin(io, flags, 'list the topics', rowsOf)
  if (flags.json === true) {
    for (const { topic, role, partitions, replicationFactor, impaired, retentionMs, records } of rows)
      io.stdout.write(
        `${JSON.stringify({ topic, role, exists: partitions > 0, partitions, replication_factor: replicationFactor, impaired_partitions: impaired, retention_ms: retentionMs, records: Number(records) })}\n`,
      )
    return EXIT.done
  }
  const table = new Table({ head: ['topic', 'role', 'partitions', 'replicas', 'kept', 'records'], style: { head: [] } })
  for (const row of rows)
    table.push(
      row.partitions === 0
        ? [row.topic, row.role, 'missing', '', '', '']
        : [
            row.topic,
            row.role,
            `${row.partitions}${row.impaired === 0 ? '' : ` (${row.impaired} impaired)`}`,
            row.replicationFactor,
            keptText(row.retentionMs),
            String(row.records),
          ],
    )
  io.stdout.write(`${table.toString()}\n`)
  return EXIT.done
}

async function rowsOf(admin: Admin, settings: KafkaSettings): Promise<readonly Row[]> {
  const states = await describeTopics(admin, settings)
  const there = states.filter(({ partitions }) => partitions > 0).map(({ topic }) => topic)
  const retention = await retentionOf(admin, there)
  const rows: Row[] = []
  for (const state of states) {
    const offsets = state.partitions === 0 ? [] : await admin.fetchTopicOffsets(state.topic)
    const records = offsets.reduce((sum, { high, low }) => sum + BigInt(high) - BigInt(low), 0n)
    rows.push({ ...state, retentionMs: retention.get(state.topic) ?? null, records })
  }
  return rows
}

function keptText(ms: number | null): string {
  if (ms === null) return ''
  if (ms < 0) return 'for ever'
  const hours = ms / HOUR_MS
  return hours >= 48 && hours % 24 === 0 ? `${hours / 24} d` : `${Math.round(hours * 10) / 10} h`
}
