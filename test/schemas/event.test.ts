import { describe, expect, it } from 'vitest'
import { decodeEvent, decodeRecord } from '../../schemas/event.ts'
import type { AgentEvent } from '../../src/core/index.ts'
import type { Rejection } from '../../src/ports/index.ts'

const key = new Uint8Array(32).fill(7)
const options = { content: { key, retain: false } }
const base = { id: 'e1', time: '2026-11-20T09:00:00Z', kind: 'tool_call', tool_call: { name: 'erp.read' } }

function accepted(value: unknown, more = {}): AgentEvent {
  const decoded = decodeEvent(value, { ...options, ...more })
  if (!decoded.ok) throw new Error(`${decoded.reason} at ${decoded.path}: ${decoded.message}`)
  return decoded.event
}

function refused(value: unknown): Rejection {
  const decoded = decodeEvent(value, options)
  if (decoded.ok) throw new Error('was accepted')
  return decoded
}

const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = [value]
  return value
}

describe('an event', () => {
  it('gets the defaults of the contract', () => {
    expect(accepted(base)).toMatchObject({
      tenant: 'default',
      source: 'unknown',
      outcome: 'attempted',
      attributes: {},
      ns: 0,
    })
    expect(accepted(base, { tenant: 'acme' }).tenant).toBe('acme')
    expect(accepted({ ...base, tenant: 'beta' }, { tenant: 'acme' }).tenant).toBe('beta')
  })

  it('keeps fields nobody knows, at their own place in attributes', () => {
    const event = accepted({
      ...base,
      colour: 'red',
      agent: { id: 'a', mood: 'calm' },
      delegation: [{ type: 'user', id: 'u', extra: 1 }],
      tool_call: { name: 'x', foo: { bar: [1] }, resource: { id: 'r', shelf: 3 } },
      attributes: { colour: 'blue' },
    })
    expect(event.attributes).toEqual({
      colour: 'blue',
      colour_: 'red',
      agent: { mood: 'calm' },
      delegation: { '0': { extra: 1 } },
      tool_call: { foo: { bar: [1] }, resource: { shelf: 3 } },
    })
  })

  it('is not harmed by keys that mean something to JavaScript', () => {
    const event = accepted(
      JSON.parse(
        '{"id":"e1","time":"2026-11-20T09:00:00Z","kind":"heartbeat","__proto__":{"polluted":1},"constructor":2,"attributes":{"__proto__":{"polluted":1}}}',
      ),
    )
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.getPrototypeOf(event.attributes)).toBe(Object.prototype)
    expect(JSON.stringify(event.attributes)).toContain('"constructor":2')
  })

  it('takes null for a field left out', () => {
    expect(
      accepted({ ...base, workflow_id: null, agent: null, tool_call: { name: 'x', resource: { id: null } } }),
    ).not.toHaveProperty('workflow_id')
    expect(refused({ ...base, id: null })).toMatchObject({ reason: 'missing_field', path: 'id' })
  })

  it('turns content into facts and keeps none of it, even in fields of another kind', () => {
    const secretText = 'pay 4000 to GB29NWBK60161331926819'
    const event = accepted({
      ...base,
      tool_call: { name: 'x', arguments: { to: secretText }, result: secretText },
      message: { role: 'user', content: secretText },
    })
    expect(JSON.stringify(event)).not.toContain('GB29NWBK')
    expect(event.kind === 'tool_call' && event.tool_call.arguments?.fingerprint).toBeTruthy()
  })

  it('replaces characters no store should meet', () => {
    expect(accepted({ ...base, workflow_id: 'a\ud800b\0' }).workflow_id).toBe('a\ufffdb\ufffd')
  })

  it('may be wrapped as a CloudEvent, which fills what it lacks', () => {
    const { id: _id, time: _time, kind: _kind, ...data } = base
    const wrapped = {
      specversion: '1.0',
      type: 'catenary.tool_call',
      id: 'c1',
      source: 'urn:x',
      time: base.time,
      subject: 's',
      data,
    }
    expect(accepted(wrapped)).toMatchObject({
      id: 'c1',
      source: 'urn:x',
      kind: 'tool_call',
      attributes: { cloudevent: { subject: 's' } },
    })
    expect(accepted({ ...wrapped, data: base }).id).toBe('e1')
    expect(refused({ ...wrapped, type: 'other.thing' })).toMatchObject({ reason: 'bad_cloudevent', path: 'type' })
    expect(refused({ ...wrapped, data: 'text' })).toMatchObject({ reason: 'bad_cloudevent', path: 'data' })
    expect(refused({ ...wrapped, data: { tool_call: {} } })).toMatchObject({
      reason: 'missing_field',
      path: 'data.tool_call.name',
    })
    const bytes = new TextEncoder().encode(JSON.stringify(data))
    const headers = {
      ce_specversion: '1.0',
      ce_type: 'catenary.tool_call',
      ce_id: 'b1',
      ce_source: 's',
      ce_time: base.time,
    }
    expect(decodeRecord(bytes, options, headers)).toMatchObject({ ok: true, event: { id: 'b1' } })
  })
})

