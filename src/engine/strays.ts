import type { AgentEvent, Attribution } from '../core/index.ts'
import type { Told } from '../ports/index.ts'
import { Decider } from './decider.ts'
import { type Mail, toldOf } from './mail.ts'
import type { Outbox } from './outbox.ts'
import { Placed } from './placed.ts'
import { groupOfPart, type Placing } from './placing.ts'
import type { Roster } from './roster.ts'
import type { Seen } from './seen.ts'
import { deciderOf, type Sessions } from './sessions.ts'
import type { Steps } from './steps.ts'
import type { Threads } from './threads.ts'
import { isLater, type Turns } from './turns.ts'

export interface StraysParts {
  readonly mail: Mail
  readonly placing: Placing
  readonly sessions: Sessions
  readonly threads: Threads
  readonly outbox: Outbox
  readonly roster: Roster
  readonly seen: Seen
  readonly steps: Steps
  readonly turns: Turns
}

/** Events that name no workflow, where chains are folded in several places: who is asked, who decides, who takes them. */
export class Strays {
  readonly #parts: StraysParts
  readonly #decider: Decider

  constructor(parts: StraysParts) {
    this.#parts = parts
    this.#decider = new Decider({
      mail: parts.mail,
      attribute: (event) => this.#attribute(event),
      place: (told) => this.#placeDecided(told),
      unplace: (told) => this.unplace(told),
    })
  }

  /** A chain has an event, maybe one that it was given before, or by who decided here before. */
  confirm(told: Told): void {
    this.#decider.confirm(told)
  }

  /** Something was learned of a session or credential. */
  reconsider(key: string): void {
    this.#decider.reconsider(key)
  }

  /** Lets go of events before a time: their places are sealed. */
  forget(before: number): void {
    this.#decider.forget(before)
  }

  /** False: the event was given to this chain before, and not taken out again. */
  isNewIn(event: AgentEvent, workflowId: string): boolean {
    return this.#parts.seen.add(placeOf(event, workflowId), event.id)
  }

  /**
   * Whose is this event, which names no workflow? Its session is asked first, where that is known elsewhere; then it goes to
   * the one that decides: the owner of its credential, else of the made-up chain it would open.
   */
  ask(told: Told, isAskedOfSession = false): void {
    const { event } = told
    const decider = deciderOf(event, this.#parts.placing)
    const session = event.session_id
    if (session !== undefined && this.#parts.mail.owns('session', session))
      this.#parts.sessions.asked(event, this.#parts.placing)
    else if (session !== undefined && !isAskedOfSession) {
      this.#parts.mail.send('session', session, { what: 'ask', told })
      return
    }
    if (this.#parts.mail.owns(decider.kind, decider.subject)) this.decide(told)
    else this.#parts.mail.send(decider.kind, decider.subject, { what: 'ask', told })
  }

  /** Gives an event that names no workflow its chain, here or elsewhere; again, when it was decided before. */
  decide(told: Told): void {
    this.#parts.threads.hear(told.event)
    this.#decider.ask(told)
  }

  /** Takes back an event that may be decided about here from the place that the store has for it. */
  restore(placed: Placed): void {
    const { event, attribution } = placed
    if (attribution.rule !== 'reported' && this.isDecider(event)) this.#decider.restore(toldOf(placed))
  }

  /** Takes in an event that its decider gave to a chain here, and tells it so. Told again, nothing else changes. */
  place(told: Told): void {
    this.#placeDecided(told)
    const { kind, subject } = deciderOf(told.event, this.#parts.placing)
    if (!this.#parts.mail.owns(kind, subject)) this.#parts.mail.send(kind, subject, { what: 'placed', told })
  }

  /** Takes out an event that its decider had given to a chain here. */
  unplace(told: Told): void {
    const { event, attribution } = told
    const stands = this.#parts.steps.standing(event, attribution.workflowId)
    if (stands !== null && isLater(stands.attribution, attribution)) return
    this.#parts.seen.forget(placeOf(event, attribution.workflowId), event.id)
    if (stands === null) {
      // Its step may be stored, where the rest of that commit was not.
      const placed = new Placed(event, attribution, told)
      if (this.#parts.roster.findChain(attribution.workflowId)?.track.isSealed(placed) !== true)
        this.#parts.outbox.tombstone(placed)
      return
    }
    this.#parts.steps.leave(stands, { workflowId: 'another', rule: 'reported' })
    this.#parts.threads.hide(stands)
  }

  /** Whether whose an event without a workflow is, is decided here. */
  isDecider(event: AgentEvent): boolean {
    if (this.#parts.mail.isSole) return true
    const { kind, subject } = deciderOf(event, this.#parts.placing)
    return this.#parts.mail.owns(kind, subject)
  }

  #placeDecided(told: Told): void {
    const { event, attribution } = told
    this.#watchSession(told)
    const stands = this.#parts.steps.standing(event, attribution.workflowId)
    if (stands === null && this.isNewIn(event, attribution.workflowId)) {
      this.#parts.steps.insertInto(event, attribution, told)
      return
    }
    const step = stands ?? new Placed(event, attribution, told)
    if (isLater(attribution, step.attribution)) {
      step.attribution = { ...attribution, workflowId: step.attribution.workflowId }
      this.#parts.outbox.put(step)
    }
    const chain = this.#parts.roster.findChain(step.attribution.workflowId)
    if (chain !== null) this.#parts.steps.retell(chain, step)
  }

  /** Who knows the session of an event is told that the event has a place, and who is to hear if that changes. */
  #watchSession(told: Told): void {
    const { event } = told
    if (event.session_id === undefined) return
    if (this.#parts.mail.owns('session', event.session_id)) this.#parts.sessions.asked(event, this.#parts.placing)
    else this.#parts.mail.send('session', event.session_id, { what: 'placed', told })
  }

  /** Which chain an event belongs to, with the turn of the decision. */
  #attribute(event: AgentEvent): Attribution {
    return { ...this.#parts.placing.attribute(event), turn: this.#parts.turns.take() }
  }
}

/** A source within a chain: the same event may be given to two chains, until the first hears that it was decided anew. */
const placeOf = ({ source }: AgentEvent, workflowId: string): string => `${source} in ${groupOfPart(workflowId)}`
