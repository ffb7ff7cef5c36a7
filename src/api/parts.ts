import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { FastifyBaseLogger, FastifyInstance, FastifyTypeProvider, RawServerDefault } from 'fastify'
import type { Registry } from 'prom-client'
import type { z } from 'zod'
import type { FrameworkOf } from '../../schemas/output.ts'
import type { AuditEntry } from '../access/audit-log.ts'
import type { Authenticate } from '../access/authenticate.ts'
import type { Keys } from '../access/keys.ts'
import type {
  AgentLearner,
  Alert,
  AnyDetector,
  AuthorityJudge,
  AuthorityUseReader,
  Counterfactual,
  ReplayFrame,
  Step,
} from '../core/index.ts'
import type {
  Arrival,
  AuditStore,
  ChainReader,
  CheckpointRow,
  Commit,
  ContainmentStore,
  Incidents,
  NameSearch,
  Outbox,
  QueryStore,
  SecurityEvents,
  SilenceStore,
  Silences,
  Silencing,
  TriageStore,
  WriteFile,
} from '../ports/index.ts'
import type { Transport } from './transport.ts'

export type Verdict = 'accepted' | 'duplicate' | 'rejected'

/** How a body is to be read. */
export interface BodyAsked {
  /** What an origin calls it. */
  readonly name: string
  /** The tenant of events that name none. */
  readonly tenant: string
  readonly format?: string
  readonly packing?: 'gzip' | 'zstd'
  /** `ce-…` headers of a binary CloudEvent; empty for none. */
  readonly headers: Readonly<Record<string, string>>
  /** What the body may unpack to, in bytes. */
  readonly maxBytes: number
}

export interface ApiLimits {
  /** Of a body as it is sent, in bytes. */
  readonly maxBodyBytes: number
  /** Of a body unpacked, in bytes. */
  readonly maxUnpackedBytes: number
  /** Records in one body. */
  readonly maxRecords: number
  /** Bodies being read or stored at once, in bytes; more are told to come again. */
  readonly maxInFlightBytes: number
  /** Steps of a chain that are replayed, explained or drawn. */
  readonly maxSteps: number
  /** Clients of the tail at once. */
  readonly maxTails: number
  /** Alerts and steps that wait for one client of the tail before it is cut off. */
  readonly maxTailItems: number
  /** Between two signs of life on a quiet stream, in milliseconds. */
  readonly heartbeatMs: number
  /** A request that has not come whole by then is refused, in milliseconds. */
  readonly requestMs: number
  /** A client of a stream that takes nothing of what waits for it for so long is cut off, in milliseconds. */
  readonly stallMs: number
}

export const DEFAULT_LIMITS: ApiLimits = {
  maxBodyBytes: 16 * 1_048_576,
  maxUnpackedBytes: 64 * 1_048_576,
  maxRecords: 100_000,
  maxInFlightBytes: 128 * 1_048_576,
  maxSteps: 10_000,
  maxTails: 100,
  maxTailItems: 20_000,
  heartbeatMs: 15_000,
  requestMs: 120_000,
  stallMs: 60_000,
}

