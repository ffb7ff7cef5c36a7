import type { Message, TopicMessages } from 'kafkajs'

/**
 * What is sent at once, whatever the partitions, is bounded below the 1 MiB that a broker takes of one partition unless it was
 * told otherwise.
 */
export const MAX_BYTES = 900_000
/** What the protocol adds to a record, at most, and a little more. */
const RECORD_OVERHEAD = 100

/** What a message takes of a batch, and no less. */
export function bytesOf({ key, value, headers = {} }: Message): number {
  let bytes = RECORD_OVERHEAD + Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? '')
  for (const [name, header] of Object.entries(headers)) bytes += 10 + name.length + Buffer.byteLength(String(header))
  return bytes
}

/** The messages of each topic together, in order. Topics of no messages are left out. */
export function byTopic(topics: Iterable<Readonly<TopicMessages>>): TopicMessages[] {
  const found = new Map<string, TopicMessages>()
  for (const { topic, messages } of topics) {
    const there = found.get(topic) ?? { topic, messages: [] }
    for (const message of messages) there.messages.push(message)
    found.set(topic, there)
  }
  return [...found.values()].filter(({ messages }) => messages.length > 0)
}

/** Messages in order, in parts of which each may be sent at once. */
export function* partsOf(topics: readonly TopicMessages[]): Generator<TopicMessages[]> {
  let part: TopicMessages[] = []
  let bytes = 0
  for (const { topic, messages } of topics)
    for (const message of messages) {
      const size = bytesOf(message)
      if (bytes > 0 && bytes + size > MAX_BYTES) {
        yield byTopic(part)
        part = []
        bytes = 0
      }
      part.push({ topic, messages: [message] })
      bytes += size
    }
  if (part.length > 0) yield byTopic(part)
}
