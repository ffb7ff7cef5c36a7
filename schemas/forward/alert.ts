import { idempotencyKey, type Parcel } from '../../src/ports/index.ts'
import { alertDetail } from '../api/alert.ts'
import type { FrameworkOf } from '../output.ts'

/** What is told of one revision of an alert. */
export type Told = Pick<Parcel, 'alert' | 'previousStatus'>

/** An alert as receivers get it that have no format of their own: as the API shows it, and what tells this revision. */
export const forwardedAlert = ({ alert, previousStatus }: Told, frameworkOf: FrameworkOf): object => ({
  ...alertDetail(alert, frameworkOf),
  idempotency_key: idempotencyKey(alert),
  previous_status: previousStatus,
})
