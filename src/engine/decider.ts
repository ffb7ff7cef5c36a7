import type { AgentEvent, Attribution } from '../core/index.ts'
import type { Told } from '../ports/index.ts'
import { inUseBy } from './lineage.ts'
import type { Mail } from './mail.ts'
import { groupOfPart, sessionKeys } from './placing.ts'
import { isLater } from './turns.ts'
import { credentialKey } from './waiting.ts'

/** An event that names no workflow, with the chain it was given and those that may still show it. */
interface Case {
  told: Told
  /** The chain it belongs to by all that is known; a made-up one by its group, or the part that the store has it in. */
  now: Attribution
  /** Whether the chain has it. */
  isThere: boolean
  /** The chains it was given before, by group: told to let go of it once it has its new place, never before. */
  readonly olds: Map<string, Attribution>
}

export interface DeciderParts {
  readonly mail: Mail
  /** Which chain an event belongs to by what is known now, with the turn of the decision. */
  readonly attribute: (event: AgentEvent) => Attribution
  /** Puts an event into a chain that is folded here, and takes it out. */
  readonly place: (told: Told) => void
  readonly unplace: (told: Told) => void
}

const MAX_CASES_A_KEY = 256
const NONE: ReadonlySet<string> = new Set()

/**
 * Decides whose events are that name no workflow, where chains are folded in several places. An event is first given to its
 * new chain and taken from the old one only when the new one has it, so that whoever dies in between, it stands somewhere.
 */
export class Decider {
  readonly #parts: DeciderParts
  readonly #cases = new Map<string, Case>()
  /** Names of the cases that a session or credential may change. */
  readonly #byKey = new Map<string, Set<string>>()

  constructor(parts: DeciderParts) {
    this.#parts = parts
  }

  /** Whose is it? Asked again, it is put there again. */
  ask(told: Told): void {
    const there = this.#cases.get(nameOf(told.event))
    if (there === undefined) this.#put(this.#open(told, this.#parts.attribute(told.event), false))
    else if (!this.#judge(there)) this.#put(there)
  }

  /** A chain has the event, maybe one that it was given before, or by who decided here before. */
  confirm(told: Told): void {
    const { attribution } = told
    const one = this.#cases.get(nameOf(told.event)) ?? this.#open(told, attribution, true)
    if (isSameChain(attribution, one.now)) one.isThere = true
    else one.olds.set(groupOf(attribution), attribution)
    this.#judge(one)
    this.#letGo(one)
  }

  /** What the store says of an event: it stands there. */
  restore(told: Told): void {
    const { attribution } = told
    const one = this.#cases.get(nameOf(told.event))
    if (one === undefined) this.#open(told, attribution, true)
    else if (isSameChain(attribution, one.now)) one.isThere = true
    else if (one.isThere && isLater(attribution, one.now)) {
      one.olds.set(groupOf(one.now), one.now)
      one.now = attribution
    } else one.olds.set(groupOf(attribution), attribution)
  }

  /** Something was learned of a session or credential. */
  reconsider(key: string): void {
    for (const name of [...(this.#byKey.get(key) ?? NONE)]) {
      const one = this.#cases.get(name)
      if (one === undefined) continue
      this.#judge(one)
      this.#letGo(one)
    }
  }

  /** Lets go of events before a time: their places are sealed. */
  forget(before: number): void {
    for (const [name, { told }] of this.#cases) if (told.event.at < before) this.#close(name, told.event)
  }

  /** Decides anew. True when the event was given another chain, or the same one for another reason. */
  #judge(one: Case): boolean {
    const next = this.#parts.attribute(one.told.event)
    if (isSame(next, one.now)) return false
    if (!isSameChain(next, one.now)) {
      one.olds.set(groupOf(one.now), one.now)
      one.isThere = false
    }
    one.olds.delete(groupOf(next))
    one.now = next
    this.#put(one)
    return true
  }

  #put(one: Case): void {
    const told = { ...one.told, attribution: one.now }
    if (!this.#parts.mail.owns('chain', one.now.workflowId)) {
      this.#parts.mail.send('chain', one.now.workflowId, { what: 'place', told })
      return
    }
    this.#parts.place(told)
    one.isThere = true
    this.#letGo(one)
  }

  #letGo(one: Case): void {
    if (!one.isThere) return
    for (const attribution of one.olds.values()) {
      const told = { ...one.told, attribution }
      if (this.#parts.mail.owns('chain', attribution.workflowId)) this.#parts.unplace(told)
      else this.#parts.mail.send('chain', attribution.workflowId, { what: 'unplace', told })
    }
    one.olds.clear()
  }

  #open(told: Told, now: Attribution, isThere: boolean): Case {
    const name = nameOf(told.event)
    const one: Case = { told, now, isThere, olds: new Map() }
    this.#cases.set(name, one)
    for (const key of keysOf(told.event)) {
      const names = this.#byKey.get(key) ?? new Set<string>()
      names.add(name)
      this.#byKey.set(key, names)
      const [oldest] = names
      const dropped = names.size > MAX_CASES_A_KEY && oldest !== undefined ? this.#cases.get(oldest) : undefined
      if (dropped !== undefined && oldest !== undefined) this.#close(oldest, dropped.told.event)
    }
    return one
  }

  #close(name: string, event: AgentEvent): void {
    this.#cases.delete(name)
    for (const key of keysOf(event)) {
      const names = this.#byKey.get(key)
      names?.delete(name)
      if (names?.size === 0) this.#byKey.delete(key)
    }
  }
}

const nameOf = ({ source, id }: AgentEvent): string => `${source}\u0000${id}`

function keysOf(event: AgentEvent): readonly string[] {
  const credential = inUseBy(event)
  return credential === null ? sessionKeys(event) : [...sessionKeys(event), credentialKey(credential)]
}

const groupOf = ({ workflowId }: Attribution): string => groupOfPart(workflowId)

const isSameChain = (one: Attribution, other: Attribution): boolean => groupOf(one) === groupOf(other)

const isSame = (one: Attribution, other: Attribution): boolean =>
  isSameChain(one, other) &&
  one.rule === other.rule &&
  (one.candidates ?? []).join('\u0000') === (other.candidates ?? []).join('\u0000')
