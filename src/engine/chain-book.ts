import type { Actor, AgentEvent, Alert, ChainLink, ChainSummary, Finding, Grade, Severity } from '../core/index.ts'
import { appended, credentialOf, resultEventIdOf } from '../core/index.ts'
import { inUseBy } from './lineage.ts'
import { compareOrder, type Order, orderOf } from './order.ts'
import type { Placed } from './placed.ts'
import type { Track } from './track.ts'

const MAX_AGENTS = 64
const MAX_CREDENTIALS = 256
const MAX_LINKS = 256

/** What was last handed out of a chain, by id. */
export interface HandedOut {
  readonly findings: Map<string, Finding>
  readonly alerts: Map<string, Alert>
}

/** What the engine keeps of one chain beside its fold: counts, who took part, what was published of it. */
export interface ChainBook {
  readonly tenant: string
  readonly workflowId: string
  events: number
  agentIds: readonly string[]
  credentialIds: readonly string[]
  principal: Actor | null
  principalOrder: Order | null
  firstAt: number
  lastAt: number
  links: readonly ChainLink[]
  /** Credentials issued here: their threads are told when the workflow ends. */
  issued: string[]
  /** Ends of the workflow seen, for the threads of credentials whose issue comes later. */
  ends: Placed[]
  /** What was handed out of it; null where nothing ever was. */
  handedOut: HandedOut | null
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
  handedOut: null,
  lastCause: null,
})

/** What was handed out of a chain, to be added to. */
export function handedOutOf(book: ChainBook): HandedOut {
  book.handedOut ??= { findings: new Map(), alerts: new Map() }
  return book.handedOut
}

/** Counts an event into its chain's book. */
export function enter(book: ChainBook, event: AgentEvent): void {
  book.events += halvesOf(event)
  book.firstAt = Math.min(book.firstAt, event.at)
  book.lastAt = Math.max(book.lastAt, event.at)
  if (event.agent !== undefined) book.agentIds = withItem(book.agentIds, event.agent.id, MAX_AGENTS)
  const named = credentialOf(event)
  const inUse = inUseBy(event)
  if (named !== null) book.credentialIds = withItem(book.credentialIds, named, MAX_CREDENTIALS)
  if (inUse !== null && inUse !== named) book.credentialIds = withItem(book.credentialIds, inUse, MAX_CREDENTIALS)
  if (event.principal === undefined) return
  if (book.principalOrder !== null && event.at > book.principalOrder.at) return
  const order = orderOf(event)
  if (book.principalOrder !== null && compareOrder(order, book.principalOrder) >= 0) return
  book.principal = event.principal
  book.principalOrder = order
}

/** Takes out an event that its track no longer shows. Who took part is counted anew, unless steps are sealed. */
export function leave(book: ChainBook, event: AgentEvent, track: Track): void {
  if (track.baseLength > 0) {
    book.events -= halvesOf(event)
    return
  }
  Object.assign(book, {
    events: 0,
    agentIds: [],
    credentialIds: [],
    principal: null,
    principalOrder: null,
    firstAt: Number.POSITIVE_INFINITY,
    lastAt: Number.NEGATIVE_INFINITY,
  })
  for (const { placed, link } of track.entries) if (link === null) enter(book, placed.event)
}

export function linkTo(book: ChainBook, workflowId: string, relation: ChainLink['relation'], grade: Grade): boolean {
  if (workflowId === book.workflowId || book.links.length >= MAX_LINKS) return false
  if (book.links.some((link) => link.workflowId === workflowId && link.relation === relation)) return false
  book.links = [...book.links, { workflowId, relation, grade }].sort((a, b) =>
    a.workflowId < b.workflowId ? -1 : a.workflowId > b.workflowId ? 1 : 0,
  )
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
  agentIds: book.agentIds,
  credentialIds: book.credentialIds,
  principal: book.principal,
  firstAt: Number.isFinite(book.firstAt) ? book.firstAt : 0,
  lastAt: Number.isFinite(book.lastAt) ? book.lastAt : 0,
  links: book.links,
  steps: more.steps,
  task: more.task,
  score: more.score,
  severity: more.severity,
  status: more.status,
})

/** A step whose call and result came as two events, read back as one, counts for both. */
const halvesOf = (event: AgentEvent): number => (resultEventIdOf(event) === null ? 1 : 2)

/** The list with an item, sorted, up to a bound; itself when it has it. The order of arrival does not show below the bound. */
function withItem(list: readonly string[], item: string, max: number): readonly string[] {
  return list.includes(item) || list.length >= max ? list : (appended(list, item) as string[]).sort()
}
