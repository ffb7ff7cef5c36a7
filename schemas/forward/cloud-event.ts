import { idempotencyKey } from '../../src/ports/index.ts'
import type { FrameworkOf } from '../output.ts'
import { forwardedAlert, type Told } from './alert.ts'

/**
 * An alert as a CloudEvent 1.0 in structured mode. `id` with `source` tells the revision, `subject` the alert; the type says
 * what happened: `raised`, `revised`, `retracted`.
 */
export function alertEvent(told: Told, frameworkOf: FrameworkOf): object {
  const { alert } = told
  const happened = alert.status === 'retracted' ? 'retracted' : alert.revision === 1 ? 'raised' : 'revised'
  return {
    specversion: '1.0',
    id: idempotencyKey(alert),
    source: `/catenary/${encodeURIComponent(alert.tenant)}`,
    type: `catenary.alert.${happened}`,
    subject: alert.id,
    time: new Date(alert.lastAt).toISOString(),
    datacontenttype: 'application/json',
    data: forwardedAlert(told, frameworkOf),
  }
}
