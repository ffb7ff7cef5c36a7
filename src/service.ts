import type { Logger } from 'pino'
import type { DecodeOptions } from '../schemas/event.ts'
import type { Config } from './config/index.ts'
import type { Arrival, ChainReader, Commit } from './ports/index.ts'
import type { Verdict } from './runtime/pipeline.ts'
import { createSilencing } from './runtime/silencing.ts'
import { apiOf } from './service/api-of.ts'
import { BUILT_IN, type Catalogue, logAside } from './service/catalogue.ts'
import { openDestinations, startForwarding } from './service/forwarding/forwarding.ts'
import { listen } from './service/listen.ts'
import { createLogger } from './service/logger.ts'
import { keyOf, openStore, placeOf, type Store } from './service/open-store.ts'
import { openTrace } from './service/open-trace.ts'
import { closeReceivers, openReceivers } from './service/security-events.ts'
import { startTicking } from './service/ticking.ts'
import { startWork } from './service/work.ts'

export interface ServiceParts {
  readonly version: string
  /** Else the store of the settings is opened. Closed with the service. */
  readonly store?: Store
  /** Else JSON lines on standard error. */
  readonly logger?: Logger
  /** Else the detectors that come with the program. */
  readonly catalogue?: Catalogue
  /** Milliseconds since the epoch on the arrival clock; else that of the machine. */
  readonly clock?: () => number
  /** A free port will do when the one that was set is taken. */
  readonly isAnyPort?: boolean
}

/** A running service. */
export interface Service {
  /** `http://127.0.0.1:8321` */
  readonly url: string
  readonly port: number
  readonly reader: ChainReader
  readonly decode: DecodeOptions
  /** The same door as `POST /v1/events`. */
  ingest(arrivals: readonly Arrival[]): Promise<readonly Verdict[]>
  /** Judges absence up to a time (else the last event plus the lateness), as if nothing came before it any more. */
  finish(until?: number): Promise<void>
  onCommit(listener: (commit: Commit) => void): () => void
  /** Rejects when the service cannot go on: the store refused for good, or there is a bug. Never resolves. */
  readonly broken: Promise<never>
  /** Takes nothing new, answers what was asked, stores what was accepted, lets the store go. */
  close(): Promise<void>
}

/**
 * Opens the store, goes on where an earlier process stopped, and listens. Throws `CAT_CONFIG` for a setting or a port that
 * cannot be used, `CAT_STORE_UNAVAILABLE` for a store that is away; nothing is left open then.
 */
export async function startService(config: Config, parts: ServiceParts): Promise<Service> {
  const logger = parts.logger ?? createLogger(config.log.level)
  const key = await keyOf(config)
  const store = parts.store ?? (await openStore(config))
  try {
    return await serviceOn(store, key, config, { ...parts, logger })
  } catch (error) {
    await store.close().catch(() => undefined)
    throw error
  }
}

async function serviceOn(
  store: Store,
  key: Uint8Array,
  config: Config,
  {
    logger,
    version,
    clock = Date.now,
    isAnyPort = false,
    catalogue = BUILT_IN,
  }: ServiceParts & { readonly logger: Logger },
): Promise<Service> {
  let isClosing = false
  logAside(catalogue, logger)
  const destinations = openDestinations(config, version)
  const receivers = await openReceivers(config)
  const trace = await openTrace(config, version, logger)
  const work = await startWork({ config, store, key, logger, version, trace, clock, catalogue })
  const { pipeline, engine } = work
  logger.info({ place: placeOf(config), chains: engine.counts.chains }, 'store opened')
  const decode: DecodeOptions = { content: { key, retain: config.content.retain } }
  const silencing = createSilencing({ store, clock })
  const api = apiOf(work, {
    config,
    store,
    silencing,
    decode,
    logger,
    version,
    clock,
    receivers,
    isClosing: () => isClosing,
  })
  const { url, port } = await listen(api, config.api, isAnyPort)
  logger.info({ url }, 'service started')
  const forwarding = startForwarding({
    destinations,
    receivers,
    outbox: store.outbox,
    store,
    silencing,
    metrics: work.metrics.deliveries,
    logger,
    clock,
  })
  pipeline.onCommit(forwarding.committed)
  const ticking = startTicking(work.tick, config.engine.tickMs)

  async function stop(): Promise<void> {
    isClosing = true
    logger.info({ waiting: pipeline.queued }, 'service stopping')
    await ticking.stop()
    await api.close()
    // What could not be stored was not answered as accepted either; the store may still be away.
    await pipeline.close().catch((err: unknown) => logger.error({ err }, 'commit left unsaved'))
    await forwarding.close()
    await closeReceivers(receivers)
    await store.close()
    await trace.close()
    logger.info('service stopped')
  }
  let stopping: Promise<void> | null = null
  return {
    url,
    port,
    reader: store,
    decode,
    ingest: work.ingest,
    finish: (until) => pipeline.finish(until),
    onCommit: (listener) => pipeline.onCommit(listener),
    broken: work.broken,
    close() {
      stopping ??= stop()
      return stopping
    },
  }
}
