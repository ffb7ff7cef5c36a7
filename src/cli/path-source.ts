import { existsSync } from 'node:fs'
import { type Alert, CatenaryError, type Step } from '../core/index.ts'
import type { EngineParts } from '../engine/parts.ts'
import { engineParts } from '../main.ts'
import { embeddedPath, openStore, type Store } from '../service/open-store.ts'
import { agentStepsInStore, alertsInStore, chainsInStore, stepsInStore } from '../service/stored-path.ts'
import { withFound } from './analyze.ts'
import type { Io } from './io.ts'
import { type ConfigFlags, configOf, limitsOf } from './settings.ts'

const MAX_HINTS = 5

/** Where a responder's questions are answered from: files read for it, or what was stored. */
export interface PathSource {
  /** `these files`, `the data folder .catenary` */
  readonly name: string
  readonly parts: EngineParts
  stepsOf(tenant: string, workflowId: string): Promise<readonly Step[]>
  /** Every step of an agent, whatever its workflow, in event-time order. */
  stepsOfAgent(tenant: string, agentId: string): Promise<readonly Step[]>
  /** Alerts whose id begins so. */
  alerts(idStart: string): Promise<readonly Alert[]>
  /** Some workflows and agents there are, riskiest first, to choose another from. */
  hints(tenant: string): Promise<{ readonly workflows: readonly string[]; readonly agents: readonly string[] }>
}

export interface SourceFlags extends ConfigFlags {
  readonly tenant?: string
}

/** Opens the files, or the store when there are none, and closes it when `use` is done. Throws `CAT_USAGE` for neither. */
export async function withPathSource<T>(
  files: readonly string[],
  flags: SourceFlags,
  io: Io,
  use: (source: PathSource) => Promise<T>,
): Promise<T> {
  const reading = configOf(io, flags)
  const parts = engineParts(reading.config.detectors, limitsOf(reading))
  if (files.length > 0) return fromFiles(files, flags, io, parts, use)
  const { data, clickhouse } = reading.config
  if (clickhouse.url === undefined && !existsSync(embeddedPath(data.path)))
    throw new CatenaryError(
      'CAT_USAGE',
      `nothing is stored in ${data.path}; give the files to read, or --data with a folder that catenary serve or analyze --data filled`,
    )
  const store = await openStore(reading.config)
  try {
    return await use(fromStore(store, `the data folder ${data.path}`, parts))
  } finally {
    await store.close()
  }
}

const fromFiles = <T>(
  files: readonly string[],
  { tenant, config }: SourceFlags,
  io: Io,
  parts: EngineParts,
  use: (source: PathSource) => Promise<T>,
): Promise<T> =>
  withFound(
    files,
    { ...(tenant === undefined ? {} : { tenant }), ...(config === undefined ? {} : { config }) },
    io,
    {},
    (result) =>
      use({
        name: 'these files',
        parts,
        stepsOf: result.stepsOf,
        async stepsOfAgent(tenant, agentId) {
          const chains = result.chains.filter((one) => one.tenant === tenant && one.agentIds.includes(agentId))
          const steps = await Promise.all(chains.map(({ workflowId }) => result.stepsOf(tenant, workflowId)))
          return steps
            .flat()
            .filter(({ event }) => event.agent?.id === agentId)
            .sort(byTime)
        },
        alerts: async (start) => result.alerts.filter(({ id }) => id.startsWith(start)),
        hints: async (tenant) => hintsOf(result.chains.filter((one) => one.tenant === tenant)),
      }),
  )

const fromStore = (store: Store, name: string, parts: EngineParts): PathSource => ({
  name,
  parts,
  stepsOf: (tenant, workflowId) => stepsInStore(store, tenant, workflowId),
  stepsOfAgent: (tenant, agentId) => agentStepsInStore(store, tenant, agentId),
  async alerts(start) {
    const found: Alert[] = []
    for await (const alert of alertsInStore(store, {})) if (alert.id.startsWith(start)) found.push(alert)
    return found
  },
  async hints(tenant) {
    const chains: { workflowId: string; agentIds: readonly string[]; score: number }[] = []
    for await (const chain of chainsInStore(store, { tenant })) {
      chains.push(chain)
      if (chains.length === 1_000) break
    }
    return hintsOf(chains.sort((a, b) => b.score - a.score))
  },
})

const byTime = (a: Step, b: Step): number =>
  a.event.at - b.event.at || a.event.ns - b.event.ns || (a.event.id < b.event.id ? -1 : 1)

const hintsOf = (chains: readonly { workflowId: string; agentIds: readonly string[] }[]) => ({
  workflows: chains.slice(0, MAX_HINTS).map(({ workflowId }) => workflowId),
  agents: [...new Set(chains.flatMap(({ agentIds }) => agentIds))].slice(0, MAX_HINTS),
})
