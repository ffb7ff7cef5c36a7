import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { frameworkOf } from '../../detectors/frameworks.ts'
import { withUses } from '../../detectors/grant-uses.ts'
import { rarePath } from '../../detectors/rare-path.ts'
import { authorityJudge, authorityUseReader } from '../../detectors/unused-authority.ts'
import { learnerOf } from '../../detectors/usual.ts'
import type { DecodeOptions } from '../../schemas/event.ts'
import { auditKey, createAuditLog } from '../access/audit-log.ts'
import { readBody } from '../adapters/files/read-body.ts'
import { writeParquet } from '../adapters/parquet/write-parquet.ts'
import { createApi } from '../api/create-api.ts'
import type { Config } from '../config/index.ts'
import { knowledgeIn } from '../engine/checkpoints.ts'
import { counterfactuals, fallsWithout, replay } from '../engine/replay.ts'
import { importers } from '../importers/index.ts'
import type { Silencing } from '../ports/index.ts'
import { createIncidents } from '../runtime/incidents.ts'
import { retryUndelivered } from '../runtime/retry-undelivered.ts'
import { createSilences } from '../runtime/silences.ts'
import { accessOf, transportOf } from './access-of.ts'
import type { Store } from './open-store.ts'
import { readinessOf } from './readiness.ts'
import { type OpenReceiver, routesOf, securityEventsOf } from './security-events.ts'
import type { Work } from './work.ts'

/** Unpacked, a body may be this many times what is taken packed. */
const UNPACKED = 4
/** Records that may wait to be folded before callers are told to come again. */
const MAX_WAITING = 200_000
const RETRY_S = 2

export interface Around {
  readonly config: Config
  readonly store: Store
  readonly silencing: Silencing
  readonly decode: DecodeOptions
  readonly logger: Logger
  readonly version: string
  readonly isClosing: () => boolean
  /** Milliseconds since the epoch on the arrival clock. */
  readonly clock: () => number
  readonly receivers: readonly OpenReceiver[]
}

/** What the API needs of the work behind it. */
export type ApiWork = Pick<Work, 'engineParts' | 'metrics' | 'health' | 'ingest'> & {
  readonly pipeline: Pick<Work['pipeline'], 'queued' | 'onCommit'>
  /** What the process still waits for before it can do its work, in words; null for nothing. */
  readonly waitsFor?: () => string | null
  /** Events are sent on as they came. */
  readonly keepsWire?: boolean
}

/** The API over the service's parts. */
export function apiOf(work: ApiWork, around: Around): FastifyInstance {
  const { config, store, silencing, decode, logger, version, isClosing, clock, receivers } = around
  const { engineParts, pipeline, metrics } = work
  return createApi({
    reader: store,
    ingest: work.ingest,
    readBody: (body, { name, tenant, format, packing, headers, maxBytes }) =>
      readBody(body, {
        name,
        headers,
        maxBytes,
        importers,
        keepsWire: work.keepsWire === true,
        decode: { ...decode, tenant },
        ...(format === undefined ? {} : { format }),
        ...(packing === undefined ? {} : { packing }),
      }),
    isReady: readinessOf({ store, health: work.health, isClosing, waitsFor: work.waitsFor }),
    pressure: () => (pipeline.queued > MAX_WAITING ? { retryAfterS: RETRY_S } : null),
    destinations: routesOf(config),
    outbox: store.outbox,
    retryUndelivered: (destination, ids) => retryUndelivered({ outbox: store.outbox, destination, ids, now: clock() }),
    incidents: createIncidents(store),
    silencing,
    writeParquet,
    silences: createSilences({ store, clock, newId: randomUUID }),
    securityEvents: securityEventsOf(receivers, store, clock),
    arrivalClock: clock,
    authorityJudge,
    authorityUseReader,
    learnerOf: (agentId, checkpoint) =>
      learnerOf(
        agentId,
        config.detectors['rare-path'],
        checkpoint === null ? null : knowledgeIn(checkpoint, engineParts, rarePath.id),
      ),
    detectors: engineParts.detectors,
    frameworkOf,
    replay: (steps, options) => withUses(replay(steps, engineParts, options)),
    explain: (steps, alert) => counterfactuals(steps, engineParts, alert.detector, alert.evidence),
    fallsWithout: (steps, alert, without) => fallsWithout(steps, engineParts, alert, without),
    subscribe: (listener) => pipeline.onCommit(listener),
    access: accessOf(config, store, logger),
    audit: createAuditLog({
      store,
      key: auditKey(decode.content.key),
      chain: randomUUID(),
      clock: Date.now,
    }),
    transport: transportOf(config.api),
    ...(config.auth.required ? { allowedHosts: 'any' } : {}),
    registry: metrics.registry,
    logger,
    version,
    limits: { maxBodyBytes: config.api.maxBodyBytes, maxUnpackedBytes: config.api.maxBodyBytes * UNPACKED },
  })
}