describe('a record is refused with reason, path and mend', () => {
  it.each([
    [[1], 'not_an_object', ''],
    [null, 'not_an_object', ''],
    [{ ...base, kind: undefined }, 'missing_field', 'kind'],
    [{ ...base, kind: 'teleport' }, 'unknown_kind', 'kind'],
    [{ ...base, kind: 'constructor' }, 'unknown_kind', 'kind'],
    [{ ...base, kind: 7 }, 'wrong_type', 'kind'],
    [{ ...base, id: undefined }, 'missing_field', 'id'],
    [{ ...base, id: 7 }, 'wrong_type', 'id'],
    [{ ...base, id: '' }, 'bad_value', 'id'],
    [{ ...base, id: 'x'.repeat(257) }, 'bad_value', 'id'],
    [{ ...base, tool_call: undefined }, 'missing_field', 'tool_call'],
    [{ ...base, tool_call: 'x' }, 'wrong_type', 'tool_call'],
    [{ ...base, tool_call: { name: 'x', scopes: 'a b' } }, 'wrong_type', 'tool_call.scopes'],
    [{ ...base, tool_call: { name: 'x', scopes: [1] } }, 'wrong_type', 'tool_call.scopes[0]'],
    [{ ...base, tool_call: { name: 'x', operation: 'fly' } }, 'bad_value', 'tool_call.operation'],
    [{ ...base, agent: {} }, 'missing_field', 'agent.id'],
    [{ ...base, outcome: 'maybe' }, 'bad_value', 'outcome'],
    [{ ...base, outcome: true }, 'wrong_type', 'outcome'],
    [{ ...base, attributes: [] }, 'wrong_type', 'attributes'],
    [{ ...base, attributes: { deep: nested(63) } }, 'too_deep', ''],
    [{ ...base, attributes: { deep: nested(10_000) } }, 'too_deep', ''],
    [{ ...base, attributes: { text: 'x'.repeat(1_048_577) } }, 'too_large', ''],
  ])('case %#', (value, reason, path) => {
    const refusal = refused(value)
    expect(refusal).toMatchObject({ reason, path })
    expect(refusal.message.length).toBeGreaterThan(20)
  })

  it('without quoting what it held', () => {
    const refusal = refused({ ...base, tool_call: { name: 'x', operation: 'hunter2-secret' } })
    expect(refusal.message).not.toContain('hunter2')
    expect(refusal.message).toContain('read, list')
  })

  it('accepts the deepest that is allowed', () => {
    expect(accepted({ ...base, attributes: { deep: nested(62) } }).id).toBe('e1')
  })

  it('by its bytes: UTF-8, JSON, size', () => {
    const text = (value: string): Uint8Array => new TextEncoder().encode(value)
    expect(decodeRecord(new Uint8Array([0x7b, 0xff, 0x7d]), options)).toMatchObject({ reason: 'not_utf8' })
    expect(decodeRecord(text('{"id":'), options)).toMatchObject({ reason: 'not_json' })
    expect(decodeRecord(text(`"${'x'.repeat(1_048_577)}"`), options)).toMatchObject({ reason: 'too_large' })
    expect(decodeRecord(text(`\ufeff${JSON.stringify(base)}`), options)).toMatchObject({ ok: true })
  })
})

describe('time', () => {
  it.each([
    ['2026-11-20T09:00:00Z', 1795165200000, 0],
    ['2026-11-20T10:00:00.123456789+01:00', 1795165200123, 456789],
    ['2026-11-20t09:00:00.5z', 1795165200500, 0],
    ['2016-12-31T23:59:60Z', 1483228800000, 0],
    ['2024-02-29T00:00:00-00:00', 1709164800000, 0],
  ])('%s is read to the nanosecond', (time, at, ns) => {
    expect(accepted({ ...base, time })).toMatchObject({ at, ns, time })
  })

  it.each([
    '2026-11-20T24:00:00Z',
    '2026-11-20T09:00:00',
    '2026-02-29T09:00:00Z',
    '2026-13-01T09:00:00Z',
    '2026-11-20T09:00:60Z',
    '2026-11-20T09:00:00.1234567891Z',
    '2026-11-20T09:00:00+25:00',
    '9999-12-31T23:59:59Z',
    '0001-01-01T00:00:00Z',
    'NaN',
    'yesterday',
    '1795165200',
  ])('%s is no time an event can have', (time) => {
    expect(refused({ ...base, time })).toMatchObject({ reason: 'bad_time', path: 'time' })
  })

  it('is checked in every field that holds one, and may be far off where it is an expiry', () => {
    const credential = (expires_at: string): unknown => ({
      ...base,
      kind: 'credential',
      credential: { id: 'k', expires_at },
    })
    expect(refused(credential('soon'))).toMatchObject({ reason: 'bad_time', path: 'credential.expires_at' })
    expect(accepted(credential('9999-12-31T23:59:59Z')).kind).toBe('credential')
    expect(refused({ ...base, delegation: [{ type: 'user', id: 'u', at: 'x' }] })).toMatchObject({
      path: 'delegation[0].at',
    })
    expect(refused({ ...base, time: 1795165200 })).toMatchObject({ reason: 'wrong_type', path: 'time' })
  })
})
