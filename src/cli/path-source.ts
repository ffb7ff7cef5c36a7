import { DEFAULT_TENANT } from '../../schemas/api/words.ts'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { type Alert, CatenaryError } from '../core/index.ts'
import type { EngineParts } from '../engine/parts.ts'
import { engineParts } from '../main.ts'
import type { PathReader } from '../ports/index.ts'
import { apiReader } from '../service/api-reader.ts'
import { alertsInStore, chainsInStore } from '../service/stored-path.ts'
import { withFound } from './analyze.ts'
import { type Io, printable } from './io.ts'
import { openFilled } from './open-filled.ts'
import { namedPlace, type ServiceFlags, withClientOf } from './service-client.ts'
import { type ConfigFlags, catalogueOf, configOf, limitsOf } from './settings.ts'

const MAX_HINTS = 5
/** Chains looked through for a hint. */
const MAX_LOOKED = 1_000

/** Where a responder's questions are answered from: files read for it, or what was stored. */
export interface PathSource {
  /** `these files`, `the data folder .catenary` */
  readonly name: string
  readonly parts: EngineParts
  /** The tenant that a profile names. */
  readonly tenant?: string | undefined
  readonly reader: PathReader
}

export interface SourceFlags extends ConfigFlags, ServiceFlags {
  readonly tenant?: string
}

/**
 * Opens the files; else the service that a flag or a variable names, unless a data folder is given; else the store. Closes it when `use`
 * is done. Throws `CAT_USAGE` for none of them.
 */
export async function withPathSource<T>(
  files: readonly string[],
  flags: SourceFlags,
  io: Io,
  use: (source: PathSource) => Promise<T>,
): Promise<T> {
  const reading = configOf(io, flags)
  const { detectors } = await catalogueOf(io, reading)
  const parts = engineParts(reading.config.detectors, limitsOf(reading), detectors)
  if (files.length > 0) {
    const { tenant, config } = flags
    const read = { ...(tenant === undefined ? {} : { tenant }), ...(config === undefined ? {} : { config }) }
    const store = createMemoryStore()
    return withFound(files, read, io, { store, detectors }, () => use({ name: 'these files', parts, reader: store }))
  }
  const place = flags.data === undefined ? namedPlace(io, flags) : null
  if (place !== null)
    return withClientOf(place, (client) =>
      use({ name: `the service ${client.url}`, parts, reader: apiReader(client), tenant: place.tenant }),
    )
  const store = await openFilled(reading.config)
  try {
    return await use({ name: `the data folder ${reading.config.data.path}`, parts, reader: store })
  } finally {
    await store.close()
  }
}

/** Whose: what the flag says, else what the profile says. */
export const tenantOf = (source: PathSource, tenant: string): string =>
  tenant === DEFAULT_TENANT ? (source.tenant ?? tenant) : tenant

/** The one alert whose id begins so. Throws `CAT_USAGE` for none and for several. */
export async function alertOf({ reader, name, tenant }: PathSource, idStart: string): Promise<Alert> {
  const found: Alert[] = []
  for await (const alert of alertsInStore(reader, { tenant })) if (alert.id.startsWith(idStart)) found.push(alert)
  return onlyAlert(found, idStart, `no alert ${printable(idStart)} in ${name}; analyze prints the ids`)
}

/** The one of those whose id begins so. Throws `CAT_USAGE` for none, with `none` for its words, and for several. */
export function onlyAlert<T>(found: readonly T[], idStart: string, none: string): T {
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  throw new CatenaryError(
    'CAT_USAGE',
    only === undefined ? none : `${found.length} alerts start with ${printable(idStart)}; give more of the id`,
  )
}

/** Some workflows and agents there are, riskiest first, to choose another from. */
export async function hintsOf(
  { reader }: PathSource,
  tenant: string,
): Promise<{ readonly workflows: readonly string[]; readonly agents: readonly string[] }> {
  const chains: { workflowId: string; agentIds: readonly string[]; score: number }[] = []
  for await (const chain of chainsInStore(reader, { tenant })) {
    chains.push(chain)
    if (chains.length === MAX_LOOKED) break
  }
  chains.sort((a, b) => b.score - a.score)
  return {
    workflows: chains.slice(0, MAX_HINTS).map(({ workflowId }) => workflowId),
    agents: [...new Set(chains.flatMap(({ agentIds }) => agentIds))].slice(0, MAX_HINTS),
  }
}
