import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { Alert } from '../../src/core/index.ts'
import {
  type AlertFilter,
  type Delivery,
  type Destination,
  idempotencyKey,
  type Outcome,
  type Parcel,
} from '../../src/ports/index.ts'
import { type Courier, type CourierParts, startCourier } from '../../src/runtime/courier.ts'
import { retryUndelivered } from '../../src/runtime/retry-undelivered.ts'
import { deliveriesOf } from '../../src/runtime/route.ts'
import { alert, commit } from '../contracts/rows.ts'
import { until as untilSo } from '../kit/until.ts'

type Store = ReturnType<typeof createMemoryStore>

let open: Courier[] = []
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()))
  open = []
})

/** A receiver that does with each parcel what it is told to, and keeps what it took. */
function receiver(
  fate: (parcel: Parcel, attempt: number) => Outcome | 'taken-unanswered' = () => ({ what: 'delivered' }),
) {
  const taken: Parcel[] = []
  const attempts = new Map<string, number>()
  const destination: Destination = {
    async send(parcels) {
      await delay(0)
      return parcels.map((parcel) => {
        const key = idempotencyKey(parcel.alert)
        attempts.set(key, (attempts.get(key) ?? 0) + 1)
        const outcome = fate(parcel, attempts.get(key) ?? 1)
        if (outcome === 'taken-unanswered') {
          taken.push(parcel)
          return { what: 'retry', why: 'cut the connection before it had answered' }
        }
        if (outcome.what === 'delivered') taken.push(parcel)
        return outcome
      })
    },
    close: async () => undefined,
  }
  return { destination, taken, keys: () => taken.map((one) => idempotencyKey(one.alert)) }
}

function started(store: Store, destination: Destination, more: Partial<CourierParts> = {}): Courier {
  const courier = startCourier({
    name: 'siem',
    destination,
    outbox: store.outbox,
    batch: { max: 3, waitMs: 0 },
    retry: { firstMs: 1, mostMs: 4, forMs: 60_000 },
    clock: Date.now,
    owns: () => true,
    listener: { settled: () => undefined, trouble: () => undefined },
    limits: { pollMs: 20 },
    ...more,
  })
  open.push(courier)
  return courier
}

/** Saves alerts as a commit does, and tells nobody. */
async function told(store: Store, sequence: number, alerts: readonly Alert[], filter: AlertFilter = {}) {
  const deliveries = deliveriesOf(alerts, [{ name: 'siem', filter }], { sequence, at: Date.now() })
  await store.save(commit(sequence, { alerts, deliveries }))
  return deliveries
}

const until = (isSo: () => boolean | Promise<boolean>): Promise<void> => untilSo(isSo, { withinMs: 10_000, everyMs: 2 })

const isQuiet = async (store: Store): Promise<boolean> =>
  (await store.outbox.standing()).every(({ pending }) => pending === 0)

const RETRY: Outcome = { what: 'retry', why: 'answered 503' }

