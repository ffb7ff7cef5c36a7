import type { AgentEvent, Alert } from '../core/index.ts'
import type { EngineParts } from '../engine/parts.ts'
import type { RunResult } from '../lab/run-result.ts'
import { watch } from '../lab/watch.ts'
import { analyzeFiles, arrivalsOf, type ReadOptions } from '../main.ts'
import type { Arrival } from '../ports/index.ts'
import { chainsInStore, stepsInStore } from '../service/stored-path.ts'
import type { Io } from './io.ts'
import { openFilled } from './open-filled.ts'
import { type ConfigFlags, configOf } from './settings.ts'

/** Past events, which may be gone through more than once. */
export interface BacktestSource {
  run(name: string, parts: EngineParts): Promise<RunResult>
  events(): AsyncIterable<AgentEvent> | Iterable<AgentEvent>
}

export const fromFiles = (options: ReadOptions): BacktestSource => ({
  async run(name, { detectors, settings, limits }) {
    const { alerts, summary } = await analyzeFiles({
      ...options,
      detectors,
      ...(settings === undefined ? {} : { settings }),
      ...(limits === undefined ? {} : { limits }),
    })
    return { name, events: summary.events, chains: summary.chains, alerts: alerts.map(runAlert) }
  },
  async *events() {
    for await (const arrival of arrivalsOf(options, () => 0)) if (arrival.ok) yield arrival.event
  },
})

/**
 * What is stored, as events in event-time order, all held in memory. A call and its result are one event by then, heartbeats and
 * content are not among them, and only fingerprints are left of values. Throws `CAT_USAGE` where nothing is stored, and what
 * the store throws.
 */
export async function fromStore(
  flags: ConfigFlags & { readonly tenant?: string; readonly since?: number; readonly until?: number },
  io: Io,
): Promise<BacktestSource> {
  const { config } = configOf(io, flags)
  const store = await openFilled(config)
  const events: AgentEvent[] = []
  try {
    const { tenant, since, until } = flags
    for await (const chain of chainsInStore(store, { tenant, since, until }))
      for (const { event, link } of await stepsInStore(store, chain.tenant, chain.workflowId))
        if (link === undefined) events.push(event)
  } finally {
    await store.close()
  }
  events.sort((a, b) => a.at - b.at || a.ns - b.ns || (a.id < b.id ? -1 : 1))
  return {
    async run(name, parts) {
      const { chains, alerts } = await watch(arrivalsIn(events), parts)
      return { name, events: events.length, chains: chains.size, alerts: alerts.map(({ alert }) => runAlert(alert)) }
    },
    events: () => events,
  }
}

function* arrivalsIn(events: readonly AgentEvent[]): Generator<Arrival> {
  for (const [i, event] of events.entries()) yield { ok: true, event, origin: { file: 'store', line: i + 1 } }
}

const runAlert = (alert: Alert): RunResult['alerts'][number] => ({
  id: alert.id,
  detector: alert.detector,
  detectors: alert.detectors,
  severity: alert.severity,
  score: alert.score,
  workflowId: alert.workflowId,
  summary: alert.summary,
  events: [...new Set(alert.evidence.map(({ eventId }) => eventId))].sort(),
})
