import { z } from 'zod'
import { ApiSection, AuthSection, apiMistakes, authMistakes } from './access-settings.ts'
import { KafkaSection, kafkaMistakes } from './kafka-settings.ts'
import { byName, flag, listOf, notes, oneOf, type SettingNote, text, whole } from './setting-kinds.ts'
import { TelemetrySection } from './telemetry-settings.ts'

const days = () => whole(0, 25_000)

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

const ROLES = ['consumer', 'api'] as const

const DAY = 86_400_000

/**
 * Every setting, by section but for the first two. `CATENARY_API__PORT`, `{"api": {"port": …}}` in the file and `api.port`
 * are one setting.
 */
const Shape = z.strictObject({
  mode: oneOf(['embedded', 'cluster'])
    .default('embedded')
    .register(notes, { about: 'embedded: one process, its own store; cluster: Kafka and a ClickHouse server' }),
  roles: listOf(oneOf(ROLES))
    .refine((roles) => roles.length > 0, { error: `must name one at least of ${ROLES.join(', ')}` })
    .default([...ROLES])
    .register(notes, { about: 'what this process does in cluster mode: consumer, api, or both' }),
  data: z.strictObject({
    path: text()
      .default('.catenary')
      .register(notes, { about: 'folder of the embedded store and the content key; one process at a time' }),
  }),
  api: ApiSection,
  auth: AuthSection,
  log: z.strictObject({
    level: oneOf(LEVELS)
      .default('info')
      .register(notes, { about: 'least severe log line that is written (JSON on standard error)' }),
  }),
  content: z.strictObject({
    key: text().optional().register(notes, {
      about: 'key of the content fingerprints, 16 bytes or more as hex or base64; else kept in the data folder',
      isSecret: true,
    }),
    retain: flag()
      .default(false)
      .register(notes, { about: 'keep requests, arguments and results, not their fingerprints alone' }),
  }),
  engine: z.strictObject({
    latenessMs: whole(0, 7 * DAY)
      .default(300_000)
      .register(notes, { about: 'how late an event may come before absence is judged without it' }),
    idleMs: whole(1_000, 30 * DAY)
      .default(1_800_000)
      .register(notes, { about: 'how long a chain may be idle before it is closed' }),
    skewMs: whole(0, 7 * DAY)
      .default(600_000)
      .register(notes, { about: 'how far ahead of this clock an event may be before it is marked' }),
    tickMs: whole(10, 3_600_000)
      .default(1_000)
      .register(notes, { about: 'how often the watermark is moved on when nothing comes' }),
  }),
  ownDetectors: z.strictObject({
    folder: text().optional().register(notes, { about: 'folder of detectors of your own (docs/own-detectors.md)' }),
    stepMs: whole(1, 60_000)
      .default(100)
      .register(notes, { about: 'how long one of them may take for a step; slow ones are set aside' }),
  }),
  store: z.strictObject({
    batchRows: whole(1, 100_000).default(5_000).register(notes, { about: 'events folded before a commit is saved' }),
    batchMs: whole(0, 60_000)
      .default(25)
      .register(notes, { about: 'how long small requests are gathered into one commit' }),
  }),
  retention: z.strictObject({
    days: days().optional().register(notes, {
      about: 'days that rows are kept after they came; 0 is for good; else it stays as it was set',
    }),
    tenants: byName(days()).default({}).register(notes, { about: 'the same for single tenants, as {"acme": 30}' }),
  }),
  clickhouse: z.strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http or https address, as http://localhost:8123' })
      .optional()
      .register(notes, { about: 'a ClickHouse server to store in, rather than the data folder' }),
    user: text().default('default').register(notes, { about: 'who to be on that server' }),
    password: z.string().default('').register(notes, { about: 'the password for it', isSecret: true }),
    database: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, { error: 'must be letters, digits and underscores' })
      .default('catenary')
      .register(notes, { about: 'the database on that server; made when it is not there' }),
    cluster: z
      .string()
      .regex(/^[\w.-]{1,63}$/, { error: 'must be the name of a cluster in the remote_servers of the servers' })
      .optional()
      .register(notes, { about: 'the cluster of servers to spread the tables over, replicated; else one server' }),
    caFile: text()
      .optional()
      .register(notes, { about: "PEM file of the authorities to trust for https, instead of the system's" }),
    verify: flag()
      .default(true)
      .register(notes, { about: 'refuse a server whose certificate is not trusted; false is for trials only' }),
    compression: flag().default(true).register(notes, { about: 'gzip what goes to the server and what comes back' }),
    timeoutMs: whole(100, 3_600_000)
      .default(60_000)
      .register(notes, { about: 'how long an answer of the server may take before it counts as away' }),
  }),
  kafka: KafkaSection,
  telemetry: TelemetrySection,
})

/** The settings, and what of them cannot go together. */
export const Settings = Shape.superRefine((values, { addIssue }) => {
  const tell = (path: readonly string[], message: string): void =>
    addIssue({ code: 'custom', path: [...path], message, input: undefined })
  apiMistakes(values.api, (key, message) => tell(['api', key], message))
  authMistakes(values.auth, (key, message) => tell(['auth', key], message))
  kafkaMistakes(values.kafka, (key, message) => tell(['kafka', key], message))
  if (values.mode !== 'cluster') return
  if (values.kafka.brokers.length === 0) tell(['kafka', 'brokers'], 'is missing: mode cluster reads from Kafka')
  if (values.clickhouse.url === undefined)
    tell(['clickhouse', 'url'], 'is missing: in mode cluster all processes store in one ClickHouse server')
  if (values.content.key === undefined)
    tell(
      ['content', 'key'],
      'is missing: in mode cluster all processes make fingerprints with one key; make it with: openssl rand -hex 32',
    )
})

export type SettingValues = z.infer<typeof Settings>

/** One setting as the table of all of them has it. */
export interface Setting extends SettingNote {
  /** Empty for `mode` and `roles`. */
  readonly section: string
  readonly key: string
  /** `api.port` */
  readonly name: string
  /** `CATENARY_API__PORT` */
  readonly variable: string
  /** What it is where nobody set it; null for one that has no default. */
  readonly default: string | number | boolean | null
}

const upper = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

function defaultOf(schema: z.ZodType): Setting['default'] {
  const { data } = schema.safeParse(undefined)
  if (Array.isArray(data)) return data.length === 0 ? null : data.join(',')
  return typeof data === 'number' || typeof data === 'boolean' || (typeof data === 'string' && data !== '')
    ? data
    : null
}

function settingAt(section: string, key: string, schema: z.ZodType): Setting {
  const name = section === '' ? key : `${section}.${key}`
  const variable = `CATENARY_${section === '' ? '' : `${upper(section)}__`}${upper(key)}`
  return { section, key, name, variable, default: defaultOf(schema), ...(notes.get(schema) ?? { about: '' }) }
}

/** All settings, in the order in which they are told. */
export const SETTINGS: readonly Setting[] = Object.entries(Shape.shape).flatMap(([name, schema]) =>
  schema instanceof z.ZodObject
    ? Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).map(([key, of]) => settingAt(name, key, of))
    : [settingAt('', name, schema)],
)

/** What a setting is set to. */
export function settingValue(values: SettingValues, { section, key }: Pick<Setting, 'section' | 'key'>): unknown {
  const all = values as Readonly<Record<string, unknown>>
  return section === '' ? all[key] : (all[section] as Readonly<Record<string, unknown>>)[key]
}
