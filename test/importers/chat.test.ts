import { describe, expect, it } from 'vitest'
import { chat } from '../../src/importers/chat.ts'

const at = { file: 'runs.jsonl', line: 3, tenant: 'default' }
const read = (record: unknown) =>
  chat.convert(record, at).map((one) => (one.ok ? one.value : { refused: one.reason, path: one.path }))
const call = {
  role: 'assistant',
  content: null,
  tool_calls: [
    {
      id: 'c1',
      function: { name: 'read_page', arguments: '{"path":"a.txt"}' },
    },
  ],
}
const ask = { role: 'user', content: 'read a.txt' }
const answer = (more: object = {}) => ({
  role: 'tool',
  tool_call_id: 'c1',
  content: 'hello',
  ...more,
})

describe('chat transcripts', () => {
  it('become a workflow with its request, calls with results, and an end', () => {
    const events = read({
      messages: [ask, call, answer(), { role: 'assistant', content: 'done' }],
    })
    expect(events.map((one) => ('kind' in one ? one['kind'] : one))).toEqual([
      'workflow',
      'tool_call',
      'message',
      'workflow',
    ])
    expect(events[0]).toMatchObject({
      workflow_id: 'runs.jsonl#3',
      workflow: { action: 'start', request: 'read a.txt' },
    })
    expect(events[1]).toMatchObject({
      outcome: 'success',
      tool_call: {
        operation: 'read',
        arguments: { path: 'a.txt' },
        result: 'hello',
      },
    })
    expect(events[3]).toMatchObject({ workflow: { action: 'complete' } })
  })

  it.each([
    ['an error', answer({ error: 'no such file' }), 'failure'],
    ['an error-shaped result', answer({ content: 'Error: no such file' }), 'failure'],
    ['no result', { role: 'user', content: 'well?' }, 'attempted'],
  ])('say how a call with %s went', (_, reply, outcome) => {
    const made = read({ messages: [ask, call, reply] }).find((one) => 'kind' in one && one['kind'] === 'tool_call')
    expect(made).toMatchObject({ outcome })
  })

  it.each([
    ['get_unread_emails', 'read'],
    ['address_lookup', 'read'],
    ['payments_list', 'list'],
    ['sendmail', 'send'],
    ['inviteUserToTeam', 'send'],
    ['reschedule_event', 'update'],
    ['think', undefined],
  ])('say by the verb in its name what %s does: %s', (name, operation) => {
    const called = { ...call, tool_calls: [{ id: 'c1', function: { name, arguments: '{}' } }] }
    const made = read({ messages: [ask, called, answer()] }).find((one) => 'kind' in one && one['kind'] === 'tool_call')
    expect((made as { tool_call: { operation?: string } }).tool_call.operation).toBe(operation)
  })

  it('do not end where the agent was still at work', () => {
    const events = read({ messages: [ask, call, answer()] })
    expect(events.filter((one) => 'kind' in one && one['kind'] === 'workflow')).toHaveLength(1)
  })

  it('keep their order in time and take the id of the record', () => {
    const events = read({
      trace_id: 't9',
      messages: [ask, call, answer(), { role: 'assistant', content: 'done' }],
    })
    const times = events.map((one) => ('time' in one ? String(one['time']) : ''))
    expect(times).toEqual([...times].sort())
    expect(events.every((one) => 'workflow_id' in one && one['workflow_id'] === 't9')).toBe(true)
  })

  it('never read labels', () => {
    const messages = [ask, call, answer()]
    expect(read({ messages, metadata: { security: true } })).toEqual(read({ messages }))
  })

  it('refuse a bad message by its place, and go on', () => {
    const events = read({ messages: [ask, 7, call, answer()] })
    expect(events).toContainEqual({
      refused: 'wrong_type',
      path: 'messages[1]',
    })
    expect(events).toHaveLength(3)
  })
})
