import type { Address, Fact, FactBody, Told } from '../ports/index.ts'
import type { Placed } from './placed.ts'
import { groupOfPart } from './placing.ts'

/** Whether a chain, thread or session is folded here. */
export type Owns = (address: Address) => boolean

/**
 * What decides the owner: a chain goes where the input topics' keys put its events, `tenant/workflow id`, the parts of a
 * made-up chain together; the rest by `tenant/type/id`.
 */
export const ownerKeyOf = ({ kind, tenant, subject }: Address): string =>
  kind === 'chain' ? `${tenant}/${groupOfPart(subject)}` : `${tenant}/${kind}/${subject}`

const MAX_TOLD = 100_000

/**
 * What goes from the chains and threads of one tenant that are folded here to those that are not. Where all are, nothing
 * does.
 */
export class Mail {
  readonly isSole: boolean
  readonly #tenant: string
  readonly #owns: Owns | null
  /** What was told last, so that it is not told again at every change. Forgetting it only makes for repeats. */
  readonly #told = new Map<string, string>()
  #facts: Fact[] = []

  constructor(tenant: string, owns: Owns | null) {
    this.#tenant = tenant
    this.#owns = owns
    this.isSole = owns === null
  }

  owns(kind: Address['kind'], subject: string): boolean {
    return this.#owns === null || this.#owns(this.#address(kind, subject))
  }

  send(kind: Address['kind'], subject: string, body: FactBody): void {
    this.#facts.push({ to: this.#address(kind, subject), ...body })
  }

  /** Sends unless the same was sent last under this name. */
  sendNew(name: string, kind: Address['kind'], subject: string, body: FactBody): void {
    const key = `${kind} ${subject} ${name}`
    const text = JSON.stringify(body)
    if (this.#told.get(key) === text) return
    if (this.#told.size >= MAX_TOLD) this.#told.clear()
    this.#told.set(key, text)
    this.send(kind, subject, body)
  }

  empty(): readonly Fact[] {
    const facts = this.#facts
    this.#facts = []
    return facts
  }

  #address(kind: Address['kind'], subject: string): Address {
    return { kind, tenant: this.#tenant, subject }
  }
}

/** A step in words that cross a process. */
export const toldOf = ({ event, attribution, origin, arrivedAt, late, clockSkew }: Placed): Told => ({
  event,
  attribution,
  origin,
  arrivedAt,
  late,
  clockSkew,
})
