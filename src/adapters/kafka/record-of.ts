import type { TopicMessages } from 'kafkajs'
import type { AgentEvent } from '../../core/index.ts'
import { recordKeyOf, type TopicNames, topicOf } from './keys.ts'
import { byTopic } from './parts.ts'

/** A record as a producer sends it. */
export interface InputRecord {
  readonly topic: string
  readonly key: string
  readonly value: Buffer
}

/**
 * The record of an event: its wire form as JSON, in the topic and under the key of the contract. An event that named no
 * tenant is given the one it was read under, for the consumer may know another.
 */
export function inputRecord(event: AgentEvent, wire: unknown, names: TopicNames): InputRecord {
  const value = Buffer.from(JSON.stringify(withTenant(wire, event.tenant)))
  return { topic: topicOf(event.kind, names), key: recordKeyOf(event), value }
}

function withTenant(wire: unknown, tenant: string): unknown {
  if (!isFields(wire) || tenant === 'default') return wire
  if ('specversion' in wire && isFields(wire['data'])) return { ...wire, data: withTenant(wire['data'], tenant) }
  return (wire['tenant'] ?? null) === null ? { ...wire, tenant } : wire
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Records as a producer takes them, in order within a topic. */
export const messagesOf = (records: readonly InputRecord[]): TopicMessages[] =>
  byTopic(records.map(({ topic, key, value }) => ({ topic, messages: [{ key, value }] })))
