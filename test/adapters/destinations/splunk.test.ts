import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { frameworkOf } from '../../../detectors/frameworks.ts'
import { splunkEvent } from '../../../schemas/forward/splunk.ts'
import { createSplunk, type SplunkParts } from '../../../src/adapters/destinations/splunk.ts'
import type { Destination, Outcome } from '../../../src/ports/index.ts'
import { makeCertificate } from '../../kit/certificates.ts'
import { never, parcel } from '../../kit/parcels.ts'
import type { ReceiverTls, Reply } from '../../kit/receiver.ts'
import { startSplunk, type TestSplunk } from '../../kit/splunk.ts'

const folder = mkdtempSync(join(tmpdir(), 'catenary-splunk-'))
let stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Wanted extends Partial<SplunkParts> {
  readonly serverAcks?: boolean
  readonly serverTls?: ReceiverTls
  readonly index?: string
}

async function splunk({ serverAcks = false, serverTls, index, ...more }: Wanted = {}): Promise<{
  readonly hec: TestSplunk
  readonly destination: Destination
}> {
  const hec = await startSplunk({ token: 'tok', ack: serverAcks, indexes: ['security'] }, serverTls)
  const destination = createSplunk({
    url: hec.url,
    token: () => 'tok',
    ack: serverAcks,
    ackTimeoutMs: 1_500,
    tls: { verify: true },
    timeoutMs: 300,
    write: (one) =>
      JSON.stringify(
        splunkEvent(one, { index, source: 'catenary', sourcetype: 'catenary:alert', host: 'h1' }, frameworkOf),
      ),
    ...more,
  })
  stops.push(hec.stop, () => destination.close())
  return { hec, destination }
}

const DONE: Outcome = { what: 'delivered' }
const three = [parcel({ id: 'a' }), parcel({ id: 'b', workflowId: 'w2' }), parcel({ id: 'c', workflowId: 'w3' })]
const idsIn = ({ events }: TestSplunk): readonly unknown[] => events.map(({ event }) => event['alert_id'])

describe('Splunk', () => {
  it('is given a batch in one request, each alert an event at its time', async () => {
    const { hec, destination } = await splunk({ index: 'security' })
    expect(await destination.send(three, never)).toEqual([DONE, DONE, DONE])
    expect(hec.received).toHaveLength(1)
    expect(idsIn(hec)).toEqual(['a', 'b', 'c'])
    expect(hec.events[0]).toMatchObject({
      time: three[0] && three[0].alert.lastAt / 1_000,
      index: 'security',
      sourcetype: 'catenary:alert',
      event: { idempotency_key: 'a-1', previous_status: null },
      fields: { alert_id: 'a', revision: 1, status: 'open', severity: 'high' },
    })
  })

  it('counts as given only what the indexers acknowledge', async () => {
    const { hec, destination } = await splunk({ serverAcks: true })
    hec.hasIndexed = false
    setTimeout(() => {
      hec.hasIndexed = true
    }, 400)
    const began = performance.now()
    expect(await destination.send(three, never)).toEqual([DONE, DONE, DONE])
    expect(performance.now() - began).toBeGreaterThan(350)
    hec.hasIndexed = false
    expect(await destination.send([parcel({ id: 'd' })], never)).toEqual([
      { what: 'retry', why: expect.stringMatching(/did not acknowledge within 1.5 s/) },
    ])
  })

  it('without acknowledgement, asked for it, is given nothing', async () => {
    const { hec, destination } = await splunk({ ack: true })
    expect(await destination.send(three, never)).toMatchObject([
      { what: 'retry', why: expect.stringMatching(/does not acknowledge for this token; turn it on/) },
      { what: 'retry' },
      { what: 'retry' },
    ])
    expect(hec.events).toEqual([])
  })

  it.each<[string, Wanted, RegExp]>([
    ['a wrong token', { token: () => 'other' }, /answered 403 \(Invalid token, code 4\); check the secret/],
    ['an index that is not there', { index: 'nowhere' }, /Incorrect index, code 7.*check index and channel/],
    ['a channel that is none', { channel: 'one' }, /Invalid data channel, code 11/],
  ])('with %s is tried again, for the settings are to be mended', async (_, wanted, why) => {
    const { hec, destination } = await splunk(wanted)
    const [outcome] = await destination.send(three, never)
    expect(outcome).toMatchObject({ what: 'retry', why: expect.stringMatching(why) })
    expect(hec.events).toEqual([])
  })

  it.each<[string, Reply, object]>([
    [
      'busy',
      { status: 503, body: '{"text":"Server is busy","code":9}' },
      { why: expect.stringMatching(/503 \(Server is busy, code 9\)/) },
    ],
    ['throttled', { status: 429, headers: { 'retry-after': '3' } }, { afterMs: 3_000 }],
    ['silent', 'hang', { why: expect.stringMatching(/took too long/) }],
    ['cut', 'cut', { why: expect.stringMatching(/cut the connection/) }],
    ['half', 'half', {}],
    ['a proxy that answers for it', { status: 200, body: '<html>' }, { why: expect.stringMatching(/no success/) }],
  ])('that is %s is tried again', async (_, fault, told) => {
    const { hec, destination } = await splunk()
    hec.faults.push(fault)
    expect(await destination.send(three, never)).toMatchObject(three.map(() => ({ what: 'retry', ...told })))
    expect(await destination.send(three, never)).toEqual([DONE, DONE, DONE])
    expect(idsIn(hec)).toEqual(['a', 'b', 'c'])
  })

  it('that refuses a batch for one event is given the others alone', async () => {
    const { hec, destination } = await splunk()
    const [first, , third] = three
    const outcomes = await destination.send(
      [first, parcel({ id: 'poison', workflowId: 'w9' }), third].flatMap((one) => one ?? []),
      never,
    )
    expect(outcomes.map(({ what }) => what)).toEqual(['delivered', 'refused', 'delivered'])
    expect([...idsIn(hec)].sort()).toEqual(['a', 'c'])
  })

  it('is given more than it takes at once in parts', async () => {
    const { hec, destination } = await splunk({ timeoutMs: 20_000 })
    const summary = 'x'.repeat(400_000)
    const large = three.map(({ alert }) => parcel({ ...alert, summary }))
    expect(await destination.send(large, never)).toEqual([DONE, DONE, DONE])
    expect(hec.received).toHaveLength(2)
    expect(Math.max(...hec.received.map(({ body }) => body.length))).toBeLessThan(1_000_000)
  })

  it('whose certificate is another’s is given nothing', async () => {
    const { hec, destination } = await splunk({ serverTls: makeCertificate(folder, 'elsewhere.example') })
    expect(await destination.send(three, never)).toMatchObject([
      { what: 'retry', why: expect.stringMatching(/certificate/) },
      {},
      {},
    ])
    expect(hec.received).toEqual([])
  })
})
