import type { Actor, AgentEvent, Alert, ChainLink, ChainSummary, Finding, Grade, Severity } from '../core/index.ts'
import { credentialOf } from '../core/index.ts'
import { inUseBy } from './lineage.ts'
import { compareOrder, type Order, orderOf } from './order.ts'

const MAX_AGENTS = 64
const MAX_CREDENTIALS = 256
const MAX_LINKS = 256

/** What the engine keeps of one chain beside its fold: counts, who took part, what was published of it. */
export interface ChainBook {
  readonly tenant: string
  readonly workflowId: string
  events: number
  agentIds: string[]
  credentialIds: string[]
  principal: Actor | null
  principalOrder: Order | null
  firstAt: number
  lastAt: number
  links: ChainLink[]
  /** Credentials issued here: their threads are told when the workflow ends. */
  issued: string[]
  /** Workflow end events seen. */
  ends: AgentEvent[]
  /** Findings of threads that belong to this chain, by id. */
  threadFindings: Map<string, Finding>
  /** Findings and alerts as last handed out. */
  published: Map<string, { finding: Finding; revision: number }>
  alerts: Map<string, Alert>
  /** How late events were explained: the event that caused the last re-fold. */
  lastCause: string | null
}

export const openBook = (tenant: string, workflowId: string): ChainBook => ({
  tenant,
  workflowId,
  events: 0,
  agentIds: [],
  credentialIds: [],
  principal: null,
  principalOrder: null,
  firstAt: Number.POSITIVE_INFINITY,
  lastAt: Number.NEGATIVE_INFINITY,
  links: [],
  issued: [],
  ends: [],
  threadFindings: new Map(),
  published: new Map(),
  alerts: new Map(),
  lastCause: null,
})

/** Counts an event into its chain's book. */
export function enter(book: ChainBook, event: AgentEvent): void {
  book.events += 1
  book.firstAt = Math.min(book.firstAt, event.at)
  book.lastAt = Math.max(book.lastAt, event.at)
  if (event.agent !== undefined) insert(book.agentIds, event.agent.id, MAX_AGENTS)
  for (const id of [credentialOf(event), inUseBy(event)])
    if (id !== null) insert(book.credentialIds, id, MAX_CREDENTIALS)
  if (event.principal !== undefined) {
    const order = orderOf(event)
    if (book.principalOrder === null || compareOrder(order, book.principalOrder) < 0) {
      book.principal = event.principal
      book.principalOrder = order
    }
  }
}

/** Takes an event out again; who took part is counted anew from what remains. */
export function recount(book: ChainBook, remaining: Iterable<AgentEvent>): void {
  Object.assign(book, {
    events: 0,
    agentIds: [],
    credentialIds: [],
    principal: null,
    principalOrder: null,
    firstAt: Number.POSITIVE_INFINITY,
    lastAt: Number.NEGATIVE_INFINITY,
  })
  for (const event of remaining) enter(book, event)
}

export function linkTo(book: ChainBook, workflowId: string, relation: ChainLink['relation'], grade: Grade): boolean {
  if (workflowId === book.workflowId || book.links.length >= MAX_LINKS) return false
  if (book.links.some((link) => link.workflowId === workflowId && link.relation === relation)) return false
  book.links.push({ workflowId, relation, grade })
  book.links.sort((a, b) => (a.workflowId < b.workflowId ? -1 : a.workflowId > b.workflowId ? 1 : 0))
  return true
}

/** The row the store keeps and the API lists. */
export const summarise = (
  book: ChainBook,
  more: { steps: number; task: string | null; score: number; severity: Severity; status: 'open' | 'closed' },
): ChainSummary => ({
  tenant: book.tenant,
  workflowId: book.workflowId,
  events: book.events,
  agentIds: [...book.agentIds],
  credentialIds: [...book.credentialIds],
  principal: book.principal,
  firstAt: Number.isFinite(book.firstAt) ? book.firstAt : 0,
  lastAt: Number.isFinite(book.lastAt) ? book.lastAt : 0,
  links: [...book.links],
  ...more,
})

/** Sorted insert, once, up to a bound: the order of arrival does not show while the bound is not reached. */
function insert(list: string[], item: string, max: number): void {
  if (list.includes(item) || list.length >= max) return
  list.push(item)
  list.sort()
}
