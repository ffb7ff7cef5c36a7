import type { Alert } from '../../src/core/index.ts'
import type { Parcel } from '../../src/ports/index.ts'
import { alert, delivery } from '../contracts/rows.ts'

/** A parcel of an alert from a few words. */
export function parcel(more: Partial<Alert> = {}, previousStatus: Parcel['previousStatus'] = null): Parcel {
  const told = alert(more)
  const { tenant, id: alertId, revision, workflowId } = told
  return { alert: told, previousStatus, delivery: delivery({ tenant, alertId, revision, workflowId }) }
}

export const never = new AbortController().signal
