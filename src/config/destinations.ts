import { z } from 'zod'
import { SEVERITIES } from '../core/index.ts'
import { nearest } from './nearest.ts'
import { SecretRef } from './secret.ts'
import { flag, oneOf, text, whole } from './setting-kinds.ts'

const DAY = 86_400_000

export const names = () => z.array(text(), { error: 'must be a list of names' }).min(1, { error: 'must not be empty' })

const Filter = z
  .strictObject({
    minSeverity: oneOf(SEVERITIES).optional(),
    minScore: z.number({ error: 'must be a number' }).min(0).max(100).optional(),
    detectors: names().optional(),
    tenants: names().optional(),
    agents: names().optional(),
    status: z
      .array(oneOf(['open', 'retracted']))
      .min(1)
      .optional(),
  })
  .prefault({})

const Batch = z.strictObject({ max: whole(1, 1_000).default(100), waitMs: whole(0, 60_000).default(500) }).prefault({})

export const Retry = z
  .strictObject({
    firstMs: whole(10, DAY).default(1_000),
    mostMs: whole(10, DAY).default(60_000),
    forMs: whole(0, 90 * DAY).default(DAY),
  })
  .prefault({})

export const named = () =>
  text().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, { error: 'must be small letters, digits, dot, _ and -' })

const Common = {
  name: named(),
  filter: Filter,
  batch: Batch,
  retry: Retry,
}

export const Tls = z
  .strictObject({
    caFile: text().optional(),
    certFile: text().optional(),
    keyFile: text().optional(),
    serverName: text().optional(),
    verify: flag().default(true),
  })
  .prefault({})

export const address = () =>
  z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .refine((url) => !URL.canParse(url) || new URL(url).password === '', {
      error: 'must not hold a password: give it as a secret, {"env": "NAME"} or {"file": "PATH"}',
    })

const Http = { tls: Tls, timeoutMs: whole(100, 600_000).default(15_000) }

const headers = () =>
  z
    .record(z.string().regex(/^[\w-]{1,100}$/, { error: 'must be the name of a header' }), z.union([text(), SecretRef]))
    .default({})

const FORMATS = ['catenary', 'ocsf', 'cloudevents', 'ecs', 'cef'] as const

const Webhook = z.strictObject({
  type: z.literal('webhook'),
  ...Common,
  ...Http,
  url: address(),
  format: oneOf(FORMATS).default('catenary'),
  secret: SecretRef.optional(),
  token: SecretRef.optional(),
  headers: headers(),
})

const File = z.strictObject({
  type: z.literal('file'),
  ...Common,
  path: text(),
  format: oneOf(FORMATS).default('catenary'),
})

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const Splunk = z.strictObject({
  type: z.literal('splunk'),
  ...Common,
  ...Http,
  url: address(),
  token: SecretRef,
  index: text().optional(),
  source: text().default('catenary'),
  sourcetype: text().default('catenary:alert'),
  host: text().optional(),
  ack: flag().default(false),
  ackTimeoutMs: whole(1_000, 600_000).default(60_000),
  channel: text().regex(GUID, { error: 'must be a GUID' }).optional(),
})

const Elastic = z
  .strictObject({
    type: z.literal('elastic'),
    ...Common,
    ...Http,
    url: address(),
    index: text().default('catenary-alerts'),
    isDataStream: flag().default(false),
    apiKey: SecretRef.optional(),
    username: text().optional(),
    password: SecretRef.optional(),
    headers: headers(),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    error: 'username and password go together',
    path: ['username'],
  })
  .refine(({ apiKey, username }) => apiKey === undefined || username === undefined, {
    error: 'is given beside a user; give one of them',
    path: ['apiKey'],
  })

