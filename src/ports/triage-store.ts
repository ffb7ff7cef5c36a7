import type { AlertAction } from '../core/index.ts'

/** Where it is kept what people did about alerts. Throws what `ChainStore` throws when the store is away. */
export interface TriageStore {
  /** False when another action has the number already: somebody was faster, and nothing was changed. */
  saveAlertAction(action: AlertAction): Promise<boolean>
  /** All of one alert, in order. */
  alertActions(tenant: string, alertId: string): Promise<readonly AlertAction[]>
  /** The last of each of these alerts that has any, in no order that matters. */
  lastAlertActions(alerts: readonly { readonly tenant: string; readonly id: string }[]): Promise<readonly AlertAction[]>
}
