import type { Severity } from '../../src/core/index.ts'
import { idempotencyKey } from '../../src/ports/index.ts'
import type { Told } from './alert.ts'

/** RFC 5424 6.2.1: critical, error, warning, notice, informational. */
const SEVERITY: Readonly<Record<Severity, number>> = { critical: 2, high: 3, medium: 4, low: 5, info: 6 }

export interface SyslogParts {
  /** 0 to 23. */
  readonly facility: number
  readonly hostname: string
  readonly appName: string
  readonly procId: string
  /** The private enterprise number under which the structured data stands (RFC 5424 6.3.2). */
  readonly enterpriseId: number
}

/** A message of RFC 5424 with `text` as its MSG; what finds an alert stands in the structured data as well. */
export function syslogMessage({ alert, previousStatus }: Told, text: string, parts: SyslogParts): string {
  const priority = parts.facility * 8 + SEVERITY[alert.severity]
  const data: readonly (readonly [string, string])[] = [
    ['alertId', alert.id],
    ['revision', String(alert.revision)],
    ['status', alert.status],
    ['previousStatus', previousStatus ?? ''],
    ['severity', alert.severity],
    ['score', String(alert.score)],
    ['detector', alert.detector],
    ['tenant', alert.tenant],
    ['workflowId', alert.workflowId],
    ['idempotencyKey', idempotencyKey(alert)],
  ]
  const fields = data.filter(([, value]) => value !== '').map(([name, value]) => `${name}="${inData(value)}"`)
  const head = [
    `<${priority}>1`,
    new Date(alert.lastAt).toISOString(),
    printable(parts.hostname, 255),
    printable(parts.appName, 48),
    printable(parts.procId, 128),
    'alert',
    `[catenary@${parts.enterpriseId} ${fields.join(' ')}]`,
  ]
  return `${head.join(' ')} ${text}`
}

/** RFC 5424 6.3.3. Line ends and their like would only invite trouble. */
const inData = (text: string): string => text.replace(/["\\\]]/g, '\\$&').replace(/\p{Cc}/gu, '?')

/** A field of the header: printable ASCII without spaces, `-` where there is none. */
const printable = (text: string, most: number): string => text.replace(/[^\x21-\x7e]/g, '_').slice(0, most) || '-'

/** A message in a stream: its length in bytes, a space, and itself (RFC 6587 3.4.1, RFC 5425 4.3). */
export function octetCounted(message: string): Buffer {
  const bytes = Buffer.from(message, 'utf8')
  return Buffer.concat([Buffer.from(`${bytes.length} `, 'ascii'), bytes])
}
