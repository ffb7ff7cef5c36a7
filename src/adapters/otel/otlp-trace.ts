import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import { CatenaryError } from '../../core/index.ts'
import type { SpanParts, Trace } from '../../ports/index.ts'

export interface OtlpTraceParts {
  /** Where spans go: `http://collector:4318/v1/traces`. */
  readonly url: string
  readonly version: string
  /** This process, by a name that no other has. */
  readonly instance: string
  /** Told why spans could not be sent, once until they can again; then null. */
  readonly onTrouble: (message: string | null) => void
}

/** How long what is left may take to go out. */
const CLOSE_MS = 3_000

const KINDS = { consumer: SpanKind.CONSUMER, producer: SpanKind.PRODUCER, client: SpanKind.CLIENT }

/**
 * Sends spans by OTLP over HTTP, in the background and in batches; what cannot be sent is dropped. Headers, sampling, limits and
 * the resource are set by the `OTEL_…` variables of the specification. Nothing global is set: two of these do not meet.
 */
export function createOtlpTrace(parts: OtlpTraceParts): Trace & { close(): Promise<void> } {
  const exporter = watched(new OTLPTraceExporter({ url: parts.url }), parts.onTrouble)
  const own = resourceFromAttributes({
    'service.name': 'catenary',
    'service.version': parts.version,
    'service.instance.id': parts.instance,
  })
  const provider = new BasicTracerProvider({
    resource: own.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  })
  const tracer = provider.getTracer('catenary', parts.version)
  const current = new AsyncLocalStorage<Context>()

  async function span<T>({ name, kind, attributes }: SpanParts, work: () => Promise<T>): Promise<T> {
    const parent = current.getStore() ?? ROOT_CONTEXT
    const options = { kind: kind === undefined ? SpanKind.INTERNAL : KINDS[kind], attributes: { ...attributes } }
    const begun = tracer.startSpan(name, options, parent)
    try {
      return await current.run(trace.setSpan(parent, begun), work)
    } catch (error) {
      begun.setStatus({ code: SpanStatusCode.ERROR })
      begun.setAttribute('error.type', error instanceof CatenaryError ? error.code : 'CAT_BUG')
      throw error
    } finally {
      begun.end()
    }
  }

  // A collector that is away does not hold the end of the process up.
  const close = (): Promise<void> =>
    Promise.race([provider.shutdown().catch(() => undefined), delay(CLOSE_MS, undefined, { ref: false })])
  return { span, close }
}

/** The same exporter; tells when sending begins to fail, and when it works again. */
function watched(exporter: SpanExporter, tell: OtlpTraceParts['onTrouble']): SpanExporter {
  let isFailing = false
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const fails = result.error !== undefined
        if (fails !== isFailing) tell(result.error?.message ?? null)
        isFailing = fails
        done(result)
      })
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  }
}
