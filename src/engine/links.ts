import type { AgentEvent, Link } from '../core/index.ts'
import type { LinkRow } from '../ports/index.ts'
import { entitlementOf } from './authority.ts'
import { linkTo } from './chain-book.ts'
import { childOf, type HotChain, isEnd, type Owed, owedBy } from './hot-chain.ts'
import type { Limits } from './parts.ts'
import type { Placed } from './placed.ts'
import type { Roster } from './roster.ts'

/** What chains tell each other: hand-offs, starts of children, ends of parents, and shared credentials. */
export class Links {
  readonly #roster: Roster
  readonly #limits: Limits
  readonly #dirty: Set<HotChain>
  #rows: LinkRow[] = []

  constructor(roster: Roster, limits: Limits, dirty: Set<HotChain>) {
    this.#roster = roster
    this.#limits = limits
    this.#dirty = dirty
  }

  /** Tells the chains that a step concerns. `isLast`: the step stands last, so what was told before it still holds. */
  tell(chain: HotChain, placed: Placed, isLast: boolean): void {
    const { event, attribution } = placed
    const to = childOf(event)
    if (to !== null && to !== chain.book.workflowId) {
      chain.children.add(to)
      this.#relate(chain, this.#roster.chain(to))
    }
    const parent = parentOf(event)
    if (parent !== null && parent !== chain.book.workflowId) this.#tellParent(this.#roster.chain(parent), chain, placed)
    if (chain.children.size > 0 && (!isLast || to !== null || isEnd(event)))
      this.#send(chain, isLast ? chain.track.entries.length - 1 : 0)
    for (const candidate of attribution.candidates ?? []) this.#share(chain, candidate)
  }

  /** Takes back what a chain was told before, without telling it again. */
  restore(row: LinkRow, placed: Placed): void {
    const chain = this.#roster.chain(row.workflowId)
    if (row.isHidden) {
      chain.children.add(row.link.from)
      chain.track.insert(placed, this.#limits, row.link, true)
    } else chain.track.insertLink(placed, row.link)
  }

  /** What was told since the last time. */
  empty(): readonly LinkRow[] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  #tellParent(parent: HotChain, child: HotChain, placed: Placed): void {
    parent.children.add(child.book.workflowId)
    const link = { from: child.book.workflowId, relation: 'child', what: 'start', giver: null } as const
    const result = parent.track.insert(placed, this.#limits, link, true)
    if (result === 'appended' || result === 'inserted') this.#note(parent, placed, link, true)
    this.#relate(parent, child)
    this.#send(parent, result === 'appended' ? parent.track.entries.length - 1 : 0)
  }

  #relate(parent: HotChain, child: HotChain): void {
    if (linkTo(parent.book, child.book.workflowId, 'child', 'reported')) this.#dirty.add(parent)
    if (linkTo(child.book, parent.book.workflowId, 'parent', 'reported')) this.#dirty.add(child)
  }

  #share(chain: HotChain, candidate: string): void {
    linkTo(chain.book, candidate, 'candidate', 'inferred')
    const other = this.#roster.findChain(candidate)
    if (other !== null && linkTo(other.book, chain.book.workflowId, 'credential', 'derived')) this.#dirty.add(other)
  }

  #send(parent: HotChain, from: number): void {
    for (const owed of [...owedBy(parent, from)]) this.#sendOne(parent, owed)
  }

  #sendOne(parent: HotChain, { to, placed, what, before }: Owed): void {
    const child = this.#roster.chain(to)
    if (child === parent) return
    const link: Link = {
      from: parent.book.workflowId,
      relation: 'parent',
      what,
      giver: entitlementOf(before.authority),
    }
    if (!child.track.insertLink(placed, link)) return
    this.#note(child, placed, link, false)
    if (child.children.size > 0 && what === 'handoff') this.#send(child, 0)
  }

  #note({ book }: HotChain, placed: Placed, link: Link, isHidden: boolean): void {
    this.#rows.push({
      tenant: book.tenant,
      workflowId: book.workflowId,
      link,
      event: placed.event,
      attribution: placed.attribution,
      isHidden,
    })
    const chain = this.#roster.findChain(book.workflowId)
    if (chain !== null) this.#dirty.add(chain)
  }
}

/** The workflow that an event names as its parent, or null. */
export const parentOf = (event: AgentEvent): string | null =>
  event.kind === 'workflow' && event.workflow.action === 'start' ? (event.workflow.parent_workflow_id ?? null) : null
