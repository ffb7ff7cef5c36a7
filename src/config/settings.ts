import { z } from 'zod'

/** What `catenary config --help` says of a setting beside its default, and how it is shown. */
export interface SettingNote {
  readonly about: string
  /** Never printed or logged. */
  readonly isSecret?: boolean
}

const notes = z.registry<SettingNote>()

/** A whole number; environment and flags give it as text. */
const whole = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^[0-9]{1,15}$/.test(value.trim()) ? Number(value) : value),
    z
      .int({ error: `must be a whole number from ${min} to ${max}` })
      .min(min, { error: `must be at least ${min}` })
      .max(max, { error: `must be at most ${max}` }),
  )

const flag = () =>
  z.preprocess(
    (value) =>
      typeof value === 'string'
        ? ({ true: true, '1': true, yes: true, false: false, '0': false, no: false }[value.trim().toLowerCase()] ??
          value)
        : value,
    z.boolean({ error: 'must be true or false' }),
  )

const text = () => z.string({ error: 'must be text' }).min(1, { error: 'must not be empty' })

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

const DAY = 86_400_000

/** Every setting by section. `CATENARY_API__PORT`, `{"api": {"port": …}}` in the file and `api.port` are one setting. */
export const Settings = z.strictObject({
  data: z.strictObject({
    path: text()
      .default('.catenary')
      .register(notes, { about: 'folder of the embedded store and the content key; one process at a time' }),
  }),
  api: z.strictObject({
    host: text()
      .default('127.0.0.1')
      .register(notes, { about: 'address to listen on; loopback only while there is no auth' }),
    port: whole(0, 65_535).default(8321).register(notes, { about: 'TCP port to listen on; 0 takes a free one' }),
    maxBodyBytes: whole(1_024, 1_073_741_824)
      .default(16_777_216)
      .register(notes, { about: 'largest request body as it is sent, in bytes; unpacked it may be four times that' }),
  }),
  log: z.strictObject({
    level: z
      .enum(LEVELS, { error: `must be one of ${LEVELS.join(', ')}` })
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
  store: z.strictObject({
    batchRows: whole(1, 100_000).default(5_000).register(notes, { about: 'events folded before a commit is saved' }),
    batchMs: whole(0, 60_000)
      .default(25)
      .register(notes, { about: 'how long small requests are gathered into one commit' }),
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
  }),
})

export type SettingValues = z.infer<typeof Settings>
export type SectionName = keyof SettingValues

/** One setting as the table of all of them has it. */
export interface Setting extends SettingNote {
  readonly section: SectionName
  readonly key: string
  /** `api.port` */
  readonly name: string
  /** `CATENARY_API__PORT` */
  readonly variable: string
}

const upper = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/** All settings, in the order in which they are told. */
export const SETTINGS: readonly Setting[] = Object.entries(Settings.shape).flatMap(([section, { shape }]) =>
  Object.entries(shape as Readonly<Record<string, z.ZodType>>).map(([key, schema]) => ({
    section: section as SectionName,
    key,
    name: `${section}.${key}`,
    variable: `CATENARY_${upper(section)}__${upper(key)}`,
    ...(notes.get(schema) ?? { about: '' }),
  })),
)
