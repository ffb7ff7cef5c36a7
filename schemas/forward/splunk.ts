import type { FrameworkOf } from '../output.ts'
import { forwardedAlert, type Told } from './alert.ts'

/** What the settings say of each event. */
export interface SplunkMeta {
  readonly index?: string | undefined
  readonly source: string
  readonly sourcetype: string
  readonly host?: string | undefined
}

/** An alert as an event of Splunk's HTTP Event Collector. What is searched for most is indexed beside it. */
export function splunkEvent(
  told: Told,
  { index, source, sourcetype, host }: SplunkMeta,
  frameworkOf: FrameworkOf,
): object {
  const { alert } = told
  return {
    time: alert.lastAt / 1_000,
    source,
    sourcetype,
    ...(host === undefined ? {} : { host }),
    ...(index === undefined ? {} : { index }),
    event: forwardedAlert(told, frameworkOf),
    fields: {
      alert_id: alert.id,
      revision: alert.revision,
      status: alert.status,
      severity: alert.severity,
      detector: alert.detector,
      tenant: alert.tenant,
    },
  }
}
