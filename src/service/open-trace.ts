import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { Config } from '../config/index.ts'
import { type ChainStore, type Trace, untraced } from '../ports/index.ts'

/** A trace that is to be closed, so that what it has still goes out. */
export interface OpenTrace extends Trace {
  close(): Promise<void>
}

/** Where the settings say spans go; nowhere by default, and then nothing of it is loaded. */
export async function openTrace(
  config: Pick<Config, 'telemetry'>,
  version: string,
  logger: Logger,
): Promise<OpenTrace> {
  const { tracesUrl: url } = config.telemetry
  if (url === undefined) return { ...untraced, close: async () => undefined }
  const { createOtlpTrace } = await import('../adapters/otel/otlp-trace.ts')
  const onTrouble = (reason: string | null): void => {
    if (reason === null) logger.info('traces go out again')
    else logger.warn({ reason }, 'traces could not be sent; they are dropped until they can')
  }
  return createOtlpTrace({ url, version, instance: `${hostname()}/${randomUUID()}`, onTrouble })
}

/** The same store, whose saves and loads are spans. */
export const traceStore = (store: ChainStore, trace: Trace): ChainStore => ({
  ...store,
  save: (commit, fence) =>
    trace.span({ name: 'store', kind: 'client', attributes: STORE }, () => store.save(commit, fence)),
  load: (needs, readers) =>
    trace.span({ name: 'load', kind: 'client', attributes: STORE }, () => store.load(needs, readers)),
})

const STORE = { 'db.system.name': 'clickhouse' }