/** Whether the service can do its work, and if not, why, in words for an operator. */
export interface Ready {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/** Who may ask. */
export interface ApiAccess {
  /** Whether who sends no key is refused; else they are taken for somebody on this machine, who may do everything. */
  readonly isRequired: boolean
  /** Who is behind an `Authorization` header; null for none, and `refused` with the reason for one that is not good. */
  readonly identify: Authenticate
  readonly keys: Keys
  /** API keys were changed by a route. */
  changed(): void
  /** `/metrics` without a key. */
  readonly hasOpenMetrics: boolean
  /** Requests a minute that one caller may send; those whom nobody asks who they are may send any number. */
  readonly ratePerMinute: number
}

/** All the API is made of. It keeps nothing of its own. */
export interface ApiParts {
  readonly reader: ChainReader &
    TriageStore &
    SilenceStore &
    QueryStore &
    ContainmentStore &
    NameSearch &
    Pick<AuditStore, 'audit'>
  /** Folds and stores; resolves when the store has it. Verdicts in the order of the arrivals. */
  ingest(arrivals: readonly Arrival[]): Promise<readonly Verdict[]>
  /** The records of a body. Throws `CAT_INPUT` and `CAT_USAGE`; `details.isTooLarge` when it unpacks to too much. */
  readBody(body: Uint8Array, asked: BodyAsked): AsyncIterable<Arrival>
  isReady(): Ready | Promise<Ready>
  /** Seconds after which to come again when too much waits to be stored; null when there is room. */
  pressure(): { readonly retryAfterS: number } | null
  /** Where alerts are sent, by the settings. */
  readonly destinations: readonly { readonly name: string; readonly type: string }[]
  readonly outbox: Outbox
  /** Makes what a destination was not given wait again: by idempotency key, or all. Gives how many. */
  retryUndelivered(destination: string, ids: readonly string[] | null): Promise<number>
  readonly incidents: Incidents
  readonly silences: Silences
  readonly silencing: Silencing
  /** Who is told of containments. */
  readonly securityEvents: SecurityEvents
  /** Learns what is usual for an agent from its steps, and from what was known of it. */
  learnerOf(agentId: string, checkpoint: CheckpointRow | null): AgentLearner
  /** What names of authority mean. */
  readonly authorityJudge: AuthorityJudge
  /** Reads what an agent was given and used, from its steps. */
  authorityUseReader(): AuthorityUseReader
  /** Rows as a Parquet file. */
  readonly writeParquet: WriteFile
  readonly detectors: readonly AnyDetector[]
  readonly frameworkOf: FrameworkOf
  replay(steps: readonly Step[], options: { readonly without: readonly string[] }): Iterable<ReplayFrame>
  /** The chain's steps folded again without each piece of evidence. */
  explain(steps: readonly Step[], alert: Pick<Alert, 'detector' | 'evidence'>): readonly Counterfactual[]
  /** Whether the alert falls when some events are left out. */
  fallsWithout(
    steps: readonly Step[],
    alert: Pick<Alert, 'detectors' | 'evidence' | 'severity'>,
    without: readonly string[],
  ): boolean
  /** Tells of every commit once it is stored; the function handed back ends it. */
  subscribe(listener: (commit: Commit) => void): () => void
  readonly access: ApiAccess
  /** Remembers what a caller read or did; resolves when it is stored. */
  audit(entry: AuditEntry): Promise<void>
  readonly transport?: Transport
  readonly registry: Registry
  readonly logger: FastifyBaseLogger | false
  readonly version: string
  readonly limits?: Partial<ApiLimits>
  /** Host names served beside loopback ones; `any` when callers are known by other means. */
  readonly allowedHosts?: readonly string[] | 'any'
  /** Milliseconds since the epoch on the clock of the machine. */
  clock?(): number
  /** Milliseconds since the epoch on the clock that events arrive by; that of the machine where nothing is said. */
  arrivalClock?(): number
  /** Waits between paced frames; rejects when the signal aborts. */
  wait?(ms: number, signal: AbortSignal): Promise<void>
}

/** The parts with every default filled in. */
export interface Api extends ApiParts {
  readonly limits: ApiLimits
  readonly transport: Transport
  clock(): number
  arrivalClock(): number
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** Aborted when the service begins to close: endless streams end. */
  readonly closing: AbortSignal
}

export const filled = (parts: ApiParts, closing: AbortSignal): Api => ({
  clock: Date.now,
  arrivalClock: parts.clock ?? Date.now,
  transport: { trustedProxies: [], corsOrigins: [] },
  wait: async (ms, signal) => void (await setTimeout(ms, undefined, { signal })),
  ...parts,
  limits: { ...DEFAULT_LIMITS, ...parts.limits },
  closing,
})

/** Requests are typed by their zod schemas. Replies are not judged when they are sent: the tests judge them. */
export interface Typed extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
  readonly serializer: unknown
}

/** Where a resource adds its routes. */
export type Routes = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, Typed>
