import type { AlertAction } from '../../core/index.ts'
import type { TriageStore } from '../../ports/index.ts'
import { keyOf } from './shelf.ts'

/** What people did about alerts, by alert. */
export class TriageShelf implements TriageStore {
  readonly #actions = new Map<string, AlertAction[]>()

  async saveAlertAction(action: AlertAction): Promise<boolean> {
    const key = keyOf(action.tenant, action.alertId)
    const actions = this.#actions.get(key) ?? []
    if (actions.some(({ number }) => number === action.number)) return false
    this.#actions.set(key, [...actions, action])
    return true
  }

  async alertActions(tenant: string, alertId: string): Promise<readonly AlertAction[]> {
    return this.#actions.get(keyOf(tenant, alertId)) ?? []
  }

  async lastAlertActions(
    alerts: readonly { readonly tenant: string; readonly id: string }[],
  ): Promise<readonly AlertAction[]> {
    return alerts.flatMap(({ tenant, id }) => this.last(tenant, id) ?? [])
  }

  last(tenant: string, alertId: string): AlertAction | null {
    return this.#actions.get(keyOf(tenant, alertId))?.at(-1) ?? null
  }
}
