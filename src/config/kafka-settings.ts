import { z } from 'zod'
import { flag, listOf, notes, oneOf, text, whole } from './setting-kinds.ts'

const DAY = 86_400_000

const topic = (name: string, about: string) =>
  text()
    .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, { error: 'must be a topic name: letters, digits, dot, _ and -' })
    .default(name)
    .register(notes, { about })

const broker = () =>
  text().regex(/^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$/, {
    error: 'must be host:port, separated by commas, as kafka-1:9092,kafka-2:9092',
  })

/** How Kafka is reached, what the topics are called, how the consumer group behaves. */
export const KafkaSection = z.strictObject({
  brokers: listOf(broker())
    .default([])
    .register(notes, { about: 'the brokers to ask first, host:port separated by commas' }),
  clientId: text().default('catenary').register(notes, { about: 'what the brokers call this program in their logs' }),
  groupId: text()
    .default('catenary')
    .register(notes, { about: 'the consumer group; each part of the work has one owner in it' }),
  toolCallsTopic: topic('agent.tool-calls', 'input: every kind of event but credential and oauth'),
  credentialsTopic: topic('agent.credentials', 'input: credential events'),
  oauthTopic: topic('agent.oauth', 'input: oauth events'),
  threadsTopic: topic('catenary.threads', 'internal: facts keyed by credential, grant, agent and session'),
  alertsTopic: topic('catenary.alerts', 'output: alerts as they are raised, revised and closed'),
  deadLettersTopic: topic('catenary.dead-letters', 'output: records that were refused, whole, with the reason'),
  sessionTimeoutMs: whole(1_000, 1_800_000)
    .default(30_000)
    .register(notes, { about: 'how long a silent consumer keeps its partitions' }),
  heartbeatIntervalMs: whole(100, 600_000)
    .default(3_000)
    .register(notes, { about: 'how often a consumer tells that it is alive' }),
  rebalanceTimeoutMs: whole(1_000, 3_600_000)
    .default(60_000)
    .register(notes, { about: 'how long a consumer may take to hand its partitions over' }),
  maxBytesPerPartition: whole(1_024, 1_073_741_824)
    .default(1_048_576)
    .register(notes, { about: 'most bytes fetched of one partition at once; one larger record comes all the same' }),
  maxWaitMs: whole(0, 60_000)
    .default(250)
    .register(notes, { about: 'how long a broker may hold a fetch back until there is something to read' }),
  idleTopicMs: whole(1_000, DAY)
    .default(60_000)
    .register(notes, { about: 'how long a partition may be silent before time goes on without it' }),
  connectionTimeoutMs: whole(100, 600_000)
    .default(5_000)
    .register(notes, { about: 'how long a connection to a broker may take' }),
  requestTimeoutMs: whole(100, 600_000)
    .default(30_000)
    .register(notes, { about: 'how long a broker may take to answer' }),
  ssl: flag().default(false).register(notes, { about: 'speak TLS with the brokers' }),
  sslCaFile: text().optional().register(notes, { about: 'PEM file of the authorities to trust; else those of Node' }),
  sslCertFile: text().optional().register(notes, { about: 'PEM file of the certificate to show (mutual TLS)' }),
  sslKeyFile: text().optional().register(notes, { about: 'PEM file of the private key for that certificate' }),
  sslRejectUnauthorized: flag()
    .default(true)
    .register(notes, { about: 'refuse brokers whose certificate does not hold; false only to try things' }),
  saslMechanism: oneOf(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])
    .optional()
    .register(notes, { about: 'how to log in: plain, scram-sha-256, scram-sha-512 or oauthbearer' }),
  saslUsername: text().optional().register(notes, { about: 'who to be (plain, scram)' }),
  saslPassword: text().optional().register(notes, { about: 'the password for it', isSecret: true }),
  saslPasswordFile: text().optional().register(notes, { about: 'a file that holds that password' }),
  saslTokenEndpoint: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .optional()
    .register(notes, { about: 'where access tokens are had, by client credentials (oauthbearer, RFC 6749 4.4)' }),
  saslClientId: text().optional().register(notes, { about: 'the client to be there' }),
  saslClientSecret: text().optional().register(notes, { about: 'the secret of that client', isSecret: true }),
  saslClientSecretFile: text().optional().register(notes, { about: 'a file that holds that secret' }),
  saslScope: text().optional().register(notes, { about: 'the scope to ask for, where one is needed' }),
})

type KafkaValues = z.infer<typeof KafkaSection>
type Tell = (key: keyof KafkaValues, message: string) => void

const TOPIC_KEYS = [
  'toolCallsTopic',
  'credentialsTopic',
  'oauthTopic',
  'threadsTopic',
  'alertsTopic',
  'deadLettersTopic',
] as const

/** What cannot be used together, told by the setting to change. */
export function kafkaMistakes(kafka: KafkaValues, tell: Tell): void {
  for (const [index, key] of TOPIC_KEYS.entries())
    if (TOPIC_KEYS.slice(0, index).some((other) => kafka[other] === kafka[key]))
      tell(key, 'is the name of another topic as well; give each its own')
  if (kafka.heartbeatIntervalMs * 3 > kafka.sessionTimeoutMs)
    tell('heartbeatIntervalMs', 'must be at most a third of kafka.sessionTimeoutMs')
  sslMistakes(kafka, tell)
  if (kafka.saslMechanism === 'oauthbearer') oauthMistakes(kafka, tell)
  else if (kafka.saslMechanism !== undefined) passwordMistakes(kafka, tell)
}

function sslMistakes(kafka: KafkaValues, tell: Tell): void {
  for (const key of ['sslCaFile', 'sslCertFile', 'sslKeyFile'] as const)
    if (!kafka.ssl && kafka[key] !== undefined) tell(key, 'is of no use without TLS; set kafka.ssl to true as well')
  if (kafka.sslCertFile !== undefined && kafka.sslKeyFile === undefined)
    tell('sslKeyFile', 'is missing: the certificate of kafka.sslCertFile has a private key')
  if (kafka.sslKeyFile !== undefined && kafka.sslCertFile === undefined)
    tell('sslCertFile', 'is missing: the private key of kafka.sslKeyFile has a certificate')
}

function passwordMistakes(kafka: KafkaValues, tell: Tell): void {
  if (kafka.saslUsername === undefined)
    tell('saslUsername', `is missing: kafka.saslMechanism ${kafka.saslMechanism} needs it`)
  oneSecret(kafka, 'saslPassword', 'saslPasswordFile', tell)
}

function oauthMistakes(kafka: KafkaValues, tell: Tell): void {
  for (const key of ['saslTokenEndpoint', 'saslClientId'] as const)
    if (kafka[key] === undefined) tell(key, 'is missing: kafka.saslMechanism oauthbearer needs it')
  oneSecret(kafka, 'saslClientSecret', 'saslClientSecretFile', tell)
}

function oneSecret(
  kafka: KafkaValues,
  key: 'saslPassword' | 'saslClientSecret',
  fileKey: 'saslPasswordFile' | 'saslClientSecretFile',
  tell: Tell,
): void {
  const given = [kafka[key], kafka[fileKey]].filter((value) => value !== undefined).length
  if (given === 0) tell(key, `is missing: kafka.saslMechanism ${kafka.saslMechanism} needs it, or kafka.${fileKey}`)
  if (given === 2) tell(fileKey, `is given beside kafka.${key}; give one of them`)
}
