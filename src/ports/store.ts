import type {
  AgentSummary,
  Alert,
  AlertMatch,
  ChainSummary,
  Coverage,
  CredentialSummary,
  Severity,
  TextMatch,
  TriageStatus,
} from '../core/index.ts'
import type { AccessStore } from './access-store.ts'
import type { AuditStore } from './audit-store.ts'
import type { AuthorityQuery, HeldAuthority } from './authority.ts'
import type {
  CheckpointRow,
  Commit,
  CredentialRow,
  EdgeRow,
  FindingRow,
  HeartbeatRow,
  LinkRow,
  RejectedRow,
  StepRow,
} from './commit.ts'
import type { ContainmentStore } from './containment-store.ts'
import type { Outbox } from './delivery.ts'
import type { NameSearch } from './names.ts'
import type { Page } from './page.ts'
import type { QueryStore } from './query-store.ts'
import type { SilenceStore } from './silence-store.ts'
import type { TriageStore } from './triage-store.ts'

/** Something the engine does not hold in memory and has to know before it folds. */
export interface Need {
  /**
   * `chain`: a workflow. `credential`, `grant`, `agent`: a thread. `session`: which workflow a session id was seen with.
   * `group`: the parts of a made-up chain, whose ids are `subject` or begin with `subject@`. `event`: the steps of an event
   * id (their own, or their result's), whatever chain and source they have. `kin`: a credential's row without its thread.
   * `heartbeat`: those of an event id, of any source.
   */
  readonly kind: 'chain' | 'credential' | 'grant' | 'agent' | 'session' | 'group' | 'event' | 'kin' | 'heartbeat'
  readonly tenant: string
  readonly subject: string
}

/** What the store knows of what was asked for. What it does not know is left out. */
export interface Stored {
  /**
   * Of each chain, thread and event asked for, all steps that still stand; each row once, in event-time order. Of a thread with a
   * checkpoint, those from its time on.
   */
  readonly steps: readonly StepRow[]
  /** What the chains asked for were told. */
  readonly links: readonly LinkRow[]
  readonly chains: readonly ChainSummary[]
  /** The parts of the groups asked for that have steps, whether their chains are stored yet or not. */
  readonly parts: readonly PartOfGroup[]
  readonly credentials: readonly CredentialRow[]
  /** The findings of the chains and threads asked for that stand open. */
  readonly findings: readonly FindingRow[]
  /** The last revision of each alert of the chains asked for. */
  readonly alerts: readonly Alert[]
  /** Of each session asked for, the earliest reported steps by workflow, agent and principal, and all that named no workflow. */
  readonly sessions: readonly StepRow[]
  /** Of each event id and each agent asked for, as with steps. In no order that matters; each once. */
  readonly heartbeats: readonly HeartbeatRow[]
  /** Of the agents asked for, where it is of the readers asked for. */
  readonly checkpoints: readonly CheckpointRow[]
}

/** A stretch of a made-up chain, from its first to its last step: milliseconds since the epoch. */
export interface PartOfGroup {
  readonly tenant: string
  readonly workflowId: string
  readonly firstAt: number
  readonly lastAt: number
}

/** Where an earlier process stopped. */
export interface Resume {
  /** The highest sequence of any commit; 0 for an empty store. */
  readonly sequence: number
  /** The latest event time, clock skew left out, in milliseconds since the epoch; null for an empty store. */
  readonly maxAt: number | null
  /** The latest time of a heartbeat, clock skew and all, in milliseconds since the epoch; null where there is none. */
  readonly maxBeatAt: number | null
  /** The chains that were open. */
  readonly open: readonly Need[]
}

/** One of so many partitions: what falls there by the key of its owner, as Kafka's default partitioner has it. */
export interface Part {
  readonly number: number
  readonly count: number
}

/** What a partition's commits are saved under, where several processes share a store. */
export interface Fence {
  /** A store that keeps claims writes nothing once another has the partition, however long the write was on its way. */
  readonly claim: Claim
  /** Asked right before a commit is written; rejects when it must not be. */
  pass(): Promise<void>
}

/**
 * The writing side: what the runtime needs.
 * - `save` twice with one commit leaves what once leaves. Chains are written last.
 * - What `save` resolved for, every later read sees. What its fence did not let pass is not written, and rejects with the
 *   same; it rejects with `CAT_FENCED` where the store knows of a later claim.
 * - Throws `CatenaryError` `CAT_STORE_UNAVAILABLE` (retry later: away, slow, disk full, read-only) or
 *   `CAT_STORE_REJECTED` (never: our fault or the operator's), always with the cause.
 */
export interface ChainStore {
  save(commit: Commit, fence?: Fence): Promise<void>
  /**
   * What is stored of what is asked for. The steps of a credential's thread come where the credential has a row. `readers`: whose
   * checkpoints serve; left out, none do.
   */
  load(needs: readonly Need[], readers?: string): Promise<Stored>
  /** Of a part: the chains that fall there, and maybe others, which who asks leaves out. */
  resume(part?: Part): Promise<Resume>
  /** The threads that steps of open chains show, as `load` takes them. Of a part as with `resume`. */
  openThreads(part?: Part): Promise<readonly Need[]>
  close(): Promise<void>
}

/** Alerts of one tenant by their fields. */
export interface TenantMatch extends AlertMatch {
  readonly tenant: string
}

