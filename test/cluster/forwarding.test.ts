import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, expect, it } from 'vitest'
import { describeKafka, KAFKA_START_MS } from '../kit/kafka.ts'
import { buildProgram } from '../kit/program.ts'
import { type Receiver, startReceiver } from '../kit/receiver.ts'
import { TestCluster } from './cluster.ts'

const ESTATE = resolve('src/estate/data/estate.ndjson.gz')
const MINUTES = 60_000

describeKafka('forwarding from a cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-cluster-forwarding-'))
  let cluster: TestCluster
  let siem: Receiver
  let isUp: boolean = false
  /** Idempotency keys in the order in which they were taken. */
  const taken: string[] = []

  beforeAll(async () => {
    siem = await startReceiver(({ headers }) => {
      if (!isUp) return { status: 503 }
      taken.push(String(headers['idempotency-key']))
      return { status: 200 }
    })
    const retry = { firstMs: 50, mostMs: 200 }
    const destinations = [{ name: 'siem', type: 'webhook', url: siem.url, batch: { waitMs: 0 }, retry }]
    writeFileSync(join(folder, 'catenary.json'), JSON.stringify({ destinations }))
    const [started] = await Promise.all([TestCluster.start(4), buildProgram()])
    cluster = started
    return async () => {
      await cluster.stop()
      await siem.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }, KAFKA_START_MS)

  const standing = async (url: string): Promise<{ readonly pending: number; readonly delivered: number }> => {
    const { items } = (await (await fetch(`${url}/v1/destinations`)).json()) as {
      items: { pending: number; delivered: number }[]
    }
    return items[0] ?? { pending: 0, delivered: 0 }
  }

  it(
    'what a process had not delivered when it was killed, others deliver: every revision, under one key, in order',
    async () => {
      const env = { CATENARY_CONFIG: join(folder, 'catenary.json'), CATENARY_KAFKA__SESSION_TIMEOUT_MS: '10000' }
      const [doomed, other] = await Promise.all([cluster.node(env), cluster.node(env)])
      await cluster.joined(4)
      await cluster.produce(ESTATE)
      await cluster.settled()
      expect((await standing(other.url)).pending).toBeGreaterThan(0)
      expect(taken).toEqual([])
      doomed.started.child.kill('SIGKILL')
      await doomed.started.ended
      isUp = true
      for (const end = Date.now() + 3 * MINUTES; (await standing(other.url)).pending > 0 && Date.now() < end; )
        await delay(250)
      const { revisions } = await cluster.left()
      const keys = revisions.map((one) => one.replace(' ', '-'))
      expect([...new Set(taken)].sort()).toEqual(keys.toSorted())
      expect(await standing(other.url)).toMatchObject({ pending: 0, delivered: keys.length })
      const firsts = [...new Set(taken)]
      for (const key of firsts) {
        const [, id = '', revision = ''] = /^(.+)-(\d+)$/.exec(key) ?? []
        const before = firsts.indexOf(`${id}-${Number(revision) - 1}`)
        if (revision !== '1') expect([key, before >= 0 && before < firsts.indexOf(key)]).toEqual([key, true])
      }
    },
    15 * MINUTES,
  )
})
