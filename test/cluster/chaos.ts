import { setTimeout as delay } from 'node:timers/promises'
import type { InputRecord } from '../../src/adapters/kafka/record-of.ts'
import type { Fault as StoreFault } from '../kit/clickhouse.ts'
import type { Held } from '../kit/kafka-front.ts'
import type { Process, TestCluster } from './cluster.ts'

/** A moment in the life of a process: one of its requests is on its way, to the store or to the broker. */
interface Moment {
  readonly store?: Omit<NonNullable<StoreFault['hold']>, 'who'>
  readonly broker?: Omit<Held, 'clients'>
  /** It comes when a partition is taken over, so another process is added for it. */
  readonly isTakeOver?: boolean
}

/** Where a process is killed; each is caught in the act, by its request. */
const KILLS = {
  'kill mid-batch': { store: { sql: 'INSERT INTO steps', when: 'before' } },
  'kill half stored': { store: { sql: 'INSERT INTO chains', when: 'before' } },
  'kill stored, not told so': { store: { sql: 'INSERT INTO chains', when: 'after' } },
  'kill stored, not sent': { broker: { request: 'produce', has: '"facts"' } },
  'kill stored, alerts not sent': { broker: { request: 'produce', has: 'catenary.alerts' } },
  'kill sent, not committed': { broker: { request: 'commit' } },
  'kill while it claims': { store: { sql: 'INSERT INTO owners', when: 'after' }, isTakeOver: true },
  'kill while it asks what is open': { store: { sql: 'arrayJoin(threads)', when: 'before' }, isTakeOver: true },
  'kill while it rebuilds': { store: { sql: 'FROM links FINAL', when: 'before' }, isTakeOver: true },
  'kill while it joins': { broker: { request: 'sync' }, isTakeOver: true },
} satisfies Readonly<Record<string, Moment>>

/** Writes that reach the store when the partition has another owner: of a process that was killed, or that slept. */
const LATE = ['INSERT INTO steps', 'INSERT INTO findings', 'INSERT INTO alerts', 'INSERT INTO chains']

const OTHERS = [
  'kill a process',
  'stop a process',
  'add a process',
  'stall a process',
  'cut a process off',
  'late write of a dead process',
  'late write of a stalled process',
  'kill the broker',
  'store away',
  'store away for long',
  'store slow',
  'half of the writes fail',
  'half of the answers are lost',
  'poison',
] as const

export type Fault = keyof typeof KILLS | (typeof OTHERS)[number]

/** What befalls a cluster, one after the other, while it reads. */
export const FAULTS: readonly Fault[] = [...(Object.keys(KILLS) as (keyof typeof KILLS)[]), ...OTHERS]

export interface Schedule {
  readonly seed: number
  readonly faults: readonly { readonly fault: Fault; readonly afterMs: number }[]
}

/** Beyond its session time-out: others have its partitions when it wakes, and it does not know. */
export const SESSION_MS = 4_000
const STALL_MS = SESSION_MS + 2_000
/** How long a moment is waited for; it may be that nobody does what it needs. */
const MOMENT_MS = 8_000

/** Two to four faults within seconds, the same for the same seed. */
export function scheduleOf(seed: number): Schedule {
  const random = randomOf(seed)
  const count = 2 + Math.floor(random() * 3)
  return {
    seed,
    faults: Array.from({ length: count }, (_, i) => ({
      // Every fault has its turn as the first one.
      fault: FAULTS[i === 0 ? seed % FAULTS.length : Math.floor(random() * FAULTS.length)] ?? 'kill a process',
      afterMs: Math.floor(random() * 1_000),
    })),
  }
}

/** A small generator of numbers in [0, 1): mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Lets a schedule befall a cluster of two processes while it reads: each fault comes with its share of the records, so that
 * there is work for it to disturb. Heals all that was done, and leaves at least two processes. Returns what came of each fault.
 */
export async function suffer(
  cluster: TestCluster,
  schedule: Schedule,
  records: readonly InputRecord[],
): Promise<readonly string[]> {
  const { faults } = schedule
  const victim = new Victim(cluster, schedule.seed)
  const share = Math.ceil(records.length / (faults.length + 1))
  for (const [i, { fault, afterMs }] of faults.entries())
    await Promise.all([victim.befall(fault, afterMs), cluster.send(records.slice(i * share, (i + 1) * share))])
  await Promise.all([victim.heal(), cluster.send(records.slice(faults.length * share))])
  return victim.story
}

/** The cluster that a schedule befalls. */
class Victim {
  readonly story: string[] = []
  readonly #cluster: TestCluster
  readonly #seed: number
  readonly #random: () => number
  readonly #starting = new Set<Promise<unknown>>()

  constructor(cluster: TestCluster, seed: number) {
    this.#cluster = cluster
    this.#seed = seed
    this.#random = randomOf(seed + 1)
  }