describe('a courier delivers', () => {
  it('what was stored before it began, and what it is told of, once', async () => {
    const store = createMemoryStore()
    const { destination, keys } = receiver()
    await told(store, 1, [alert({ id: 'a' })])
    const courier = started(store, destination, { limits: { pollMs: 60_000 } })
    await until(() => keys().length === 1)
    const deliveries = await told(store, 2, [alert({ id: 'b' })])
    courier.tell(deliveries)
    await until(() => keys().length === 2)
    courier.tell(deliveries)
    await delay(20)
    expect(keys()).toEqual(['a-1', 'b-1'])
    expect(await store.outbox.standing()).toMatchObject([{ delivered: 2, pending: 0 }])
  })

  it('nothing of an alert that is not stored yet, and all of it once it is', async () => {
    const store = createMemoryStore()
    const { destination, keys } = receiver()
    const deliveries = deliveriesOf([alert()], [{ name: 'siem', filter: {} }], { sequence: 1, at: Date.now() })
    await store.save(commit(1, { deliveries }))
    started(store, destination)
    await delay(60)
    expect(keys()).toEqual([])
    await store.save(commit(1, { alerts: [alert()], deliveries }))
    await until(() => keys().length === 1)
  })

  it('the rest of a chain only after what failed in it, and other chains meanwhile', async () => {
    const store = createMemoryStore()
    let isDown = true
    const { destination, keys } = receiver(({ alert: { workflowId } }) =>
      workflowId === 'w1' && isDown ? RETRY : { what: 'delivered' },
    )
    await told(store, 1, [alert({ id: 'a' }), alert({ id: 'c', workflowId: 'w2' })])
    await told(store, 2, [alert({ id: 'a', revision: 2 }), alert({ id: 'b' }), alert({ id: 'd', workflowId: 'w2' })])
    started(store, destination)
    await until(() => keys().length === 2)
    await delay(20)
    expect(keys()).toEqual(['c-1', 'd-1'])
    isDown = false
    await until(() => keys().length === 5)
    expect(keys().slice(2)).toEqual(['a-1', 'a-2', 'b-1'])
  })

  it('more than it holds in memory, in order', async () => {
    const store = createMemoryStore()
    const { destination, keys } = receiver()
    const ids = Array.from({ length: 50 }, (_, i) => `a${String(i).padStart(2, '0')}`)
    for (const [i, id] of ids.entries()) await told(store, i + 1, [alert({ id })])
    const courier = started(store, destination, { limits: { held: 8, pollMs: 60_000 } })
    await until(() => keys().length === 50)
    expect(keys()).toEqual(ids.map((id) => `${id}-1`))
    expect(courier.waiting.count).toBe(0)
  })

  it('only what is its own', async () => {
    const store = createMemoryStore()
    const { destination, keys } = receiver()
    const mine = new Set(['w1'])
    await told(store, 1, [alert({ id: 'a' }), alert({ id: 'b', workflowId: 'w2' })])
    const courier = started(store, destination, { owns: ({ workflowId }: Delivery) => mine.has(workflowId) })
    await until(() => keys().length === 1)
    await delay(50)
    expect(keys()).toEqual(['a-1'])
    mine.add('w2')
    courier.reread()
    await until(() => keys().length === 2)
  })

  it('later revisions to who heard of the alert, whatever the filter says of them, and to nobody else', async () => {
    const store = createMemoryStore()
    const { destination, taken, keys } = receiver()
    const filter: AlertFilter = { minSeverity: 'high', status: ['open'] }
    await told(store, 1, [alert({ id: 'a' }), alert({ id: 'b', severity: 'low' })], filter)
    await told(
      store,
      2,
      [alert({ id: 'a', revision: 2, severity: 'low' }), alert({ id: 'b', revision: 2, severity: 'low' })],
      filter,
    )
    await told(store, 3, [alert({ id: 'a', revision: 3, status: 'retracted' })], filter)
    await told(store, 4, [alert({ id: 'b', revision: 3, severity: 'high' })], filter)
    started(store, destination)
    await until(() => isQuiet(store))
    expect(keys().filter((key) => key.startsWith('a'))).toEqual(['a-1', 'a-2', 'a-3'])
    expect(keys().filter((key) => key.startsWith('b'))).toEqual(['b-3'])
    expect(taken.map(({ previousStatus }) => previousStatus)).toContain('open')
  })
})

describe('a courier gives up', () => {
  it('what is refused, and goes on with the chain', async () => {
    const store = createMemoryStore()
    const { destination, keys } = receiver(({ alert: { id } }) =>
      id === 'a' ? { what: 'refused', why: 'answered 400' } : { what: 'delivered' },
    )
    await told(store, 1, [alert({ id: 'a' }), alert({ id: 'b' })])
    started(store, destination)
    await until(() => isQuiet(store))
    expect(keys()).toEqual(['b-1'])
    const [dead] = await store.outbox.deliveries({ destination: 'siem', state: 'dead', limit: 9 })
    expect(dead).toMatchObject({ alertId: 'a', attempts: 1, error: 'answered 400' })
  })

  it('what was not taken within the time limit, and delivers it when it is retried', async () => {
    const store = createMemoryStore()
    let isDown: boolean = true
    const { destination, keys } = receiver(() => (isDown ? RETRY : { what: 'delivered' }))
    await told(store, 1, [alert({ id: 'a' }), alert({ id: 'b', workflowId: 'w2' })])
    started(store, destination, { retry: { firstMs: 1, mostMs: 4, forMs: 30 } })
    await until(() => isQuiet(store))
    const dead = await store.outbox.deliveries({ destination: 'siem', state: 'dead', limit: 9 })
    expect(dead.map(({ error }) => error)).toEqual(Array(2).fill('given up after 0 s: answered 503'))
    isDown = false
    const retry = (ids: readonly string[] | null) =>
      retryUndelivered({ outbox: store.outbox, destination: 'siem', ids, now: Date.now() })
    expect(await retry(['a-1', 'nobody-1'])).toBe(1)
    await until(() => keys().length === 1)
    expect(await retry(null)).toBe(1)
    await until(() => keys().length === 2)
    expect(keys()).toEqual(['a-1', 'b-1'])
  })
})

