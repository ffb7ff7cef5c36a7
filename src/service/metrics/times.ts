import { Counter, Histogram, type Registry } from 'prom-client'
import { LONG_SECONDS, SECONDS } from './meters.ts'

/** How long the steps of the work take, in seconds. */
export interface Times {
  /** One batch was folded and stored. */
  batched(took: { readonly events: number; readonly foldS: number; readonly storeS: number }): void
  /** One commit was tried. */
  saved(seconds: number): void
  /** What was asked of the store came back, or did not. */
  loaded(seconds: number): void
  /** The store did not do what it was asked to. */
  storeFailed(doing: StoreTask): void
  /** What was open was brought back: at start, or when a partition was taken over. */
  rebuilt(seconds: number): void
}

/** What a store is asked to do. */
export type StoreTask = 'save' | 'load' | 'claim'

export function createTimes(registry: Registry): Times {
  const registers = [registry]
  const seconds = (name: string, help: string, buckets: number[] = SECONDS): Histogram =>
    new Histogram({ name, help, buckets, registers })
  const batch = new Histogram({
    name: 'catenary_batch_records',
    help: 'Records in one batch.',
    buckets: [1, 10, 100, 1_000, 5_000, 10_000, 50_000],
    registers,
  })
  const fold = seconds(
    'catenary_fold_seconds',
    'Time to fold one batch, what it needs brought back from the store included.',
  )
  const store = seconds('catenary_store_seconds', 'Time to store one commit, or to fail to.')
  const load = seconds('catenary_load_seconds', 'Time of one question to the store for what is not in memory.')
  const rebuild = seconds(
    'catenary_rebuild_seconds',
    'Time to bring back what was open: of a partition that is taken over, its claim included; embedded, at start.',
    LONG_SECONDS,
  )
  const failures = new Counter({
    name: 'catenary_store_failures_total',
    help: 'What the store did not do when asked (save a commit, load what is not in memory, claim a partition or look whose it is); it is asked again.',
    labelNames: ['doing'],
    registers,
  })
  for (const doing of ['save', 'load', 'claim'] as const) failures.inc({ doing }, 0)
  return {
    batched({ events, foldS }) {
      batch.observe(events)
      fold.observe(foldS)
    },
    saved: (took) => store.observe(took),
    storeFailed: (doing) => failures.inc({ doing }),
    loaded: (took) => load.observe(took),
    rebuilt: (took) => rebuild.observe(took),
  }
}
