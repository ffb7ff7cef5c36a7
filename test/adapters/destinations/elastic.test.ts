import { afterEach, describe, expect, it } from 'vitest'
import { frameworkOf } from '../../../detectors/frameworks.ts'
import { ecsDocument } from '../../../schemas/forward/ecs.ts'
import { createElastic, type ElasticParts } from '../../../src/adapters/destinations/elastic.ts'
import type { Destination, Outcome } from '../../../src/ports/index.ts'
import { startElastic, type TestElastic } from '../../kit/elastic.ts'
import { never, parcel } from '../../kit/parcels.ts'
import type { Reply } from '../../kit/receiver.ts'

let stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
})

async function elastic(
  more: Partial<ElasticParts> = {},
): Promise<{ readonly server: TestElastic; readonly destination: Destination }> {
  const { isDataStream = false } = more
  const server = await startElastic({ authorization: 'ApiKey abc', index: 'catenary-alerts', isDataStream })
  const destination = createElastic({
    url: server.url,
    index: 'catenary-alerts',
    isDataStream,
    headers: () => ({ authorization: 'ApiKey abc' }),
    tls: { verify: true },
    timeoutMs: 300,
    write: (one) => JSON.stringify(ecsDocument(one, frameworkOf)),
    ...more,
  })
  stops.push(server.stop, () => destination.close())
  return { server, destination }
}

const DONE: Outcome = { what: 'delivered' }
const three = [parcel({ id: 'a' }), parcel({ id: 'b', workflowId: 'w2' }), parcel({ id: 'c', workflowId: 'w3' })]

describe('Elasticsearch', () => {
  it('is given documents under the ids of their alerts, by ECS', async () => {
    const { server, destination } = await elastic()
    expect(await destination.send(three, never)).toEqual([DONE, DONE, DONE])
    expect(server.received).toHaveLength(1)
    expect(server.documents.get('a')?.source).toMatchObject({
      event: { kind: 'alert', category: ['intrusion_detection'], id: 'a', severity: 73, risk_score: 87 },
      rule: { id: 'lateral-movement', name: 'A task climbed' },
      organization: { id: 'default' },
      user: { id: 'ana@acme.example' },
      catenary: { idempotency_key: 'a-1', workflow_id: 'w1', terms: [{ name: 'newZone', value: 'prod' }] },
    })
  })

  it('has an alert once, in its last revision, in whatever order they come', async () => {
    const { server, destination } = await elastic()
    const revised = parcel({ id: 'a', revision: 2, status: 'retracted', reason: 'approved after all' }, 'open')
    for (const one of [parcel({ id: 'a' }), revised, parcel({ id: 'a' }), revised])
      expect(await destination.send([one], never)).toEqual([DONE])
    expect([...server.documents.keys()]).toEqual(['a'])
    expect(server.documents.get('a')?.source).toMatchObject({
      event: { action: 'alert-retracted', reason: 'approved after all', sequence: 2 },
      catenary: { status: 'retracted', previous_status: 'open' },
    })
  })

  it('as a data stream has a document a revision, and none twice', async () => {
    const { server, destination } = await elastic({ isDataStream: true })
    for (const revision of [1, 2, 1])
      expect(await destination.send([parcel({ id: 'a', revision })], never)).toEqual([DONE])
    expect([...server.documents.keys()]).toEqual(['a-1', 'a-2'])
  })

  it('answers for each document alone', async () => {
    const { server, destination } = await elastic()
    server.itemFaults.push({ id: 'a', status: 429, type: 'es_rejected_execution_exception' })
    server.itemFaults.push({ id: 'b', status: 400, type: 'document_parsing_exception' })
    const outcomes = await destination.send(three, never)
    expect(outcomes).toMatchObject([
      { what: 'retry', why: expect.stringMatching(/429 \(es_rejected/) },
      { what: 'refused', why: expect.stringMatching(/400 \(document_parsing_exception: .* in field \[x\]\)/) },
      DONE,
    ])
    expect(JSON.stringify(outcomes)).not.toContain('hunter2')
    expect([...server.documents.keys()]).toEqual(['c'])
  })

  it.each<[string, Partial<ElasticParts>, RegExp]>([
    ['a wrong key', { headers: () => ({ authorization: 'ApiKey other' }) }, /answered 401; check the secret/],
    ['an index that is not there', { index: 'nowhere' }, /404 \(index_not_found_exception/],
  ])('with %s is tried again, for the settings are to be mended', async (_, parts, why) => {
    const { server, destination } = await elastic(parts)
    const [outcome] = await destination.send(three, never)
    expect(outcome).toMatchObject({ what: 'retry', why: expect.stringMatching(why) })
    expect(server.documents.size).toBe(0)
  })

  it.each<[string, Reply]>([
    ['busy', { status: 503 }],
    ['throttled', { status: 429, headers: { 'retry-after': '3' } }],
    ['silent', 'hang'],
    ['cut', 'cut'],
    ['half', 'half'],
    ['answering for others', { status: 200, body: '{"errors":false,"items":[{"index":{"status":201}}]}' }],
    ['answering what is none', { status: 200, body: '<html>' }],
    ['answering nothing of each', { status: 200, body: '{"items":[{},null,{"index":{"status":"201"}}]}' }],
  ])('that is %s is tried again, and has all in the end', async (_, fault) => {
    const { server, destination } = await elastic()
    server.faults.push(fault)
    expect(await destination.send(three, never)).toMatchObject(three.map(() => ({ what: 'retry' })))
    expect(await destination.send(three, never)).toEqual([DONE, DONE, DONE])
    expect([...server.documents.keys()]).toEqual(['a', 'b', 'c'])
  })
})
