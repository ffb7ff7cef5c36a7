import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import type { EventReceiver, Order, Outcome, SecurityEvent } from '../../src/ports/index.ts'
import { pusherOf } from '../../src/runtime/push-events.ts'
import { createSilencing } from '../../src/runtime/silencing.ts'
import { type ClusterForwarding, clusterForwarding } from '../../src/service/cluster/forwarding.ts'
import { START } from '../kit/events.ts'
import { until as untilSo } from '../kit/until.ts'

let open: ClusterForwarding[] = []
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()))
  open = []
})

const until = (isSo: () => boolean | Promise<boolean>): Promise<void> => untilSo(isSo, { withinMs: 60_000, everyMs: 5 })

const event = (jti: string): SecurityEvent => ({
  jti,
  tenant: 'default',
  subject: { format: 'opaque', id: 'bot-1' },
  type: 'https://schemas.openid.net/secevent/caep/event-type/session-revoked',
  claims: {},
})

const order = (id: string): Order => ({
  tenant: 'default',
  id,
  action: 'contain',
  at: START,
  by: 'key/k1',
  reason: 'stolen',
  workflowId: `containment/${id}`,
  steps: [1, 2].map((n) => ({
    action: 'stop-agent',
    target: { kind: 'agent', id: `bot-${n}` },
    why: 'ordered by name',
    event: event(`${id}/${n}`),
    isWatched: true,
  })),
})

/** The consumers of a cluster of two partitions over one store, and a receiver that they share. */
function cluster() {
  const store = createMemoryStore()
  const sent: { readonly by: string; readonly jti: string }[] = []
  let answer: Outcome = { what: 'retry', why: 'away' }
  const receiver = (by: string): EventReceiver => ({
    name: 'idp',
    hears: () => true,
    async push({ jti }) {
      sent.push({ by, jti })
      return answer
    },
    close: async () => undefined,
  })
  const consumer = (by: string, numbers: readonly number[]) => {
    const one = clusterForwarding({
      destinations: [],
      // Only what a courier reads of the settings.
      receivers: [{ settings: { name: 'idp', retry: RETRY } as never, receiver: receiver(by) }],
      outbox: store.outbox,
      store,
      silencing: createSilencing({ store, clock: Date.now }),
      metrics: { settled: () => undefined, watch: () => undefined } as never,
      logger: pino({ level: 'silent' }),
      clock: Date.now,
      limits: { pollMs: 10 },
      partitionOf: (key) => Number(key.includes('odd')),
      given: { numbers },
    })
    open.push(one)
    for (const partition of numbers)
      one.opened({
        claim: { partition, epoch: 1, owner: by },
        pipeline: { onCommit: () => () => undefined } as never,
      })
    return one
  }
  const api = pusherOf({
    receivers: [receiver('api')],
    outbox: store.outbox,
    clock: Date.now,
    wait: async () => undefined,
  })
  return {
    store,
    sent,
    consumer,
    async give(id: string) {
      await store.saveOrder(order(id))
      return api.push(order(id))
    },
    answers(outcome: Outcome) {
      answer = outcome
    },
    states: async (id: string) => (await store.outbox.deliveriesOf('default', [id])).map(({ state }) => state),
  }
}

const RETRY = { firstMs: 1, mostMs: 4, forMs: 60_000 }

describe('events of an order that the API process of a cluster could not send', () => {
  it('are sent in order by the consumer that has the partition of its chain, and by no other', async () => {
    const { sent, consumer, give, answers, states } = cluster()
    expect((await give('odd')).map(({ state }) => state)).toEqual(['pending', 'pending'])
    expect(new Set(sent.map(({ by }) => by))).toEqual(new Set(['api']))
    consumer('c0', [0])
    consumer('c1', [1])
    await until(() => sent.filter(({ by }) => by === 'c1').length > 2)
    // What stands behind one that is not taken waits.
    expect(new Set(sent.flatMap(({ by, jti }) => (by === 'c1' ? [jti] : [])))).toEqual(new Set(['odd/1']))
    answers({ what: 'delivered' })
    await until(async () => (await states('odd')).every((state) => state === 'delivered'))
    expect(sent.some(({ by }) => by === 'c0')).toBe(false)
    expect(sent.at(-1)).toEqual({ by: 'c1', jti: 'odd/2' })
  })

  it('are sent by who takes the partition over', async () => {
    const { sent, consumer, give, answers, states } = cluster()
    await give('even')
    const first = consumer('c0', [0])
    await until(() => sent.some(({ by }) => by === 'c0'))
    await first.close()
    answers({ what: 'delivered' })
    consumer('c1', [0])
    await until(async () => (await states('even')).every((state) => state === 'delivered'))
    expect(sent.at(-1)).toEqual({ by: 'c1', jti: 'even/2' })
  })

  it('are given up where the receiver refuses, and the next is sent', async () => {
    const { consumer, give, answers, states } = cluster()
    await give('even')
    answers({ what: 'refused', why: 'answered 400' })
    consumer('c0', [0])
    await until(async () => (await states('even')).every((state) => state === 'dead'))
  })
})
