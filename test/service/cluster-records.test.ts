import type { KafkaMessage } from 'kafkajs'
import { expect, it } from 'vitest'
import { readThreadRecord } from '../../src/adapters/kafka/thread-record.ts'
import type { Address, Fact } from '../../src/ports/index.ts'
import { arrivalOf, messagesOf } from '../../src/service/cluster/records.ts'
import { commit } from '../contracts/rows.ts'

const DECODE = { content: { key: Buffer.alloc(32, 1), retain: false } }
const EVENT = { id: 'e1', time: '2026-11-20T09:00:00Z', kind: 'heartbeat', heartbeat: { interval_s: 5 } }

const arrival = (value: string | null, headers: Record<string, Buffer | null> = {}) =>
  arrivalOf(
    'agent.tool-calls',
    2,
    {
      key: null,
      value: value === null ? null : Buffer.from(value),
      headers: headers as NonNullable<KafkaMessage['headers']>,
      offset: '17',
      timestamp: '0',
      attributes: 0,
    } as KafkaMessage,
    DECODE,
  )

it('a record is an event at its partition and offset', () => {
  expect(arrival(JSON.stringify(EVENT))).toMatchObject({
    ok: true,
    event: { id: 'e1', kind: 'heartbeat' },
    origin: { file: 'agent.tool-calls/2', line: 17 },
  })
})

it('a header without a value stops nothing', () => {
  expect(arrival(JSON.stringify(EVENT), { trace: null })).toMatchObject({ ok: true })
})

it('a record without a value, and one that is no JSON, are refused with a reason', () => {
  expect(arrival(null)).toMatchObject({ ok: false, reason: 'not_json' })
  expect(arrival('{"kind":')).toMatchObject({ ok: false, reason: 'not_json' })
})

const NAMES = {
  toolCallsTopic: 'agent.tool-calls',
  credentialsTopic: 'agent.credentials',
  oauthTopic: 'agent.oauth',
  threadsTopic: 'catenary.threads',
  alertsTopic: 'catenary.alerts',
  deadLettersTopic: 'catenary.dead-letters',
}

const relation = (kind: Address['kind'], subject: string, workflowId: string): Fact => ({
  to: { kind, tenant: 'default', subject },
  what: 'relate',
  workflowId,
  relation: 'child',
  grade: 'reported',
})

const sent = (facts: readonly Fact[]) => {
  const parts = { names: NAMES, partitionOf: (key: string) => key.length % 3 }
  const [threads] = messagesOf(commit(1, { facts }), { partition: 2, epoch: 9, owner: 'a' }, parts)
  return (threads?.messages ?? []).map(({ key, partition, value }) => ({
    key,
    partition,
    bytes: (value as Buffer).length,
    record: readThreadRecord(value as Buffer),
  }))
}

it('facts for one address go in one record, in order, under its key', () => {
  const facts = [relation('chain', 'w1', 'a'), relation('session', 's1', 'b'), relation('chain', 'w1', 'c')]
  expect(sent(facts)).toMatchObject([
    { key: 'default/chain/w1', partition: 1, record: { from: 2, epoch: 9, facts: [facts[0], facts[2]] } },
    { key: 'default/session/s1', partition: 0, record: { facts: [facts[1]] } },
  ])
})

it('facts that a broker would not take as one record go in several, in order', () => {
  const facts = Array.from({ length: 30 }, (_, i) => relation('chain', 'w1', `${i} ${'x'.repeat(100_000)}`))
  const records = sent(facts)
  expect(Math.max(...records.map(({ bytes }) => bytes))).toBeLessThan(1_000_000)
  expect(records.flatMap(({ record }) => ('refusal' in record ? [] : (record.facts ?? [])))).toEqual(facts)
})
