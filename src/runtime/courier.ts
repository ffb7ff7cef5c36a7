import { backOff, CatenaryError } from '../core/index.ts'
import type { Carried, Delivery, Destination, Outbox, Outcome, Parcel } from '../ports/index.ts'
import { createBell } from './bell.ts'
import { DeliveryQueue, keyOf } from './delivery-queue.ts'

export interface CourierParts<What extends Carried = Parcel> {
  /** Of the destination. */
  readonly name: string
  readonly destination: Destination<What>
  readonly outbox: Pick<Outbox<What>, 'deliveries' | 'parcels' | 'record'>
  readonly batch: {
    readonly max: number
    /** How long the first of a batch waits for more, in milliseconds. */
    readonly waitMs: number
  }
  readonly retry: {
    readonly firstMs: number
    readonly mostMs: number
    /** A delivery that failed and has waited this long is given up, in milliseconds. */
    readonly forMs: number
  }
  /** Milliseconds since the epoch, on the clock that deliveries are queued by. */
  readonly clock: () => number
  /** Whether a delivery is this process's to make. */
  readonly owns: (delivery: Delivery) => boolean
  /** The silence of what is not to be sent now; all is sent where nothing is said. Throws what the store throws. */
  readonly silenceOf?: (parcels: readonly What[]) => Promise<ReadonlyMap<What, { readonly id: string }>>
  readonly listener: CourierListener
  readonly limits?: Partial<CourierLimits>
}

/** Told of what becomes of deliveries. */
export interface CourierListener {
  settled(outcome: 'delivered' | 'retried' | 'dead', count: number): void
  /** What is wrong with the receiver or the store changed; null: nothing any more. */
  trouble(why: string | null): void
}

export interface CourierLimits {
  /** Deliveries held in memory. */
  readonly held: number
  /** How often the outbox is read for what nobody told of, in milliseconds. */
  readonly pollMs: number
  /** How long what is under way may take when the courier is stopped, in milliseconds. */
  readonly graceMs: number
}

const LIMITS: CourierLimits = { held: 10_000, pollMs: 15_000, graceMs: 5_000 }
const PAGE = 5_000
const STORE_PAUSES = { firstMs: 100, mostMs: 10_000 }
/** Deliveries that are done may be told of once more: by the commit they came with, which is told after it is stored. */
const REMEMBERED = 10_000

/** Takes the deliveries of one destination to it, in order of each chain, until each is delivered or given up. */
export interface Courier {
  readonly name: string
  /** What waits in memory, and since when the oldest does. */
  readonly waiting: { readonly count: number; readonly oldestAt: number | null }
  /** Deliveries that are stored. */
  tell(deliveries: readonly Delivery[]): void
  /** More may be this process's to deliver than before. */
  reread(): void
  /** Ends what is under way, or cuts it off. What is not recorded by then is sent again by who comes after. */
  close(): Promise<void>
}

/** A courier at work. It begins with what the outbox has. */
export const startCourier = <What extends Carried = Parcel>(parts: CourierParts<What>): Courier => new OneCourier(parts)

class OneCourier<What extends Carried> implements Courier {
  readonly #parts: CourierParts<What>
  readonly #limits: CourierLimits
  readonly #queue: DeliveryQueue
  readonly #bell = createBell()
  /** Rings once: when the courier is to stop. */
  readonly #stopping = createBell()
  readonly #cut = new AbortController()
  readonly #done = new Set<string>()
  readonly #working: Promise<void>
  #isClosing: boolean = false
  /** What is held is not what the outbox has. */
  #isStale: boolean = true
  #readAt = 0
  /** Batches in a row of which the receiver took nothing. */
  #failures = 0
  #pausedUntil = 0
  #trouble: string | null = null

  constructor(parts: CourierParts<What>) {
    this.#parts = parts
    this.#limits = { ...LIMITS, ...parts.limits }
    this.#queue = new DeliveryQueue(this.#limits.held)
    this.#working = this.#work()
  }

  get name(): string {
    return this.#parts.name
  }

