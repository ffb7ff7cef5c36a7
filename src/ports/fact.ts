import type { AgentEvent, Attribution, ChainLink, Finding, Grade, Link } from '../core/index.ts'
import type { Origin } from './decode.ts'

/** What has one owner: a chain, a thread, or a session id with the workflows it was seen with. */
export interface Address {
  readonly kind: 'chain' | 'credential' | 'grant' | 'agent' | 'session'
  readonly tenant: string
  /** Workflow id, credential id, grant id, agent id or session id. A part of a made-up chain has its group's owner. */
  readonly subject: string
}

/** A place in event time, as JSON has it. */
export interface ToldOrder {
  readonly at: number
  readonly ns: number
  readonly rank: number
  readonly id: string
  readonly source: string
}

/** An event as it came, and where it stands. */
export interface Told {
  readonly event: AgentEvent
  readonly attribution: Attribution
  readonly origin: Origin | null
  /** Milliseconds since the epoch on the arrival clock of whoever read it. */
  readonly arrivedAt: number
  readonly late: boolean
  readonly clockSkew: boolean
}

/** What others have to know of a credential to find who holds those derived from it. */
export interface Kin {
  readonly id: string
  readonly parentId: string | null
  readonly holders: readonly { readonly workflowId: string; readonly order: ToldOrder }[]
}

/** What the owner of one thing tells the owner of another. Telling it twice leaves what telling it once leaves. */
export type Fact = { readonly to: Address } & FactBody

export type FactBody =
  /** To a thread: it is to show this step. */
  | { readonly what: 'step'; readonly told: Told }
  /** To a thread: the step stands in the chain of its attribution no longer. */
  | { readonly what: 'gone'; readonly told: Told }
  /** To a chain: a thread shows this step of it, and the step is to be stored so. */
  | { readonly what: 'shown'; readonly told: Told; readonly track: string }
  /** To a session, and from it to those that asked: the session was seen with a workflow at a time. */
  | { readonly what: 'bind'; readonly key: string; readonly workflowId: string; readonly order: ToldOrder }
  /** To a session, then to the credential or made-up chain that decides: whose is this event, which names no workflow? */
  | { readonly what: 'ask'; readonly told: Told }
  /** To a credential: what is known of its ancestors, the nearest first. */
  | { readonly what: 'kin'; readonly kin: readonly Kin[] }
  /** To a chain: the event belongs here, as its attribution says. */
  | { readonly what: 'place'; readonly told: Told }
  /** To who decided, and to the session: the event stands where it was put. */
  | { readonly what: 'placed'; readonly told: Told }
  /** To a chain: the event was taken to belong here, and does not. */
  | { readonly what: 'unplace'; readonly told: Told }
  /** To a chain: what another chain passes on, or that it began. */
  | { readonly what: 'link'; readonly link: Link; readonly told: Told; readonly isHidden: boolean }
  /** To a chain: another chain is related to it. */
  | {
      readonly what: 'relate'
      readonly workflowId: string
      readonly relation: ChainLink['relation']
      readonly grade: Grade
    }
  /** To a chain: all that stands in it by the judgement of one thread, in place of what that thread said before. */
  | { readonly what: 'findings'; readonly track: string; readonly findings: readonly Finding[] }
  /** To a thread: these findings of it were told to a chain and stand there. */
  | { readonly what: 'stands'; readonly findings: readonly Finding[] }

/** What a partition tells the others of time. */
export interface TimeNotice {
  readonly from: number
  readonly maxAt: number | null
  /** By how many hops lie between; null: nothing holds it back. Milliseconds since the epoch, -Infinity before anything is known. */
  readonly levels: readonly (number | null)[]
}

/** One record between partitions: facts for one address, in order, or a notice of time; from which partition, and by which of its owners. */
export interface ThreadRecord {
  readonly from: number
  readonly epoch: number
  readonly facts?: readonly Fact[]
  readonly time?: TimeNotice
}
