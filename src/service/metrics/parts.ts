import type { Registry } from 'prom-client'
import type { EngineCounts } from '../../engine/engine.ts'
import type { Arrival, Commit, Need } from '../../ports/index.ts'
import { AlertDelay, addAlertDelay } from './alert-delay.ts'
import { addGauge, type Reading } from './meters.ts'

/** As much of an engine and its pipeline as is measured. */
export interface Measured {
  readonly engine: { readonly watermark: number; readonly counts: Pick<EngineCounts, 'chains' | 'packed' | 'threads'> }
  readonly pipeline: { readonly queued: number }
}

/** What is counted of one engine: of a partition, or, embedded, of the whole. */
export interface Part {
  /** Events that are about to be folded; `atOf` says when the one at an index came, in milliseconds since the epoch. */
  came(arrivals: readonly Arrival[], atOf: (index: number) => number): void
  /** The chains that an earlier owner left open. */
  resumed(open: readonly Need[]): void
  /** A commit is stored, and sent where it is to be sent. */
  committed(commit: Commit): void
  /** It is at work from now on: its gauges are read. */
  opened(measured: Measured): void
}

export interface Parts {
  /** A part that begins, in place of the one of that number before. */
  begin(number: number): Part
  find(number: number): Part | undefined
  /** Forgets all parts but these. */
  keep(numbers: readonly number[]): void
}

/** Counters and gauges of all parts. `clock`: milliseconds since the epoch. */
export function createParts(registry: Registry, clock: () => number): Parts {
  const delay = addAlertDelay(registry)
  const parts = new Map<number, CountedPart>()
  const measured = (): (readonly [number, Measured, CountedPart])[] =>
    [...parts].flatMap(([number, part]) => (part.measured === null ? [] : [[number, part.measured, part] as const]))
  addPartGauges(registry, clock, measured)
  return {
    begin(number) {
      const part = new CountedPart(new AlertDelay(delay), clock)
      parts.set(number, part)
      return part
    },
    find: (number) => parts.get(number),
    keep(numbers) {
      for (const number of parts.keys()) if (!numbers.includes(number)) parts.delete(number)
    },
  }
}

type MeasuredParts = () => readonly (readonly [number, Measured, CountedPart])[]

function addPartGauges(registry: Registry, clock: () => number, parts: MeasuredParts): void {
  const sum = (read: (measured: Measured, part: CountedPart) => number): number =>
    parts().reduce((all, [, measured, part]) => all + read(measured, part), 0)
  addGauge(registry, {
    name: 'catenary_open_chains',
    help: 'Chains that are open, in memory or not.',
    read: () => [{ value: sum((_, { open }) => open.size) }],
  })
  addGauge(registry, {
    name: 'catenary_chains_in_memory',
    help: 'Chains in memory, open or closed, by tier: hot (unpacked) or packed. All others are in the store alone.',
    labelNames: ['tier'],
    read: (): Reading[] => [
      { labels: { tier: 'hot' }, value: sum(({ engine: { counts } }) => counts.chains - counts.packed) },
      { labels: { tier: 'packed' }, value: sum(({ engine: { counts } }) => counts.packed) },
    ],
  })
  addGauge(registry, {
    name: 'catenary_threads_in_memory',
    help: 'Threads of credentials, grants and agents in memory, packed or not.',
    read: () => [{ value: sum(({ engine }) => engine.counts.threads) }],
  })
  addGauge(registry, {
    name: 'catenary_waiting_records',
    help: 'Records that were read and wait to be folded.',
    read: () => [{ value: sum(({ pipeline }) => pipeline.queued) }],
  })
  addGauge(registry, {
    name: 'catenary_watermark_lag_seconds',
    help:
      'How far the watermark, up to which absence is judged, is behind the clock, by partition (embedded: 0). Where events ' +
      'come as they happen it is the lateness that is allowed, about; nothing is told before the first event.',
    labelNames: ['partition'],
    read: () =>
      parts().map(([partition, { engine }]) => ({
        labels: { partition },
        value: (clock() - engine.watermark) / 1_000,
      })),
  })
}

class CountedPart implements Part {
  readonly open = new Set<string>()
  measured: Measured | null = null
  readonly #delay: AlertDelay
  readonly #clock: () => number

  constructor(delay: AlertDelay, clock: () => number) {
    this.#delay = delay
    this.#clock = clock
  }

  came(arrivals: readonly Arrival[], atOf: (index: number) => number): void {
    this.#delay.came(arrivals, atOf)
  }

  resumed(open: readonly Need[]): void {
    for (const { kind, tenant, subject } of open) if (kind === 'chain') this.open.add(keyOf(tenant, subject))
  }

  committed(commit: Commit): void {
    this.#delay.told(commit, this.#clock())
    for (const { tenant, workflowId, status, events } of commit.chains) {
      if (status === 'open' && events > 0) this.open.add(keyOf(tenant, workflowId))
      else this.open.delete(keyOf(tenant, workflowId))
    }
  }

  opened(measured: Measured): void {
    this.measured = measured
  }
}

const keyOf = (tenant: string, workflowId: string): string => `${tenant}\u0000${workflowId}`
