import { resolve } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { describeKafka, KAFKA_START_MS } from '../kit/kafka.ts'
import { buildProgram } from '../kit/program.ts'
import { analyzed, TestCluster } from './cluster.ts'

const ESTATE = resolve('src/estate/data/estate.ndjson.gz')
const MINUTES = 60_000

describeKafka('two processes of a cluster', () => {
  let cluster: TestCluster

  beforeAll(async () => {
    const [started] = await Promise.all([TestCluster.start(4), buildProgram()])
    cluster = started
    return () => cluster.stop()
  }, KAFKA_START_MS)

  it(
    'find what one process finds in the same events',
    async () => {
      await cluster.produce(ESTATE)
      await Promise.all([cluster.node(), cluster.node()])
      await cluster.settled()
      expect((await cluster.left()).alerts).toEqual(await analyzed(ESTATE))
    },
    5 * MINUTES,
  )
})