const Syslog = z.strictObject({
  type: z.literal('syslog'),
  ...Common,
  ...Http,
  host: text(),
  port: whole(1, 65_535),
  transport: oneOf(['tcp', 'tls']).default('tls'),
  format: oneOf(FORMATS).default('catenary'),
  facility: whole(0, 23).default(13),
  hostname: text().optional(),
  appName: text().default('catenary'),
  enterpriseId: whole(1, 4_294_967_295).default(32_473),
})

const Sentinel = z.strictObject({
  type: z.literal('sentinel'),
  ...Common,
  ...Http,
  endpoint: address(),
  ruleId: text(),
  stream: text(),
  tenantId: text(),
  clientId: text(),
  clientSecret: SecretRef,
  authority: address().default('https://login.microsoftonline.com'),
  scope: text().default('https://monitor.azure.com/.default'),
})

const Slack = z.strictObject({ type: z.literal('slack'), ...Common, ...Http, url: SecretRef })

const Kafka = z.strictObject({
  type: z.literal('kafka'),
  ...Common,
  topic: text(),
  format: oneOf(FORMATS).default('catenary'),
})

const TYPES = {
  webhook: Webhook,
  file: File,
  splunk: Splunk,
  elastic: Elastic,
  syslog: Syslog,
  sentinel: Sentinel,
  slack: Slack,
  kafka: Kafka,
} as const

/** What the file says of one receiver of alerts, defaults filled in. Secrets are named, not held. */
export type DestinationSettings = z.infer<(typeof TYPES)[keyof typeof TYPES]>

const isType = (type: unknown): type is keyof typeof TYPES => typeof type === 'string' && Object.hasOwn(TYPES, type)

/** The destinations of a file. What is wrong with them is added to `mistakes`; what they hold is not repeated. */
export function destinationsOf(given: unknown, file: string, mistakes: string[]): readonly DestinationSettings[] {
  if (given === undefined) return []
  if (!Array.isArray(given)) {
    mistakes.push(`${file}: destinations: must be a list, as [{"name": "siem", "type": "webhook", …}]`)
    return []
  }
  const read = given.flatMap((one: unknown, index) => destinationOf(one, `${file}: destinations[${index}]`, mistakes))
  mistakes.push(...namesakes(read, `${file}: destinations`))
  return read
}

/** A mistake for each entry of a list that has the name of one before it. */
export const namesakes = (list: readonly { readonly name: string }[], place: string): readonly string[] =>
  list.flatMap(({ name }, index) =>
    list.findIndex((one) => one.name === name) < index
      ? [`${place}: two are called ${name}; give each a name of its own`]
      : [],
  )

function destinationOf(given: unknown, at: string, mistakes: string[]): readonly DestinationSettings[] {
  const { type, name } = (typeof given === 'object' ? (given ?? {}) : {}) as Readonly<Record<string, unknown>>
  const place = typeof name === 'string' && /^[\w.-]{1,63}$/.test(name) ? `${at} (${name})` : at
  if (!isType(type)) {
    const types = Object.keys(TYPES)
    const near = typeof type === 'string' ? nearest(type, types) : null
    mistakes.push(`${place}: type: must be one of ${types.join(', ')}${near === null ? '' : `; did you mean ${near}?`}`)
    return []
  }
  const result = TYPES[type].safeParse(given)
  if (result.success) return [result.data]
  mistakes.push(...result.error.issues.map((issue) => mistakeOf(issue, place, TYPES[type])))
  return []
}

/** What is wrong with one setting of a list, and where; what it holds is not repeated. */
export function mistakeOf(issue: z.core.$ZodIssue, place: string, schema: z.ZodObject): string {
  const path = issue.path.map(String).join('.')
  if (issue.code !== 'unrecognized_keys') return `${place}: ${path}: ${issue.message}`
  const known = path === '' ? Object.keys(schema.shape) : []
  const told = issue.keys.map((key) => {
    const near = nearest(key, known)
    return `${path === '' ? '' : `${path}.`}${key}: there is no such setting${near === null ? '' : `; did you mean ${near}?`}`
  })
  return `${place}: ${told.join(', ')}`
}
