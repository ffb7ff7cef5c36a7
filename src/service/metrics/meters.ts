import { Gauge, type Registry } from 'prom-client'

/** Buckets for what is done many times a second, in seconds. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Buckets for what may take minutes, in seconds. */
export const LONG_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]

/** A value of a gauge; null while it is not known, and then the gauge says nothing. */
export interface Reading {
  readonly labels?: Readonly<Record<string, string | number>>
  readonly value: number | null
}

export interface GaugeSpec {
  readonly name: string
  readonly help: string
  readonly labelNames?: readonly string[]
  /** Asked whenever the registry is read: what it does not tell any more is gone. */
  readonly read: () => Iterable<Reading>
}

/** Adds a gauge that is read when the registry is. */
export function addGauge(registry: Registry, { name, help, labelNames = [], read }: GaugeSpec): void {
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset()
      for (const { labels = {}, value } of read())
        if (value !== null && Number.isFinite(value)) this.set({ ...labels }, value)
    },
  })
}