/**
 * What a list is narrowed by; what is left out narrows nothing. Time bounds are milliseconds since the epoch on the item's
 * last event time (arrival time for rejected records); `until` is exclusive.
 */
export interface ListQuery {
  readonly tenant?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly agent?: TextMatch | undefined
  readonly principal?: TextMatch | undefined
  readonly credential?: TextMatch | undefined
  /** Chains and alerts with a step of this tool; with one on this resource. */
  readonly tool?: TextMatch | undefined
  readonly resource?: TextMatch | undefined
  /** Alerts with a finding of this detector; chains with such an alert. */
  readonly detector?: TextMatch | undefined
  readonly workflow?: TextMatch | undefined
  readonly status?: string | undefined
  /** Alerts of these ids. */
  readonly alertIds?: readonly string[] | undefined
  /** Alerts: where people stand with them, and who sees to them. */
  readonly triage?: TriageStatus | undefined
  readonly assignee?: string | undefined
  /** Alerts that match one of these, each of its own tenant; with `is` false, none of them. */
  readonly matching?: { readonly any: readonly TenantMatch[]; readonly is: boolean } | undefined
  readonly minSeverity?: Severity | undefined
  readonly maxSeverity?: Severity | undefined
  readonly minScore?: number | undefined
  /** Coverage: what was lost; rejected: the reason. */
  readonly what?: string | undefined
  readonly limit: number
  /** Opaque; from the page before. Throws `CatenaryError` `CAT_USAGE` when it is none. */
  readonly cursor?: string | undefined
}

/** Bounds of a list of steps: at most `limit`, after the step that `cursor` names. */
export interface StepQuery {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** What outlives a workflow, and its id. */
export interface ThreadName {
  readonly kind: 'agent' | 'credential' | 'grant'
  readonly id: string
}

/** The reading side: what the API needs. Latest rows only; one unknown is null or empty, never a throw. */
export interface ChainReader {
  chains(query: ListQuery): Promise<Page<ChainSummary>>
  chain(tenant: string, workflowId: string): Promise<ChainSummary | null>
  /** Those of several that are there, each once, in no order that matters. */
  chainsOf(tenant: string, workflowIds: readonly string[]): Promise<readonly ChainSummary[]>
  /** In event-time order. */
  steps(tenant: string, workflowId: string, query: StepQuery): Promise<Page<StepRow>>
  /** Every step of an agent, or about a credential or grant, in any workflow, in event-time order. */
  stepsOfThread(tenant: string, thread: ThreadName, query: StepQuery): Promise<Page<StepRow>>
  /**
   * Every step that matches, by tenant, workflow and event time: all there is, read in the order it is kept in. Knows the bounds of
   * time (of the step's own), agent, principal, credential, tool, resource and workflow.
   */
  stepsBy(query: ListQuery): Promise<Page<StepRow>>
  edges(tenant: string, workflowId: string): Promise<readonly EdgeRow[]>
  /** Open ones and retracted ones. */
  findings(tenant: string, workflowId: string): Promise<readonly FindingRow[]>
  /** The last revision of each. */
  alerts(query: ListQuery): Promise<Page<Alert>>
  alert(tenant: string, alertId: string): Promise<Alert | null>
  /** Every revision of one alert, oldest first. */
  alertHistory(tenant: string, alertId: string): Promise<readonly Alert[]>
  /** Each agent with all its chains counted; the query picks those with such a chain, by when the last was last seen. */
  agents(query: ListQuery): Promise<Page<AgentSummary>>
  /** What agents, credentials and grants hold: high risk first, then what was given first. */
  authority(query: AuthorityQuery): Promise<Page<HeldAuthority>>
  credentials(query: ListQuery): Promise<Page<CredentialSummary>>
  credential(tenant: string, id: string): Promise<CredentialSummary | null>
  /** As `chainsOf`. */
  credentialsOf(tenant: string, ids: readonly string[]): Promise<readonly CredentialSummary[]>
  /** The credential, its ancestors and all derived from them, oldest first; at most 1,000. */
  lineage(tenant: string, id: string): Promise<readonly CredentialSummary[]>
  /** What was stored last of a long-lived thread, whoever its readers were. */
  checkpoint(tenant: string, thread: string): Promise<CheckpointRow | null>
  coverage(query: ListQuery): Promise<Page<Coverage>>
  rejected(query: ListQuery): Promise<Page<RejectedRow>>
  /** Throws what `save` would when the store is away. */
  ping(): Promise<void>
}

/** What questions about a path are answered from: a store, or a service over its API. */
export type PathReader = Pick<
  ChainReader,
  'chains' | 'chain' | 'steps' | 'stepsOfThread' | 'edges' | 'alerts' | 'alert' | 'lineage'
>

/** All that one store does. */
export type Store = ChainStore &
  ChainReader &
  AccessStore &
  AuditStore &
  TriageStore &
  SilenceStore &
  QueryStore &
  ContainmentStore &
  NameSearch & { readonly outbox: Outbox }

/** That one process folds a partition, from when it took over until another does. */
export interface Claim {
  readonly partition: number
  /** Grows with every claim of the partition. */
  readonly epoch: number
  readonly owner: string
}

/** Who folds which partition, where several processes share a store. Both throw what `save` would when the store is away. */
export interface Claims {
  /** Takes a partition over. Whoever had it holds it no longer. */
  claim(partition: number, owner: string): Promise<Claim>
  /** Whether nobody has claimed the partition since. */
  holds(claim: Claim): Promise<boolean>
}
