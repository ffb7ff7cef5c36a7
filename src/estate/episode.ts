import { agentOf, DOMAIN, FIRMS, PEOPLE, type Person, type Role } from './company.ts'
import { type AttackLabel, DETECTORS_OF, type StoryNumber, type TwinLabel } from './label.ts'
import { Random } from './random.ts'
import { Telling } from './telling.ts'

/** An event of the contract as a producer sends it: a plain JSON object. */
export type EstateEvent = Readonly<Record<string, unknown>>

/** An event and when it arrives, in milliseconds since the epoch. */
export interface Sent {
  readonly event: EstateEvent
  readonly arrivesAt: number
}

/** What goes wrong on the way and at work, as shares from 0 to 1. */
export interface Noise {
  /** Of events: up to a minute and a half late. */
  readonly late: number
  /** Of events: sent again. */
  readonly repeated: number
  /** Of calls that succeed: fail once before. */
  readonly failing: number
}

export const NOISE: Noise = { late: 0.012, repeated: 0.004, failing: 0 }

/** Where and when an episode takes place. */
export interface Place {
  /** Eight hex digits that no other episode has: the stem of every id in it. */
  readonly stem: string
  readonly seed: number
  readonly team: number
  readonly at: number
  /** Factor of long waits, 1 in an estate of a day or more: short estates have short afternoons. */
  readonly stretch: number
  readonly noise: Noise
}

/** Something that happens in the company: one workflow, or several that belong together. Collects what is sent. */
export class Episode {
  readonly random: Random
  readonly team: number
  readonly at: number
  readonly stem: string
  readonly sent: Sent[] = []
  readonly attacks: AttackLabel[] = []
  readonly twins: TwinLabel[] = []
  readonly #stretch: number
  readonly #noise: Noise
  #events = 0
  #names = 0

  constructor({ stem, seed, team, at, stretch, noise }: Place) {
    this.random = new Random(seed)
    this.stem = stem
    this.team = team
    this.at = at
    this.#stretch = stretch
    this.#noise = noise
  }

  /** An event id that no other event has. */
  nextId(): string {
    this.#events += 1
    return `${this.stem}-${this.#events}`
  }

  /** A name that nothing else in the estate has: `tok-1f2e3d4c-2`. */
  name(kind: string): string {
    this.#names += 1
    return `${kind}-${this.stem}-${this.#names}`
  }

  /** Whether a call is to fail once before it succeeds. Draws no number where none ever does, so that equal estates stay equal. */
  isFailing(): boolean {
    return this.#noise.failing > 0 && this.random.chance(this.#noise.failing)
  }

  /** Hands an event over, as networks do: seconds late, now and then a minute, now and then twice. */
  send(event: EstateEvent, at: number): void {
    const { random } = this
    const { late, repeated } = this.#noise
    const arrivesAt = at + 150 + random.next() * 1_800 + (random.chance(late) ? random.next() * 90_000 : 0)
    this.sent.push({ event, arrivesAt })
    if (random.chance(repeated)) this.sent.push({ event, arrivesAt: arrivesAt + 900 + random.next() * 15_000 })
  }

  /** Lets an agent of the team work in a workflow of its own. */
  workflow(role: Role, { replica = 0, at = this.at, principal = this.person() }: Start = {}): Telling {
    return new Telling(this, { agent: agentOf(role, this.team, replica), at, principal, workflowId: this.name('wf') })
  }

  /** Lets another agent of the team work in the same workflow, from where it stands. */
  beside(work: Telling, role: Role): Telling {
    const { at, principal, workflowId } = work
    return new Telling(this, { agent: agentOf(role, this.team), at, principal, workflowId })
  }

  /** Lets an agent of the team do something that belongs to no workflow. */
  outside(role: Role, at: number, replica = 0): Telling {
    return new Telling(this, { agent: agentOf(role, this.team, replica), at, principal: null, workflowId: null })
  }

  /** So many minutes, in milliseconds; never under eight, so that a long wait stays past every time of grace. */
  minutes(many: number): number {
    return Math.max(8, many * this.#stretch) * 60_000
  }

  person(): Person {
    return this.random.pick(PEOPLE)
  }

  firm(): string {
    return this.random.pick(FIRMS)
  }

  /** An address of somebody outside the company. */
  outsider(): string {
    const [given] = this.person().id.split('@')
    return `${given}@${this.firm()}.example`
  }

  attack(story: StoryNumber, name: string, harm: string, ...workflows: readonly Telling[]): void {
    this.attacks.push({ story, name, workflowIds: idsOf(workflows), harm, detectors: DETECTORS_OF[story] })
  }

  twin(story: StoryNumber, name: string, lookalike: string, ...workflows: readonly Telling[]): void {
    this.twins.push({ story, name, workflowIds: idsOf(workflows), lookalike, detectors: DETECTORS_OF[story] })
  }
}

interface Start {
  readonly replica?: number
  readonly at?: number
  readonly principal?: Person | Service
}

/** Something that is no person and asks for work: a scheduler, a webhook. */
export interface Service {
  readonly type: 'service'
  readonly id: string
}

export const service = (id: string): Service => ({ type: 'service', id: `${id}.${DOMAIN}` })

const idsOf = (workflows: readonly Telling[]): readonly string[] =>
  workflows.flatMap(({ workflowId }) => workflowId ?? [])
