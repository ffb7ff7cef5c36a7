import { type Alert, isAtLeast } from '../core/index.ts'
import type { AlertFilter, Delivery } from '../ports/index.ts'

/** Whom alerts go to: a name, and which of them. */
export interface Route {
  readonly name: string
  readonly filter: AlertFilter
}

/** When alerts were told, and by which commit. */
export interface Telling {
  readonly sequence: number
  /** Milliseconds since the epoch on the arrival clock. */
  readonly at: number
}

/**
 * The deliveries that alerts make, each once a destination. A later revision is put down even where the filter does not ask
 * for it: who heard of an alert hears when it is taken back or grows milder.
 */
export const deliveriesOf = (
  alerts: readonly Alert[],
  routes: readonly Route[],
  { sequence, at }: Telling,
): readonly Delivery[] =>
  alerts.flatMap((alert) =>
    routes.flatMap(({ name, filter }): Delivery[] => {
      const isAsked = asksFor(filter, alert)
      if (!isAsked && (alert.revision === 1 || filter.tenants?.includes(alert.tenant) === false)) return []
      return [
        {
          destination: name,
          tenant: alert.tenant,
          alertId: alert.id,
          revision: alert.revision,
          workflowId: alert.workflowId,
          sequence,
          state: 'pending',
          onlyIfTold: !isAsked,
          queuedAt: at,
          attempts: 0,
          error: null,
          changedAt: 0,
        },
      ]
    }),
  )

function asksFor(filter: AlertFilter, alert: Alert): boolean {
  const { minSeverity, minScore, detectors, tenants, agents, status } = filter
  return (
    (minSeverity === undefined || isAtLeast(alert.severity, minSeverity)) &&
    (minScore === undefined || alert.score >= minScore) &&
    (tenants === undefined || tenants.includes(alert.tenant)) &&
    (status === undefined || status.includes(alert.status)) &&
    (detectors === undefined || alert.detectors.some((id) => detectors.includes(id))) &&
    (agents === undefined || alert.agentIds.some((id) => agents.includes(id)))
  )
}