describe('a courier waits', () => {
  it('as long as the receiver asks', async () => {
    const store = createMemoryStore()
    const at: number[] = []
    const { destination, keys } = receiver((_, attempt) => {
      at.push(performance.now())
      return attempt === 1 ? { ...RETRY, afterMs: 150 } : { what: 'delivered' }
    })
    await told(store, 1, [alert()])
    started(store, destination)
    await until(() => keys().length === 1)
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(140)
  })

  it('for a batch to fill, and no longer than it may', async () => {
    const store = createMemoryStore()
    const sizes: number[] = []
    const { destination } = receiver()
    const watched: Destination = {
      ...destination,
      send: (parcels, signal) => {
        sizes.push(parcels.length)
        return destination.send(parcels, signal)
      },
    }
    const courier = started(store, watched, { batch: { max: 3, waitMs: 100 }, limits: { pollMs: 60_000 } })
    for (const [i, id] of ['a', 'b', 'c', 'd'].entries())
      courier.tell(await told(store, i, [alert({ id, workflowId: id })]))
    await until(() => isQuiet(store))
    expect(sizes).toEqual([3, 1])
  })
})

const CHAINS = ['w1', 'w2', 'w3']
const fate = fc.constantFrom('taken', 'unanswered', 'busy', 'store', 'crash')

describe('whatever befalls', () => {
  it('each revision is delivered at least once, those of a chain in order, under one key each', async () => {
    const telling = fc.array(fc.record({ chain: fc.nat(2), alert: fc.nat(1) }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(telling, fc.array(fate, { maxLength: 25 }), async (tellings, fates) => {
        const store = createMemoryStore()
        const next = fates[Symbol.iterator]()
        let crash = (): void => undefined
        const { destination, keys } = receiver(() => {
          const what = next.next().value ?? 'taken'
          if (what === 'crash') crash()
          return what === 'taken' || what === 'store'
            ? { what: 'delivered' }
            : what === 'busy'
              ? RETRY
              : 'taken-unanswered'
        })
        // The outbox that a process has; one that crashed records nothing more.
        const process = () => {
          let isDead = false
          crash = () => {
            isDead = true
          }
          const outbox = {
            ...store.outbox,
            record: async (rows: readonly Delivery[]) => {
              if (isDead || next.next().value === 'store') throw new Error('the store is away')
              await store.outbox.record(rows)
            },
          }
          const courier = started(store, destination, { outbox, limits: { pollMs: 5, held: 2, graceMs: 1 } })
          return { courier, isDead: () => isDead }
        }
        let running = process()
        const revisions = new Map<string, number>()
        const expected = new Map<string, string[]>()
        for (const [i, { chain, alert: nth }] of tellings.entries()) {
          const workflowId = CHAINS[chain] as string
          const id = `${workflowId}.${nth}`
          const revision = (revisions.get(id) ?? 0) + 1
          revisions.set(id, revision)
          expected.set(workflowId, [...(expected.get(workflowId) ?? []), `${id}-${revision}`])
          const deliveries = await told(store, i + 1, [alert({ id, revision, workflowId })])
          running.courier.tell(deliveries)
        }
        await until(async () => {
          if (running.isDead()) {
            const dead = running.courier
            running = process()
            void dead.close()
          }
          return isQuiet(store)
        })
        await running.courier.close()
        for (const [workflowId, inOrder] of expected) {
          const first = [...new Set(keys().filter((key) => key.startsWith(`${workflowId}.`)))]
          expect(first).toEqual(inOrder)
        }
      }),
      { numRuns: 60 },
    )
  })
})
