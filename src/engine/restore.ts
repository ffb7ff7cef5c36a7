import { type Attribution, resultEventIdOf, trackKey } from '../core/index.ts'
import type { Need, StepRow, Stored } from '../ports/index.ts'
import { beatOf } from './beats.ts'
import { enter, handedOutOf } from './chain-book.ts'
import { adopt, type HotChain, isEnd, noteCall } from './hot-chain.ts'
import { askedKey } from './needs.ts'
import { compareOrder } from './order.ts'
import { putOnCheckpoint } from './packing.ts'
import { Placed } from './placed.ts'
import { groupOfPart } from './placing.ts'
import type { TenantFold } from './tenant-fold.ts'
import { issuedBy } from './thread-ids.ts'
import type { Track } from './track.ts'

/** What came back into memory: to be judged and published anew, which tells nothing that was told. */
interface Restored {
  readonly chains: ReadonlyMap<string, HotChain>
  /** By track key. */
  readonly threads: ReadonlyMap<string, Track>
  /** The steps that each of the threads shows. */
  readonly shown: Map<Track, Placed[]>
}

/**
 * Takes chains and threads of one tenant back into memory by folding their stored steps again, without telling anew what
 * was told. `needs` are those asked for: what the store did not know of them is new.
 */
export function restore(fold: TenantFold, needs: readonly Need[], stored: Stored, watermark: number): void {
  const back = openAll(fold, needs)
  const { tenant } = fold
  for (const { state, ...row } of stored.credentials)
    if (row.tenant === tenant && !fold.lineage.has(row.id)) fold.lineage.restore(state)
  for (const { thread, state } of stored.checkpoints) {
    const track = back.threads.get(thread)
    // One that went on in memory since it was asked for knows more.
    if (track?.sealedUntil === null) putOnCheckpoint(track, state)
  }
  restoreSessions(fold, needs, stored)
  restoreSteps(fold, back, stored)
  if (!fold.mail.isSole) for (const [thread, steps] of back.shown) fold.threadRestored(thread.id, steps)
  const repeats = new Set(needs.flatMap(({ kind, subject }) => (kind === 'event' ? [subject] : [])))
  for (const { step } of stored.steps)
    if (step.event.tenant === tenant && (repeats.has(step.event.id) || repeats.has(resultEventIdOf(step.event) ?? '')))
      fold.isNew(step.event)
  for (const { event } of stored.heartbeats) if (event.tenant === tenant) fold.isFirst(event)
  for (const row of stored.links)
    if (row.tenant === tenant && back.chains.has(row.workflowId))
      fold.links.restore(row, new Placed(row.event, row.attribution, TOLD))
  restoreBooks(fold, back, stored)
  for (const thread of back.threads.values())
    if (thread.length > 0 || fold.publisher.homesOf(thread, watermark).length > 0) fold.threads.dirty.add(thread)
  for (const chain of back.chains.values()) if (chain.book.events > 0) fold.dirtyChains.add(chain)
}

/** Steps and the heartbeats among them, in event-time order: what comes first in a thread may be sealed by what follows. */
function restoreSteps(fold: TenantFold, back: Restored, stored: Stored): void {
  const beats = stored.heartbeats.flatMap(({ event, arrivedAt }) => {
    const agent = event.tenant === fold.tenant ? event.agent?.id : undefined
    const thread = agent === undefined ? undefined : back.threads.get(fold.roster.keyOf('agent', agent))
    if (agent === undefined || thread === undefined) return []
    return [{ thread, placed: beatOf(event, agent, { ...TOLD, arrivedAt }) }]
  })
  beats.sort((a, b) => compareOrder(a.placed, b.placed))
  let next = 0
  const beatUntil = (at: number): void => {
    for (let beat = beats[next]; beat !== undefined && beat.placed.at <= at; beat = beats[next]) {
      beat.thread.insert(beat.placed, fold.shared.limits)
      next += 1
    }
  }
  for (const row of stored.steps) {
    if (row.step.event.tenant !== fold.tenant) continue
    beatUntil(row.step.event.at)
    restoreStep(fold, back, row)
  }
  beatUntil(Number.POSITIVE_INFINITY)
}

const TOLD = { origin: null, arrivedAt: 0, late: false, clockSkew: false }

