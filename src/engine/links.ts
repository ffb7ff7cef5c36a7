import type { AgentEvent, ChainLink, Link } from '../core/index.ts'
import type { LinkRow, Told } from '../ports/index.ts'
import { heldIn } from './authority.ts'
import { linkTo } from './chain-book.ts'
import { adopt, childOf, type HotChain, isEnd, type Owed, owedBy } from './hot-chain.ts'
import { type Mail, toldOf } from './mail.ts'
import type { Limits } from './parts.ts'
import { Placed } from './placed.ts'
import type { Roster } from './roster.ts'

/** What chains tell each other: hand-offs, starts of children, ends of parents, and shared credentials. */
export class Links {
  readonly #mail: Mail
  readonly #roster: Roster
  readonly #limits: Limits
  readonly #dirty: Set<HotChain>
  #rows: LinkRow[] = []

  constructor(roster: Roster, limits: Limits, dirty: Set<HotChain>, mail: Mail) {
    this.#mail = mail
    this.#roster = roster
    this.#limits = limits
    this.#dirty = dirty
  }

  /** Tells the chains that a step concerns. `isLast`: the step stands last, so what was told before it still holds. */
  tell(chain: HotChain, placed: Placed, isLast: boolean): void {
    const { event, attribution } = placed
    const to = childOf(event)
    if (to !== null && to !== chain.book.workflowId) {
      adopt(chain, to)
      this.#relate(chain.book.workflowId, to)
    }
    const parent = parentOf(event)
    if (parent !== null && parent !== chain.book.workflowId) this.#tellParent(parent, chain.book.workflowId, placed)
    if (chain.children.size > 0 && (!isLast || to !== null || isEnd(event)))
      this.#send(chain, isLast ? chain.track.entries.length - 1 : 0)
    for (const candidate of attribution.candidates ?? []) this.#share(chain, candidate)
  }

  /** Takes back what a chain was told before, without telling it again. */
  restore(row: LinkRow, placed: Placed): void {
    const chain = this.#roster.chain(row.workflowId)
    if (row.isHidden) {
      adopt(chain, row.link.from)
      chain.track.insert(placed, this.#limits, row.link, true)
    } else chain.track.insertLink(placed, row.link)
  }

  /** What was told since the last time. */
  empty(): readonly LinkRow[] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }

  /** Takes in what a chain of another owner passes on to one here, or that it began. */
  receive(workflowId: string, link: Link, told: Told, isHidden: boolean): void {
    const chain = this.#roster.chain(workflowId)
    const placed = new Placed(told.event, told.attribution, told)
    if (isHidden) this.#hear(chain, link, placed)
    else this.#passOn(chain, link, placed)
  }

  /** Notes that a chain here is related to another. */
  receiveRelation(of: string, { workflowId, relation, grade }: ChainLink): void {
    const chain = this.#roster.chain(of)
    if (relation === 'child') adopt(chain, workflowId)
    if (linkTo(chain.book, workflowId, relation, grade)) this.#dirty.add(chain)
  }

  #tellParent(parent: string, child: string, placed: Placed): void {
    const link = { from: child, relation: 'child', what: 'start', giver: null } as const
    if (this.#mail.owns('chain', parent)) this.#hear(this.#roster.chain(parent), link, placed)
    else
      this.#mail.sendNew(`start ${child} ${placed.id}`, 'chain', parent, {
        what: 'link',
        link,
        told: toldOf(placed),
        isHidden: true,
      })
    this.#relate(parent, child)
  }

  /** A child began: what its parent owes it is due. */
  #hear(parent: HotChain, link: Link, placed: Placed): void {
    adopt(parent, link.from)
    const result = parent.track.insert(placed, this.#limits, link, true)
    if (result === 'appended' || result === 'inserted') this.#note(parent, placed, link, true)
    this.#send(parent, result === 'appended' ? parent.track.entries.length - 1 : 0)
  }

  #relate(parent: string, child: string): void {
    this.#relateOne(parent, { workflowId: child, relation: 'child', grade: 'reported' })
    this.#relateOne(child, { workflowId: parent, relation: 'parent', grade: 'reported' })
  }

  #relateOne(of: string, link: ChainLink): void {
    if (this.#mail.owns('chain', of)) this.receiveRelation(of, link)
    else this.#mail.sendNew(`relate ${link.relation} ${link.workflowId}`, 'chain', of, { what: 'relate', ...link })
  }

  #share(chain: HotChain, candidate: string): void {
    linkTo(chain.book, candidate, 'candidate', 'inferred')
    const { workflowId } = chain.book
    if (!this.#mail.owns('chain', candidate) || this.#roster.findChain(candidate) !== null)
      this.#relateOne(candidate, { workflowId, relation: 'credential', grade: 'derived' })
  }

  #send(parent: HotChain, from: number): void {
    for (const owed of [...owedBy(parent, from)]) this.#sendOne(parent, owed)
  }

  #sendOne(parent: HotChain, { to, placed, what, before }: Owed): void {
    if (to === parent.book.workflowId) return
    const link: Link = {
      from: parent.book.workflowId,
      relation: 'parent',
      what,
      giver: heldIn(before.authority),
    }
    if (this.#mail.owns('chain', to)) this.#passOn(this.#roster.chain(to), link, placed)
    else
      this.#mail.sendNew(`${what} ${link.from} ${placed.id}`, 'chain', to, {
        what: 'link',
        link,
        told: toldOf(placed),
        isHidden: false,
      })
  }

  #passOn(child: HotChain, link: Link, placed: Placed): void {
    if (!child.track.insertLink(placed, link)) return
    this.#note(child, placed, link, false)
    if (child.children.size > 0 && link.what === 'handoff') this.#send(child, 0)
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
