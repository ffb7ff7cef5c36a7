import { type Command, Option } from 'commander'
import type { Admin, Kafka } from 'kafkajs'
import type { ClientLog } from '../adapters/kafka/client-log.ts'
import { connectKafka, type KafkaAddress } from '../adapters/kafka/connect.ts'
import { kafkaError } from '../adapters/kafka/kafka-error.ts'
import type { ConfigReading } from '../config/index.ts'
import type { Io } from './io.ts'
import { type ConfigFlags, configOf, configOption } from './settings.ts'

export type KafkaSettings = ConfigReading['config']['kafka']

/** A command says itself what failed; what kafkajs tries again is nothing to read. */
const quiet: ClientLog = { warn: () => undefined, debug: () => undefined, trace: () => undefined }

/** How often a command asks again before it says that Kafka is away. */
const RETRIES = 4

/** Adds `--brokers` and `--config`. */
export const withBrokers = (command: Command): Command =>
  command
    .addOption(new Option('--brokers <list>', 'host:port of brokers, separated by commas (CATENARY_KAFKA__BROKERS)'))
    .addOption(configOption())

/** A client for a command. Throws `CAT_CONFIG`. */
export const kafkaFor = (address: KafkaAddress, retries = RETRIES): Kafka => connectKafka(address, quiet, { retries })

/**
 * Hands `use` an admin client of the settings' Kafka and lets it go after. `doing` ends the sentence "Kafka could not …".
 * Throws `CAT_CONFIG`, `CAT_SOURCE_UNAVAILABLE`, and what `use` throws.
 */
export async function withAdmin<T>(
  io: Io,
  flags: ConfigFlags,
  doing: string,
  use: (admin: Admin, settings: KafkaSettings, kafka: Kafka) => Promise<T>,
): Promise<T> {
  const { kafka: settings } = configOf(io, flags).config
  const kafka = kafkaFor(settings)
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await use(admin, settings, kafka)
  } catch (error) {
    throw kafkaError(error, doing)
  } finally {
    await admin.disconnect()
  }
}
