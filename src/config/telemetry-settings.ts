import { z } from 'zod'
import { notes } from './setting-kinds.ts'

/** Where the service tells of its own work. */
export const TelemetrySection = z.strictObject({
  tracesUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address, as http://localhost:4318/v1/traces' })
    .optional()
    .register(notes, {
      about:
        'where traces go by OTLP over HTTP; else as OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT say, else nowhere',
    }),
})

const TRACES = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
const ALL = 'OTEL_EXPORTER_OTLP_ENDPOINT'

type Env = Readonly<Record<string, string | undefined>>

/**
 * Where OpenTelemetry's own variables say that traces go, and which of them does; null where they say nothing or switch it
 * off (`OTEL_SDK_DISABLED=true`, `OTEL_TRACES_EXPORTER=none`).
 */
export function standardTracesUrl(env: Env): { readonly name: string; readonly value: string } | null {
  const given = (name: string): string => env[name]?.trim() ?? ''
  if (given('OTEL_SDK_DISABLED').toLowerCase() === 'true' || given('OTEL_TRACES_EXPORTER') === 'none') return null
  if (given(TRACES) !== '') return { name: TRACES, value: given(TRACES) }
  if (given(ALL) === '') return null
  return { name: ALL, value: `${given(ALL).replace(/\/+$/, '')}/v1/traces` }
}