function openAll(fold: TenantFold, needs: readonly Need[]): Restored {
  const chains = new Map<string, HotChain>()
  const threads = new Map<string, Track>()
  for (const { kind, subject } of needs) {
    fold.asked.add(askedKey(kind, subject))
    if (kind === 'chain') chains.set(subject, fold.roster.chain(subject))
    else if (kind === 'credential' || kind === 'grant' || kind === 'agent') {
      const thread = fold.roster.thread(kind, subject)
      threads.set(thread.key, thread)
      fold.roster.unasked.delete(thread.key)
    }
  }
  return { chains, threads, shown: new Map([...threads.values()].map((thread) => [thread, []])) }
}

function restoreStep(fold: TenantFold, { chains, threads, shown }: Restored, row: StepRow): void {
  const placed = sharedPlaced(fold, row)
  const { event } = placed
  const chain = chains.get(placed.attribution.workflowId)
  if (chain !== undefined) {
    fold.isNew(event)
    if (placed.attribution.rule !== 'reported') fold.strays.isNewIn(event, placed.attribution.workflowId)
    chain.track.insert(placed, fold.shared.limits)
    enter(chain.book, event)
    fold.placing.learn(event)
    if (event.kind === 'tool_call' && event.tool_call.call_id !== undefined)
      noteCall(chain, event.tool_call.call_id, [event])
    if (isEnd(event)) chain.book.ends.push(placed)
    const issued = issuedBy(event)
    if (issued !== null && !chain.book.issued.includes(issued)) chain.book.issued.push(issued)
    if (!fold.mail.isSole) fold.strays.restore(placed)
    else if (placed.attribution.rule !== 'reported') fold.waiting.add(placed)
  }
  for (const key of row.threads) {
    const thread = threads.get(key)
    if (thread === undefined) continue
    thread.insert(placed, fold.shared.limits)
    shown.get(thread)?.push(placed)
  }
}

function restoreSessions(fold: TenantFold, needs: readonly Need[], stored: Stored): void {
  const ours = stored.sessions.filter(({ step }) => step.event.tenant === fold.tenant)
  for (const { step } of ours) fold.placing.learn(step.event)
  if (fold.mail.isSole) return
  for (const { kind, subject } of needs)
    if (kind === 'session' && fold.mail.owns(kind, subject)) fold.sessionsKnown.add(subject)
  for (const row of ours) {
    const { event } = row.step
    if (event.workflow_id !== undefined) continue
    fold.strays.restore(sharedPlaced(fold, row))
    if (event.session_id !== undefined && fold.mail.owns('session', event.session_id))
      fold.sessions.asked(event, fold.placing)
  }
}

/** The step as a track in memory holds it, so that all tracks share one; else a new one. */
function sharedPlaced(fold: TenantFold, row: StepRow): Placed {
  const { step, origin, arrivedAt, late, clockSkew } = row
  const placed = new Placed(step.event, step.attribution, { origin, arrivedAt, late, clockSkew })
  const { workflowId }: Attribution = step.attribution
  const track = fold.roster.hasChain(workflowId) ? fold.roster.findChain(workflowId)?.track : undefined
  const there = track?.entries[track.indexOf(placed)]
  if (there !== undefined && there.link === null) return there.placed
  placed.isOut = true
  placed.threads = row.threads
  return placed
}

function restoreBooks(fold: TenantFold, { chains, threads }: Restored, stored: Stored): void {
  for (const { tenant, workflowId, firstAt, lastAt } of stored.parts)
    if (tenant === fold.tenant) fold.placing.restorePart(groupOfPart(workflowId), workflowId, firstAt, lastAt)
  for (const { tenant, workflowId, links } of stored.chains) {
    if (tenant !== fold.tenant) continue
    const chain = chains.get(workflowId)
    if (chain === undefined) continue
    chain.book.links = links
    // A chain whose last step was moved away is told gone, should that not have been stored.
    fold.dirtyChains.add(chain)
    for (const link of links) if (link.relation === 'child') adopt(chain, link.workflowId)
  }
  for (const { finding } of stored.findings) {
    const own = trackKey({ kind: 'chain', tenant: fold.tenant, subject: finding.workflowId })
    if (finding.tenant !== fold.tenant) continue
    const chain = chains.get(finding.workflowId)
    if (chain !== undefined) handedOutOf(chain.book).findings.set(finding.id, finding)
    if (finding.track === own) continue
    if (chain !== undefined || threads.has(finding.track)) fold.publisher.restore(finding)
  }
  for (const alert of stored.alerts) {
    const book = alert.tenant === fold.tenant ? chains.get(alert.workflowId)?.book : undefined
    if (book === undefined) continue
    handedOutOf(book).alerts.set(alert.id, alert)
    // Stored, it may not have left: whoever had the chain before may have died in between.
    if (!fold.mail.isSole) fold.outbox.retell([alert])
  }
}
