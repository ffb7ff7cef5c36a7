import type { AgentEvent, EventKind } from '../../core/index.ts'

/** What the topics are called; the `kafka` section of the settings has it. */
export interface TopicNames {
  readonly toolCallsTopic: string
  readonly credentialsTopic: string
  readonly oauthTopic: string
  readonly threadsTopic: string
  readonly alertsTopic: string
  readonly deadLettersTopic: string
}

/** The topics that events are read from. */
export const inputTopics = (names: TopicNames): readonly string[] => [
  names.toolCallsTopic,
  names.credentialsTopic,
  names.oauthTopic,
]

/** The topics whose equal partitions belong to one owner, and so are equally many: the inputs and the threads. */
export const coPartitionedTopics = (names: TopicNames): readonly string[] => [...inputTopics(names), names.threadsTopic]

/** The topic that the contract has for events of a kind. */
export function topicOf(kind: EventKind, names: TopicNames): string {
  if (kind === 'credential') return names.credentialsTopic
  return kind === 'oauth' ? names.oauthTopic : names.toolCallsTopic
}

/**
 * The key that the contract has for an event: `tenant/workflow_id`; without a workflow, what its chain would hang on. The
 * same event always has the same key, so a record that is sent twice comes to one owner.
 */
export const recordKeyOf = (event: AgentEvent): string => `${event.tenant}/${event.workflow_id ?? subjectOf(event)}`

function subjectOf(event: AgentEvent): string {
  if (event.kind === 'credential') return event.credential.id
  if (event.kind === 'oauth') return event.oauth.grant_id ?? event.oauth.client_id
  const used = event.kind === 'tool_call' ? event.tool_call.credential_id : undefined
  return used ?? event.session_id ?? event.agent?.id ?? event.source
}
