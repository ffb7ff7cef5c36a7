import { type Millis, type TrackKind, trackKey } from '../core/index.ts'
import { type HotChain, newChain } from './hot-chain.ts'
import { packChain, packThread, unpackChain, unpackThread } from './packing.ts'
import type { Readers } from './readers.ts'
import { Squeezer } from './squeezer.ts'
import { Track } from './track.ts'

/** Threads of agents that stay in memory, put away, though a store stands behind; a few kB each. */
const MAX_PACKED_AGENTS = 10_000

export type ThreadKind = Exclude<TrackKind, 'chain'>

const KINDS: readonly ThreadKind[] = ['credential', 'grant', 'agent']

/** The chains and threads of one tenant that are in memory, unpacked or put away. */
export class Roster {
  /** Threads that were begun anew and that the store was not asked for: it may have more of them. */
  readonly unasked = new Map<string, { readonly kind: ThreadKind; readonly subject: string }>()
  readonly #tenant: string
  readonly #readers: Readonly<Record<TrackKind, Readers>>
  readonly #chainSqueezer = new Squeezer()
  readonly #threadSqueezer = new Squeezer()
  readonly #chains = new Map<string, HotChain>()
  readonly #packedChains = new Map<string, string>()
  readonly #threads: Readonly<Record<ThreadKind, Map<string, Track>>> = {
    credential: new Map(),
    grant: new Map(),
    agent: new Map(),
  }
  readonly #packedThreads: Readonly<Record<ThreadKind, Map<string, string>>> = {
    credential: new Map(),
    grant: new Map(),
    agent: new Map(),
  }

  constructor(tenant: string, readers: Readonly<Record<TrackKind, Readers>>) {
    this.#tenant = tenant
    this.#readers = readers
  }

  get chainCount(): number {
    return this.#chains.size + this.#packedChains.size
  }

  get packedCount(): number {
    return this.#packedChains.size
  }

  get threadCount(): number {
    const count = (kinds: Readonly<Record<ThreadKind, Map<string, unknown>>>): number =>
      Object.values(kinds).reduce((sum, { size }) => sum + size, 0)
    return count(this.#threads) + count(this.#packedThreads)
  }

  /** Steps that are held unpacked in chains; a thread counts for one. */
  get hotSteps(): number {
    let steps = 0
    for (const { track } of this.#chains.values()) steps += track.entries.length
    for (const { size } of Object.values(this.#threads)) steps += size
    return steps
  }

  hasChain(workflowId: string): boolean {
    return this.#chains.has(workflowId) || this.#packedChains.has(workflowId)
  }

  hasThread(kind: ThreadKind, subject: string): boolean {
    return this.#threads[kind].has(subject) || this.#packedThreads[kind].has(subject)
  }

  /** The chain, unpacked if need be; null when it is not in memory. */
  findChain(workflowId: string): HotChain | null {
    const hot = this.#chains.get(workflowId)
    if (hot !== undefined) return hot
    const packed = this.#packedChains.get(workflowId)
    if (packed === undefined) return null
    this.#packedChains.delete(workflowId)
    const text = this.#chainSqueezer.unpack(packed)
    return this.#keep(workflowId, unpackChain(text, this.#tenant, workflowId, this.#readers.chain))
  }

  /** The chain, made anew when it is not in memory. */
  chain(workflowId: string): HotChain {
    return this.findChain(workflowId) ?? this.#keep(workflowId, newChain(this.#tenant, workflowId, this.#readers.chain))
  }

  findThread(kind: ThreadKind, subject: string): Track | null {
    const hot = this.#threads[kind].get(subject)
    if (hot !== undefined) return hot
    const packed = this.#packedThreads[kind].get(subject)
    if (packed === undefined) return null
    this.#packedThreads[kind].delete(subject)
    const text = this.#threadSqueezer.unpack(packed)
    const thread = unpackThread(text, { kind, tenant: this.#tenant, subject }, this.#readers[kind])
    this.#threads[kind].set(subject, thread)
    return thread
  }

  /** The key of a thread, in memory or not. */
  keyOf(kind: ThreadKind, subject: string): string {
    return trackKey({ kind, tenant: this.#tenant, subject })
  }

  thread(kind: ThreadKind, subject: string): Track {
    const found = this.findThread(kind, subject)
    if (found !== null) return found
    const thread = new Track({ kind, tenant: this.#tenant, subject }, this.#readers[kind])
    this.#threads[kind].set(subject, thread)
    this.unasked.set(thread.key, { kind, subject })
    return thread
  }

  /**
   * Puts away chains and threads with no step at or after the watermark. With `isBacked`, those that wait for nothing leave
   * memory at once. Returns the chains and credentials that left, and the credentials that were put away.
   */
  tidy(
    watermark: Millis,
    isBacked: boolean,
    isClosed: (chain: HotChain) => boolean,
  ): { readonly chains: readonly string[]; readonly credentials: readonly string[]; readonly put: readonly string[] } {
    const left: string[] = []
    const put: string[] = []
    for (const [workflowId, chain] of this.#chains) {
      if (!isIdle(chain.track, watermark) || chain.book.lastAt >= watermark) continue
      if (isBacked && isClosed(chain)) left.push(workflowId)
      else if (isClosed(chain) || !waitsForResult(chain))
        this.#packedChains.set(workflowId, this.#chainSqueezer.pack(packChain(chain)))
      else continue
      this.#chains.delete(workflowId)
    }
    const credentials: string[] = []
    for (const kind of KINDS) {
      for (const [subject, thread] of this.#threads[kind]) {
        if (!isIdle(thread, watermark)) continue
        // An agent lives long and comes back often: its thread is put away, for it would be read back step by step.
        const stays = kind === 'agent' && this.#packedThreads.agent.size < MAX_PACKED_AGENTS
        const isDone = isBacked && !stays && thread.nextDue() === null && thread.pendingDue(watermark) === null
        if (!isDone) this.#packedThreads[kind].set(subject, this.#threadSqueezer.pack(packThread(thread)))
        this.#threads[kind].delete(subject)
        if (kind === 'credential') (isDone ? credentials : put).push(subject)
      }
    }
    return { chains: left, credentials, put }
  }

  /** Drops the packed chains that were put away first, down to a bound. Returns their workflow ids. */
  shedChains(most: number): readonly string[] {
    return dropFirst(this.#packedChains, this.#packedChains.size - most)
  }

  /** Drops the packed threads of each kind that were put away first, down to a bound. */
  shedThreads(most: number): readonly { readonly kind: ThreadKind; readonly subject: string }[] {
    return KINDS.flatMap((kind) => {
      const packed = this.#packedThreads[kind]
      return dropFirst(packed, packed.size - most).map((subject) => ({ kind, subject }))
    })
  }

  #keep(workflowId: string, chain: HotChain): HotChain {
    this.#chains.set(workflowId, chain)
    return chain
  }
}

/** Drops so many entries from the front of a map; it is in the order in which they were put. Returns their keys. */
function dropFirst(map: Map<string, unknown>, count: number): readonly string[] {
  const dropped: string[] = []
  for (const key of map.keys()) {
    if (dropped.length >= count) break
    map.delete(key)
    dropped.push(key)
  }
  return dropped
}

const isIdle = ({ entries }: Track, watermark: Millis): boolean => (entries.at(-1)?.order.at ?? 0) < watermark

const waitsForResult = ({ calls }: HotChain): boolean => {
  for (const parts of calls.values()) if (parts.length === 1 && parts[0]?.outcome === 'attempted') return true
  return false
}
