import { resolve } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { describeKafka, KAFKA_START_MS } from '../kit/kafka.ts'
import { type Collector, type Span, startCollector } from '../kit/otlp.ts'
import { buildProgram } from '../kit/program.ts'
import { TestCluster } from './cluster.ts'

const EXAMPLE = resolve('test/fixtures/example.ndjson')
const MINUTES = 60_000

describeKafka('the traces of a consumer', () => {
  let cluster: TestCluster
  let collector: Collector

  beforeAll(async () => {
    const [started, listening] = await Promise.all([TestCluster.start(2), startCollector(), buildProgram()])
    cluster = started
    collector = listening
    return async () => {
      await cluster.stop()
      await collector.stop()
    }
  }, KAFKA_START_MS)

  it(
    'tell of decoding, folding, storing, sending and committing a batch, in this order',
    async () => {
      await cluster.produce(EXAMPLE)
      const node = await cluster.node({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
      await cluster.settled()
      node.started.child.kill('SIGTERM')
      await node.started.ended
      const batch = collector.spans.find(
        ({ name, spanId }) => name.startsWith('process agent.') && partsOf(spanId).includes('fold'),
      )
      expect(partsOf(batch?.spanId)).toEqual(['decode', 'fold', 'store', 'send', 'commit'])
      expect(batch?.kind).toBe(5)
      expect(batch?.attributes).toContainEqual({ key: 'messaging.system', value: { stringValue: 'kafka' } })
      expect(collector.text).not.toContain('payroll')
      expect(collector.text).not.toContain(cluster.clickhouse.password)
    },
    3 * MINUTES,
  )

  /** What a span is made of, in the order in which it began; loads from the store left out. */
  const partsOf = (spanId: string | undefined): readonly string[] =>
    collector.spans
      .filter((span) => spanId !== undefined && span.parentSpanId === spanId && span.name !== 'load')
      .sort(byStart)
      .map(({ name }) => name)
})

const byStart = (a: Span, b: Span): number => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano))
