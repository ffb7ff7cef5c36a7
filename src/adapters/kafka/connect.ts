import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { Kafka, logLevel, Partitioners, type Producer, type SASLOptions } from 'kafkajs'
import { CatenaryError } from '../../core/index.ts'
import { bridgeLog, type ClientLog } from './client-log.ts'
import { registerCodecs } from './codecs.ts'
import { tokenSource } from './oauth-token.ts'
import { hushPastTimers } from './past-timers.ts'

/** How to reach the brokers and who to be there; the `kafka` section of the settings has it. Times in milliseconds. */
export interface KafkaAddress {
  /** `host:port` each. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly connectionTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly ssl: boolean
  readonly sslCaFile?: string | undefined
  readonly sslCertFile?: string | undefined
  readonly sslKeyFile?: string | undefined
  readonly sslRejectUnauthorized: boolean
  readonly saslMechanism?: 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer' | undefined
  readonly saslUsername?: string | undefined
  readonly saslPassword?: string | undefined
  readonly saslPasswordFile?: string | undefined
  readonly saslTokenEndpoint?: string | undefined
  readonly saslClientId?: string | undefined
  readonly saslClientSecret?: string | undefined
  readonly saslClientSecretFile?: string | undefined
  readonly saslScope?: string | undefined
}

/** How often a call is tried before it fails: with the waits between, about 15 s on a machine that refuses at once. */
const RETRY = { initialRetryTime: 200, multiplier: 2, maxRetryTime: 5_000, retries: 7 }

/**
 * A client of the brokers, with every codec that Kafka knows for reading. No socket is opened until it is used. Throws
 * `CAT_CONFIG` when no broker is named, or when a file of keys or passwords cannot be read.
 */
export function connectKafka(address: KafkaAddress, log: ClientLog, retry: { readonly retries?: number } = {}): Kafka {
  if (address.brokers.length === 0)
    throw new CatenaryError(
      'CAT_CONFIG',
      'no Kafka brokers are named; set CATENARY_KAFKA__BROKERS, as kafka-1:9092,kafka-2:9092',
    )
  registerCodecs()
  hushPastTimers()
  const sasl = saslOf(address)
  return new Kafka({
    clientId: address.clientId,
    brokers: [...address.brokers],
    connectionTimeout: address.connectionTimeoutMs,
    authenticationTimeout: address.requestTimeoutMs,
    requestTimeout: address.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: { ...RETRY, ...retry },
    logLevel: logLevel.INFO,
    logCreator: bridgeLog(log),
    ssl: address.ssl ? tlsOf(address) : false,
    ...(sasl === null ? {} : { sasl }),
  })
}

/**
 * A producer whose records are written once though they be sent again: idempotent, keyed by murmur2 as Java's. Send with
 * `acks: -1`, one batch after the other. It tries again for ever, unless `retries` are counted: what failed then may have been
 * written or not.
 */
export const idempotentProducer = (kafka: Kafka, retries?: number): Producer =>
  kafka.producer({
    idempotent: true,
    ...(retries === undefined ? {} : { retry: { retries } }),
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  })

function tlsOf({ sslCaFile, sslCertFile, sslKeyFile, sslRejectUnauthorized }: KafkaAddress): ConnectionOptions {
  return {
    rejectUnauthorized: sslRejectUnauthorized,
    ...(sslCaFile === undefined ? {} : { ca: read(sslCaFile, 'kafka.sslCaFile') }),
    ...(sslCertFile === undefined ? {} : { cert: read(sslCertFile, 'kafka.sslCertFile') }),
    ...(sslKeyFile === undefined ? {} : { key: read(sslKeyFile, 'kafka.sslKeyFile') }),
  }
}

function saslOf(address: KafkaAddress): SASLOptions | null {
  const { saslMechanism: mechanism, saslUsername: username = '' } = address
  if (mechanism === undefined) return null
  if (mechanism === 'oauthbearer') {
    const oauthBearerProvider = tokenSource({
      endpoint: address.saslTokenEndpoint ?? '',
      clientId: address.saslClientId ?? '',
      clientSecret: secretOf(address.saslClientSecret, address.saslClientSecretFile, 'kafka.saslClientSecretFile'),
      scope: address.saslScope,
    })
    return { mechanism, oauthBearerProvider }
  }
  return {
    mechanism,
    username,
    password: secretOf(address.saslPassword, address.saslPasswordFile, 'kafka.saslPasswordFile'),
  }
}

/** A secret that was given, else what its file holds, without the line's end. */
const secretOf = (given: string | undefined, file: string | undefined, setting: string): string =>
  given ?? (file === undefined ? '' : read(file, setting).replace(/\r?\n$/, ''))

function read(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new CatenaryError('CAT_CONFIG', `${setting}: ${file} cannot be read (${code ?? 'unknown'})`, { cause })
  }
}
