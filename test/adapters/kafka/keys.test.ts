import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decodeEvent } from '../../../schemas/event.ts'
import { recordKeyOf, topicOf } from '../../../src/adapters/kafka/keys.ts'
import { readConfig } from '../../../src/config/index.ts'
import type { AgentEvent } from '../../../src/core/index.ts'

const key = createHmac('sha256', 'test').digest()
const names = readConfig({ env: {}, folder: '/nowhere', detectors: [] }).config.kafka

function eventOf(fields: Record<string, unknown>): AgentEvent {
  const value = { id: 'e1', time: '2026-11-20T09:00:00Z', source: 'urn:test', ...fields }
  const decoded = decodeEvent(value, { content: { key, retain: false } })
  if (!decoded.ok) throw new Error(decoded.message)
  return decoded.event
}

const CALL = { kind: 'tool_call', tool_call: { name: 'erp.read' } }
const CREDENTIAL = { kind: 'credential', credential: { id: 'tok-1', action: 'use' } }
const OAUTH = { kind: 'oauth', oauth: { action: 'grant', client_id: 'app-1' } }

describe('the topic and key of an event', () => {
  it.each([
    [{ ...CALL, workflow_id: 'wf-1', tenant: 'acme' }, 'agent.tool-calls', 'acme/wf-1'],
    [{ ...CREDENTIAL, workflow_id: 'wf-1' }, 'agent.credentials', 'default/wf-1'],
    [CREDENTIAL, 'agent.credentials', 'default/tok-1'],
    [{ ...OAUTH, workflow_id: 'wf-1' }, 'agent.oauth', 'default/wf-1'],
    [OAUTH, 'agent.oauth', 'default/app-1'],
    [{ ...OAUTH, oauth: { ...OAUTH.oauth, grant_id: 'grant-1' } }, 'agent.oauth', 'default/grant-1'],
    [
      { ...CALL, tool_call: { name: 'a', credential_id: 'tok-1' }, session_id: 's' },
      'agent.tool-calls',
      'default/tok-1',
    ],
    [{ ...CALL, session_id: 's-1', agent: { id: 'bot' } }, 'agent.tool-calls', 'default/s-1'],
    [{ ...CALL, agent: { id: 'bot' } }, 'agent.tool-calls', 'default/bot'],
    [{ kind: 'heartbeat', heartbeat: { interval_s: 60 } }, 'agent.tool-calls', 'default/urn:test'],
  ])('of %j', (fields, topic, recordKey) => {
    const event = eventOf(fields)
    expect([topicOf(event.kind, names), recordKeyOf(event)]).toEqual([topic, recordKey])
  })
})
