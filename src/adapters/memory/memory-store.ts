import { CatenaryError } from '../../core/index.ts'
import type { Store } from '../../ports/index.ts'
import { accessStore } from './api-keys.ts'
import { auditStore } from './audit.ts'
import { containmentStore } from './containments.ts'
import { load, openThreads, resume } from './load.ts'
import { nameSearch } from './names.ts'
import { outboxOf } from './outbox.ts'
import { readerOf } from './reader.ts'
import { queryStore } from './saved-queries.ts'
import { Shelves } from './shelves.ts'
import { silenceStore } from './silences.ts'

/**
 * A store that lives as long as its process: for one-off analyses, and for tests. It keeps the same contract as ClickHouse
 * does; what it does not keep is anything on disk.
 */
export function createMemoryStore(): Store {
  const shelves = new Shelves()
  let isClosed = false
  const open = (): Shelves => {
    if (!isClosed) return shelves
    throw new CatenaryError('CAT_STORE_UNAVAILABLE', 'The store is closed. Open another.', { retry: 'later' })
  }
  return {
    ...readerOf(shelves),
    outbox: outboxOf(open),
    ...accessStore(),
    ...auditStore(),
    ...silenceStore(),
    ...queryStore(),
    ...containmentStore(),
    ...nameSearch(shelves),
    saveAlertAction: (action) => shelves.triage.saveAlertAction(action),
    alertActions: (tenant, alertId) => shelves.triage.alertActions(tenant, alertId),
    lastAlertActions: (alerts) => shelves.triage.lastAlertActions(alerts),
    async save(commit, fence) {
      await fence?.pass()
      open().put(commit)
    },
    load: async (needs, readers) => load(open(), needs, readers),
    resume: async () => resume(open()),
    openThreads: async () => openThreads(open()),
    ping: async () => void open(),
    close: async () => {
      isClosed = true
    },
  }
}
