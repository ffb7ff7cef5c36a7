import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import type { Store } from '../../src/ports/index.ts'
import { keepsAudit, keepsKeys } from './access.ts'
import { listsAuthority } from './authority.ts'
import { keepsOrders } from './containments.ts'
import { findsNames } from './names.ts'
import { keepsQueries } from './saved-queries.ts'
import { findsByText, keepsSilences } from './silences.ts'
import { listsRows } from './store-lists.ts'
import { loadsRows } from './store-load.ts'
import { keepsDeliveries } from './store-outbox.ts'
import { keepsRows } from './store-rows.ts'
import { keepsActions } from './triage.ts'

export type { Store }

/** A place a store can live in. Every adapter owes the whole contract; there is no opting out. */
export interface Home {
  readonly name: string
  /** Called once, before the first test. */
  open(): Promise<void>
  /** An empty store. Only the last one given is in use. */
  fresh(): Promise<Store>
  close(): Promise<void>
}

/** What the ports promise of a store, as tests. */
export function keepsTheStoreContract(home: Home): void {
  describe(home.name, () => {
    let current: Store
    const store = (): Store => current
    beforeAll(() => home.open())
    beforeEach(async () => {
      current = await home.fresh()
    })
    afterAll(() => home.close())

    describe('keeps what is saved', () => keepsRows(store))
    describe('loads what the engine needs', () => loadsRows(store))
    describe('lists', () => listsRows(store))
    describe('lists what is held', () => listsAuthority(store))
    describe('keeps deliveries', () => keepsDeliveries(store))
    describe('keeps API keys', () => keepsKeys(store))
    describe('keeps the audit log', () => keepsAudit(store))
    describe('keeps silences', () => keepsSilences(store))
    describe('finds by what texts begin with', () => findsByText(store))
    describe('finds names by words', () => findsNames(store))
    describe('keeps saved queries', () => keepsQueries(store))
    describe('keeps orders of containment', () => keepsOrders(store))
    describe('keeps what people did about alerts', () => keepsActions(store))
  })
}
