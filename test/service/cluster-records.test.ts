import type { KafkaMessage } from 'kafkajs'
import { expect, it } from 'vitest'
import { arrivalOf } from '../../src/service/cluster/records.ts'

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