  async heal(): Promise<void> {
    await this.#calm()
    await Promise.allSettled(this.#starting)
    while (this.#cluster.nodes.length < 2) await this.#cluster.node()
  }

  async befall(fault: Fault, afterMs: number): Promise<void> {
    const began = performance.now()
    await delay(fault in KILLS ? 0 : afterMs)
    const came = await this.#inflict(fault)
    this.story.push(`${fault}${came ? '' : ' (its moment did not come)'} ${Math.round(performance.now() - began)} ms`)
  }

  /** False: the moment for it did not come. */
  async #inflict(fault: Fault): Promise<boolean> {
    const { kafka } = this.#cluster
    switch (fault) {
      case 'kill a process':
        this.#end(this.#any(), 'SIGKILL')
        return true
      case 'stop a process':
        this.#end(this.#any(), 'SIGTERM')
        return true
      case 'add a process':
        this.#add()
        return true
      case 'stall a process':
        return this.#stall(this.#any(), () => delay(STALL_MS))
      case 'cut a process off':
        kafka.front?.hold({ clients: this.#any()?.name ?? '' })
        await delay(STALL_MS)
        return this.#calm()
      case 'late write of a dead process':
      case 'late write of a stalled process':
        return this.#lateWrite(fault === 'late write of a dead process')
      case 'kill the broker':
        await kafka.kill()
        await delay(500)
        await kafka.restart()
        return true
      case 'store away':
      case 'store away for long':
        return this.#disturb({ away: true }, fault === 'store away' ? 2_000 : 30_000)
      case 'store slow':
        return this.#disturb({ slowMs: 250 }, 3_000)
      case 'half of the writes fail':
      case 'half of the answers are lost': {
        const [when, answer] =
          fault === 'half of the writes fail' ? (['before', 'error'] as const) : (['after', 'cut'] as const)
        return this.#disturb({ inserts: { share: 0.5, seed: this.#seed, when, answer } }, 3_000)
      }
      case 'poison':
        await this.#cluster.poison()
        return true
      default:
        return this.#killAt(KILLS[fault])
    }
  }

  async #killAt(moment: Moment): Promise<boolean> {
    const caught = await this.#catch(moment)
    if (caught !== null) this.#end(caught, 'SIGKILL', moment.isTakeOver !== true)
    return (await this.#calm()) && caught !== null
  }

  /** A write stays on its way until its partition has another owner, and is done then. */
  async #lateWrite(isDead: boolean): Promise<boolean> {
    const sql = LATE[Math.floor(this.#random() * LATE.length)] ?? 'INSERT INTO steps'
    const caught = await this.#catch({ store: { sql, when: 'before', late: true } })
    if (caught === null) return (await this.#calm()) && false
    if (!isDead) return this.#stall(caught, () => delay(STALL_MS))
    this.#end(caught, 'SIGKILL')
    await delay(STALL_MS)
    return this.#calm()
  }

  /** The process whose request is kept back at this moment; it is kept until `#calm`. */
  async #catch({ store, broker, isTakeOver = false }: Moment): Promise<Process | null> {
    const { kafka, clickhouse, prefix } = this.#cluster
    const caught =
      store === undefined ? kafka.front?.hold({ ...broker, clients: prefix }).caught : clickhouse.faults.held()
    if (store !== undefined) await clickhouse.faults.set({ hold: { ...store, who: `/${prefix}` } })
    if (isTakeOver) this.#add()
    const name = await Promise.race([caught, delay(MOMENT_MS, null)])
    return this.#cluster.nodes.find((node) => node.name === name?.replace(/^\//, '')) ?? null
  }

  async #stall(node: Process | undefined, until: () => Promise<void>): Promise<boolean> {
    node?.started.child.kill('SIGSTOP')
    await until()
    await this.#calm()
    node?.started.child.kill('SIGCONT')
    return true
  }

  async #disturb(fault: StoreFault, forMs: number): Promise<boolean> {
    await this.#cluster.clickhouse.faults.set(fault)
    await delay(forMs)
    return this.#calm()
  }

  async #calm(): Promise<boolean> {
    this.#cluster.kafka.front?.release()
    await this.#cluster.clickhouse.faults.set({})
    return true
  }

  #any(): Process | undefined {
    const { nodes } = this.#cluster
    return nodes[Math.floor(this.#random() * nodes.length)]
  }

  #end(node: Process | undefined, signal: 'SIGKILL' | 'SIGTERM', isReplaced = true): void {
    if (node !== undefined) this.#cluster.end(node, signal)
    if (isReplaced) this.#add()
  }

  /** Another process; nobody waits until it is up. */
  #add(): void {
    const starting = this.#cluster.node()
    this.#starting.add(starting)
    // Who is caught before it listens ends so.
    starting.catch(() => undefined).finally(() => this.#starting.delete(starting))
  }
}
