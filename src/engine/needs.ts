import { type AgentEvent, credentialOf, parentCredentialOf } from '../core/index.ts'
import type { Need } from '../ports/index.ts'
import { childOf, isEnd } from './hot-chain.ts'
import { inUseBy } from './lineage.ts'
import { parentOf } from './links.ts'
import type { TenantFold } from './tenant-fold.ts'
import { appOf, grantsOf } from './thread-ids.ts'

const MAX_ANCESTORS = 32

/** Gathers what is not in memory and was not asked for, each once. */
export class Needs {
  readonly #byKey = new Map<string, Need>()
  /** How often something was found to be missing, asked for by an earlier event or not. */
  missing = 0

  get list(): readonly Need[] {
    return [...this.#byKey.values()]
  }

  chain(fold: TenantFold, workflowId: string | null | undefined): void {
    if (workflowId != null && !fold.roster.hasChain(workflowId) && fold.mail.owns('chain', workflowId))
      this.add(fold, 'chain', workflowId)
  }

  thread(fold: TenantFold, kind: 'credential' | 'grant' | 'agent', subject: string | null | undefined): void {
    if (subject == null || !fold.shared.kinds.has(kind) || fold.roster.hasThread(kind, subject)) return
    if (fold.mail.owns(kind, subject)) this.add(fold, kind, subject)
    else if (kind === 'credential' && !fold.lineage.has(subject)) this.add(fold, 'kin', subject)
  }

  /** The parts of a made-up chain that an event of that time may fall in. */
  group(fold: TenantFold, group: string, at: number): void {
    if (!fold.mail.owns('chain', group)) return
    if (!fold.placing.hasGroup(group)) this.add(fold, 'group', group)
    else for (const part of fold.placing.wouldJoin(group, at)) this.chain(fold, part)
  }

  add(fold: TenantFold, kind: Need['kind'], subject: string): void {
    const key = askedKey(kind, subject)
    if (fold.asked.has(key)) return
    this.missing += 1
    this.#byKey.set(`${fold.tenant}\u0000${key}`, { kind, tenant: fold.tenant, subject })
  }
}

export const askedKey = (kind: Need['kind'], subject: string): string => `${kind} ${subject}`

/**
 * Adds what has to be in memory before an event is folded. What it needs beyond may only show once this is there: ask
 * again until nothing is needed.
 */
export function needEvent(needs: Needs, fold: TenantFold, event: AgentEvent, watermark: number): void {
  if (event.kind === 'heartbeat') {
    if (fold.seen.mayBeForgotten(event)) needs.add(fold, 'heartbeat', event.id)
    needs.thread(fold, 'agent', event.agent?.id)
    return
  }
  const before = needs.missing
  if (event.kind === 'containment') needs.thread(fold, event.containment.target.kind, event.containment.target.id)
  needs.chain(fold, event.workflow_id)
  needs.chain(fold, parentOf(event))
  needs.chain(fold, childOf(event))
  needCredentials(needs, fold, event)
  for (const grant of grantsOf(event, fold.lineage)) needs.thread(fold, 'grant', grant)
  needs.thread(fold, 'grant', appOf(event))
  if (event.agent !== undefined) needs.thread(fold, 'agent', event.agent.id)
  if (event.workflow_id === undefined) {
    // Its chain may be another by now than the one it was stored with, so a repeat is only known by its id.
    if (event.at < watermark) needs.add(fold, 'event', event.id)
    const session = event.session_id
    if (fold.mail.isSole) needPlace(needs, fold, event, before)
    else if (session !== undefined && fold.mail.owns('session', session)) {
      if (!fold.sessionsKnown.has(session)) needs.add(fold, 'session', session)
      needPlace(needs, fold, event, before)
    } else if (session === undefined) needPlace(needs, fold, event, before)
  }
  if (event.workflow_id !== undefined && isEnd(event)) needTold(needs, fold, event.workflow_id)
}

/** The threads of the credentials an event names, and of those they derive from. */
export function needCredentials(needs: Needs, fold: TenantFold, event: AgentEvent): void {
  for (let id of [credentialOf(event), inUseBy(event), parentCredentialOf(event)]) {
    for (let depth = 0; id !== null && depth < MAX_ANCESTORS; depth += 1) {
      needs.thread(fold, 'credential', id)
      id = fold.lineage.known(id)?.parentId ?? null
    }
  }
}

/**
 * Adds what says whose an event without a workflow is: its session, its credential, its group. Where something else of the
 * event is missing (more than `before`), its place may be another when that is there: it is asked for then.
 */
export function needPlace(needs: Needs, fold: TenantFold, event: AgentEvent, before: number): void {
  const { placing } = fold
  if (event.session_id !== undefined && !placing.isBound(event)) needs.add(fold, 'session', event.session_id)
  if (needs.missing > before) return
  const { rule, workflowId, candidates } = placing.attribute(event)
  for (const candidate of candidates ?? []) needs.chain(fold, candidate)
  if (rule !== 'own') needs.chain(fold, workflowId)
  else needs.group(fold, workflowId, event.at)
}

/** The end of a workflow is told to its children and to the credentials issued in it. */
function needTold(needs: Needs, fold: TenantFold, workflowId: string): void {
  const chain = fold.roster.findChain(workflowId)
  if (chain === null) return
  for (const child of chain.children) needs.chain(fold, child)
  for (const id of chain.book.issued) needs.thread(fold, 'credential', id)
}
