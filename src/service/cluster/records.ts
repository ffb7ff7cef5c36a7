import type { KafkaMessage, TopicMessages } from 'kafkajs'
import { frameworkOf } from '../../../detectors/frameworks.ts'
import { alertDetail } from '../../../schemas/api/alert.ts'
import { type DecodeOptions, decodeRecord } from '../../../schemas/event.ts'
import { headerText } from '../../adapters/kafka/dead-letters.ts'
import type { TopicNames } from '../../adapters/kafka/keys.ts'
import { writeFacts } from '../../adapters/kafka/thread-record.ts'
import type { Alert } from '../../core/index.ts'
import { ownerKeyOf } from '../../engine/mail.ts'
import type { Arrival, Claim, Commit, Fact } from '../../ports/index.ts'

/** A record of an input topic as an event, or why it is none. CloudEvents may come structured or binary, in headers. */
export function arrivalOf(topic: string, partition: number, message: KafkaMessage, decode: DecodeOptions): Arrival {
  const origin = { file: `${topic}/${partition}`, line: Number(message.offset) }
  const decoded = decodeRecord(message.value ?? Buffer.alloc(0), decode, textHeaders(message.headers))
  return decoded.ok
    ? { ok: true, event: decoded.event, origin }
    : { ...decoded, tenant: decode.tenant ?? 'default', origin, raw: message.value }
}

/** When a record was written, as its producer or broker stamped it: milliseconds since the epoch; NaN where nobody did. */
export const writtenAt = (message: Pick<KafkaMessage, 'timestamp'> | undefined): number =>
  /^\d+$/.test(message?.timestamp ?? '') ? Number(message?.timestamp) : Number.NaN

/** Headers that have a value, by their names in small letters. */
const textHeaders = (headers: KafkaMessage['headers'] = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([, value]) => (value ?? null) !== null)
      .map(([name, value]) => [name.toLowerCase(), headerText(value)]),
  )

export interface PostParts {
  readonly names: TopicNames
  readonly partitionOf: (key: string) => number
}

/** What a commit has for others, as messages: facts to the partition of their owner, alerts by their id. */
export const messagesOf = (
  { facts = [], alerts, retold = [] }: Commit,
  claim: Claim,
  parts: PostParts,
): TopicMessages[] => [
  { topic: parts.names.threadsTopic, messages: factMessages(facts, claim, parts) },
  { topic: parts.names.alertsTopic, messages: [...retold, ...alerts].map(alertMessage) },
]

/** The facts for one owner's key go together, in order: those for other keys may be another's, and come in any order with them. */
function factMessages(
  facts: readonly Fact[],
  { partition: from, epoch }: Claim,
  { partitionOf }: PostParts,
): TopicMessages['messages'] {
  const byKey = new Map<string, Fact[]>()
  for (const fact of facts) {
    const key = ownerKeyOf(fact.to)
    const there = byKey.get(key)
    if (there === undefined) byKey.set(key, [fact])
    else there.push(fact)
  }
  return [...byKey].flatMap(([ownerKey, group]) => {
    const { kind, tenant, subject } = (group[0] as Fact).to
    // A chain belongs where the keys of the input topics put its events, whatever the key of this record says.
    const to = { key: `${tenant}/${kind}/${subject}`, partition: partitionOf(ownerKey) }
    return [...writeFacts({ from, epoch }, group)].map((value) => ({ ...to, value }))
  })
}

const alertMessage = (alert: Alert): TopicMessages['messages'][0] => ({
  key: `${alert.tenant}/${alert.id}`,
  value: JSON.stringify(alertDetail(alert, frameworkOf)),
  headers: {
    'content-type': 'application/json',
    'catenary.tenant': alert.tenant,
    'catenary.revision': String(alert.revision),
    'catenary.status': alert.status,
    'idempotency-key': `${alert.id}-${alert.revision}`,
  },
})
