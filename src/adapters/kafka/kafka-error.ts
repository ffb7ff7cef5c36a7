import { CatenaryError } from '../../core/index.ts'

/** Kafka's own names of errors that time does not mend: https://kafka.apache.org/protocol#protocol_error_codes */
const MENDS: Readonly<Record<string, string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'make the topics with: catenary topics create',
  INVALID_TOPIC_EXCEPTION: 'name it otherwise, in the settings kafka.…Topic',
  TOPIC_AUTHORIZATION_FAILED: 'give the user read and write on the topics',
  GROUP_AUTHORIZATION_FAILED: 'give the user read on the group, kafka.groupId',
  CLUSTER_AUTHORIZATION_FAILED: 'give the user what is named, or have an administrator do it',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'give the user write on the transactional ids',
  SASL_AUTHENTICATION_FAILED: 'check kafka.saslMechanism and what it is given',
  UNSUPPORTED_SASL_MECHANISM: 'choose another kafka.saslMechanism',
  ILLEGAL_SASL_STATE: 'set kafka.saslMechanism',
  INVALID_PARTITIONS: 'ask for one partition at least',
  INVALID_REPLICATION_FACTOR: 'ask for as many replicas as there are brokers, or fewer',
  INVALID_CONFIG: 'see the broker’s log for what it refused',
  POLICY_VIOLATION: 'the brokers have a policy against it; ask who runs them',
  MESSAGE_TOO_LARGE: 'raise max.message.bytes of the topic, or send less in one record',
  INCONSISTENT_GROUP_PROTOCOL: 'another program is in the group; choose another kafka.groupId',
}

interface Said {
  readonly name?: string
  readonly message?: string
  readonly type?: string
  readonly code?: unknown
  readonly retriable?: boolean
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
}

/**
 * What a failed call to Kafka means to the runtime: `CAT_SOURCE_UNAVAILABLE` when it may work later, `CAT_CONFIG` when an
 * operator has to change something. `doing` ends the sentence "Kafka could not …". What the program itself did wrong is
 * given back as it came.
 */
export function kafkaError(error: unknown, doing: string): unknown {
  if (error instanceof CatenaryError) return error
  const root = rootOf(error)
  if (root instanceof CatenaryError) return root
  const { name = '', message = String(error), type } = root as Said
  const mend =
    name === 'KafkaJSSASLAuthenticationError'
      ? MENDS['SASL_AUTHENTICATION_FAILED']
      : (MENDS[type ?? ''] ?? tlsMend(root))
  if (mend !== undefined)
    return new CatenaryError('CAT_CONFIG', `Kafka refused to ${doing}: ${sentence(message)} To mend it: ${mend}.`, {
      cause: error,
      details: { type: type ?? name },
    })
  if (!name.startsWith('KafkaJS') && !hasSystemCode(root)) return error
  return new CatenaryError(
    'CAT_SOURCE_UNAVAILABLE',
    `Kafka could not ${doing}: ${sentence(message)} See that the brokers of CATENARY_KAFKA__BROKERS are up and can be reached, that the names they advertise can be too, and whether they speak TLS (CATENARY_KAFKA__SSL) or ask for a log-in (CATENARY_KAFKA__SASL_MECHANISM).`,
    { cause: error, retry: 'later', details: { type: type ?? name } },
  )
}

/** What lies under "number of retries exceeded" and under several errors at once. */
function rootOf(error: unknown): unknown {
  let at = error
  for (let depth = 0; depth < 5; depth += 1) {
    const { cause, errors } = at as Said
    const next = errors?.[0] ?? cause
    if (!(next instanceof Error)) return at
    at = next
  }
  return at
}

/** Node's and OpenSSL's words for a certificate that does not hold. */
function tlsMend(error: unknown): string | undefined {
  const { code, message = '' } = error as Said
  const isTls =
    /^(?:CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(String(code)) ||
    /self-signed|certificate/i.test(message)
  return isTls ? 'give the authority that signed it in kafka.sslCaFile, and use the names it was made for' : undefined
}

const hasSystemCode = (error: unknown): boolean => /^E[A-Z_]+$/.test(String((error as Said).code))

const sentence = (message: string): string => {
  const line = (message.split('\n')[0] ?? '').slice(0, 300)
  return /[.!…]$/.test(line) ? line : `${line}.`
}