  get waiting(): { readonly count: number; readonly oldestAt: number | null } {
    return { count: this.#queue.size, oldestAt: this.#queue.oldestAt }
  }

  tell(deliveries: readonly Delivery[]): void {
    // What is told while the outbox is read may or may not be among what is read.
    for (const delivery of deliveries) if (!this.#done.has(keyOf(delivery))) this.#queue.add(delivery)
    this.#bell.ring()
  }

  reread(): void {
    this.#isStale = true
    this.#bell.ring()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#bell.ring()
    this.#stopping.ring()
    const grace = setTimeout(() => this.#cut.abort(), this.#limits.graceMs)
    await this.#working
    clearTimeout(grace)
    await this.#parts.destination.close()
  }

  async #work(): Promise<void> {
    while (!this.#isClosing) {
      await this.#read()
      const now = this.#parts.clock()
      const batch = now < this.#pausedUntil ? [] : await this.#gather(now)
      if (batch.length > 0) await this.#deliver(batch)
      else if (!this.#isClosing) await this.#bell.wait(this.#restAfter(now))
    }
  }

  /** Holds what the outbox has, where that may be other than what is held. */
  async #read(): Promise<void> {
    const { clock, outbox, name, owns } = this.#parts
    const { pollMs, held } = this.#limits
    const isDue = Math.abs(clock() - this.#readAt) >= pollMs
    if (!this.#isStale && !isDue && !(this.#queue.hasMore && this.#queue.size < held / 2)) return
    this.#queue.seal()
    await this.#surely(async () => {
      this.#isStale = false
      const found: Delivery[] = []
      let page: readonly Delivery[]
      let after: Delivery | undefined
      do {
        page = await outbox.deliveries({ destination: name, state: 'pending', limit: PAGE, after })
        found.push(...page.filter(owns))
        after = page.at(-1)
      } while (page.length === PAGE && found.length <= held)
      this.#queue.replace(found)
      this.#readAt = clock()
    })
  }

  /** What may be sent now; a part of a batch waits a moment for the rest. */
  async #gather(now: number): Promise<readonly Delivery[]> {
    const { batch, clock } = this.#parts
    let ready = this.#queue.ready(batch.max, now)
    for (let left = batch.waitMs; left > 0 && ready.length > 0 && ready.length < batch.max; ) {
      await this.#bell.wait(left)
      if (this.#isClosing) return []
      left = Math.min(left - 1, now + batch.waitMs - clock())
      ready = this.#queue.ready(batch.max, clock())
    }
    return ready
  }

  #restAfter(now: number): number {
    const { pollMs } = this.#limits
    const wakes = [this.#readAt + pollMs, this.#pausedUntil, this.#queue.nextAt(now) ?? 0].filter((at) => at > now)
    return Math.min(pollMs, ...wakes.map((at) => at - now))
  }

  async #deliver(batch: readonly Delivery[]): Promise<void> {
    const mine = batch.filter(this.#parts.owns)
    for (const delivery of batch) if (!mine.includes(delivery)) this.#queue.remove(delivery)
    let found: Awaited<ReturnType<Outbox<What>['parcels']>> = []
    let silenced: ReadonlyMap<What, { readonly id: string }> = new Map()
    await this.#surely(async () => {
      const parcels = await this.#parts.outbox.parcels(mine)
      const stored = parcels.filter((one) => typeof one === 'object')
      silenced = (await this.#parts.silenceOf?.(stored)) ?? silenced
      found = parcels
    })
    const parcels: What[] = []
    const changed: Delivery[] = []
    found.forEach((one, i) => {
      const delivery = mine[i] as Delivery
      const silence = typeof one === 'object' ? silenced.get(one) : undefined
      if (silence !== undefined) changed.push(this.#after(delivery, 'silenced', `silenced by ${silence.id}`))
      else if (typeof one === 'object') parcels.push(one)
      // The commit is not whole yet: told again when it is, and found in the outbox at the latest.
      else if (one === 'unstored') this.#queue.remove(delivery)
      else changed.push(this.#after(delivery, 'left', null))
    })
    const outcomes = await this.#send(parcels)
    parcels.forEach(({ delivery }, i) => {
      const outcome = outcomes[i]
      if (outcome !== undefined) changed.push(this.#judged(delivery, outcome))
    })
    this.#tellOf(outcomes)
    await this.#settle(changed, parcels, outcomes)
  }

  async #send(parcels: readonly What[]): Promise<readonly Outcome[]> {
    if (parcels.length === 0 || this.#cut.signal.aborted) return []
    try {
      return await this.#parts.destination.send(parcels, this.#cut.signal)
    } catch (error) {
      // A secret that cannot be read, say.
      const why = error instanceof CatenaryError ? error.message : `a bug: ${(error as Error).message}`
      return parcels.map(() => ({ what: 'retry', why }))
    }
  }

  #judged(delivery: Delivery, outcome: Outcome): Delivery {
    if (outcome.what === 'delivered') return this.#after(delivery, 'delivered', null)
    if (outcome.what === 'refused') return this.#after(delivery, 'dead', outcome.why)
    const { clock, retry } = this.#parts
    return clock() - delivery.queuedAt < retry.forMs
      ? this.#after(delivery, 'pending', outcome.why)
      : this.#after(delivery, 'dead', `given up after ${Math.round(retry.forMs / 1_000)} s: ${outcome.why}`)
  }

  #after(delivery: Delivery, state: Delivery['state'], error: string | null): Delivery {
    const attempts = delivery.attempts + (state === 'left' || state === 'silenced' ? 0 : 1)
    return { ...delivery, state, error, attempts, changedAt: Math.max(this.#parts.clock(), delivery.changedAt + 1) }
  }

  /** Records what became of a batch, and lets go of what is done. */
  async #settle(changed: readonly Delivery[], parcels: readonly What[], outcomes: readonly Outcome[]): Promise<void> {
    if (changed.length === 0) return
    await this.#surely(() => this.#parts.outbox.record(changed))
    const { retry, clock, listener } = this.#parts
    const asked = new Map(parcels.map(({ delivery }, i) => [keyOf(delivery), outcomes[i]]))
    const counts = { delivered: 0, retried: 0, dead: 0 }
    for (const delivery of changed) {
      if (delivery.state === 'pending') {
        const outcome = asked.get(keyOf(delivery))
        const pause = backOff(retry, delivery.attempts, Math.random())
        const afterMs = outcome?.what === 'retry' ? (outcome.afterMs ?? 0) : 0
        this.#queue.hold(delivery, clock() + Math.max(pause, afterMs))
        counts.retried += 1
        continue
      }
      this.#queue.remove(delivery)
      // What is silenced is told of again when it is no longer.
      if (delivery.state !== 'silenced') this.#remember(keyOf(delivery))
      if (delivery.state === 'delivered' || delivery.state === 'dead') counts[delivery.state] += 1
    }
    for (const outcome of ['delivered', 'retried', 'dead'] as const)
      if (counts[outcome] > 0) listener.settled(outcome, counts[outcome])
  }

  #remember(key: string): void {
    this.#done.add(key)
    const [first] = this.#done
    if (this.#done.size > REMEMBERED && first !== undefined) this.#done.delete(first)
  }

  /** Where a receiver takes nothing at all, the others wait as well. */
  #tellOf(outcomes: readonly Outcome[]): void {
    const { retry, clock } = this.#parts
    if (outcomes.length === 0) return
    const waits = outcomes.flatMap((one) => (one.what === 'retry' ? [one] : []))
    this.#failures = waits.length === outcomes.length ? this.#failures + 1 : 0
    if (this.#failures > 0) {
      const asked = Math.max(0, ...waits.map(({ afterMs = 0 }) => afterMs))
      this.#pausedUntil = clock() + Math.max(asked, backOff(retry, this.#failures, Math.random()))
    }
    const bad = outcomes.find((one) => one.what !== 'delivered')
    this.#turn(bad === undefined ? null : bad.why)
  }

  #turn(trouble: string | null): void {
    if (trouble !== this.#trouble) this.#parts.listener.trouble(trouble)
    this.#trouble = trouble
  }

  /** Asks the outbox until it answers; when the courier is closed before, nothing is done. */
  async #surely(work: () => Promise<void>): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        await work()
        return
      } catch (error) {
        this.#turn((error as Error).message)
      }
      if (this.#isClosing) return
      await this.#stopping.wait(backOff(STORE_PAUSES, failures, Math.random()))
    }
  }
}
