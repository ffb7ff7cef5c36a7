import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { frameworkOf } from '../../../detectors/frameworks.ts'
import { formatsOf } from '../../../schemas/forward/formats.ts'
import { createWebhook, type WebhookParts } from '../../../src/adapters/destinations/webhook.ts'
import type { Destination } from '../../../src/ports/index.ts'
import { type Certificate, makeCertificate } from '../../kit/certificates.ts'
import { never, parcel } from '../../kit/parcels.ts'
import { type Receiver, type Reply, startReceiver } from '../../kit/receiver.ts'

const folder = mkdtempSync(join(tmpdir(), 'catenary-webhook-'))
const format = formatsOf({ frameworkOf, version: '0.0.0' }).catenary
let [mine, others] = [{} as Certificate, {} as Certificate]
let open: { readonly receiver?: Receiver; readonly destination: Destination }[] = []

beforeAll(() => {
  mine = makeCertificate(folder)
  others = makeCertificate(folder, 'elsewhere.example')
})
afterEach(async () => {
  for (const { receiver, destination } of open) {
    await destination.close()
    await receiver?.stop()
  }
  open = []
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function webhook(url: string, more: Partial<WebhookParts> = {}, receiver?: Receiver): Destination {
  const parts = { url, format, headers: () => ({}), tls: { verify: true }, timeoutMs: 300 }
  const destination = createWebhook({ ...parts, ...more })
  open.push({ destination, ...(receiver && { receiver }) })
  return destination
}

async function sent(reply: Reply, more: Partial<WebhookParts> = {}) {
  const receiver = await startReceiver(() => reply)
  const destination = webhook(`${receiver.url}/secret-path`, more, receiver)
  const [outcome] = await destination.send([parcel()], never)
  return { outcome, received: receiver.received, url: receiver.url }
}

describe('a webhook', () => {
  it('is given each alert under its idempotency key, signed so that any Standard Webhooks library takes it', async () => {
    const receiver = await startReceiver(() => ({ status: 204 }))
    const secret = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`
    const destination = webhook(receiver.url, { secret: () => secret, headers: () => ({ 'x-team': 'soc' }) }, receiver)
    const parcels = [parcel(), parcel({ id: 'al2', revision: 2, status: 'retracted', reason: 'mended' }, 'open')]
    expect(await destination.send(parcels, never)).toEqual([{ what: 'delivered' }, { what: 'delivered' }])
    const [first, second] = receiver.received.toSorted((a, b) => (a.body < b.body ? -1 : 1))
    expect(first?.headers).toMatchObject({
      'content-type': 'application/json',
      'idempotency-key': 'al1-1',
      'webhook-id': 'al1-1',
      'x-team': 'soc',
    })
    const verified = new Webhook(secret).verify(second?.body ?? '', second?.headers as Record<string, string>)
    expect(verified).toMatchObject({
      type: 'alert',
      alert_id: 'al2',
      revision: 2,
      status: 'retracted',
      previous_status: 'open',
      idempotency_key: 'al2-2',
    })
    expect(() => new Webhook('other').verify(second?.body ?? '', second?.headers as Record<string, string>)).toThrow()
  })

  it('is given a signature that holds for one alert, under one id, within some minutes, and for nothing else', async () => {
    const { received } = await sent({ status: 204 }, { secret: () => 'hunter2-hunter2' })
    const headers = received[0]?.headers as Record<string, string>
    const body = received[0]?.body ?? ''
    const key = `whsec_${Buffer.from('hunter2-hunter2').toString('base64')}`
    const verify = (more: Record<string, string>, text = body) => new Webhook(key).verify(text, { ...headers, ...more })
    expect(verify({})).toMatchObject({ alert_id: 'al1' })
    expect(() => verify({ 'webhook-id': 'al1-2' })).toThrow()
    expect(() => verify({}, body.replace('"revision":1', '"revision":2'))).toThrow()
    // Sent again later, it is too old; under a new time, it was signed for another.
    const at = Number(headers['webhook-timestamp'])
    expect(() => verify({ 'webhook-timestamp': String(at + 1) })).toThrow()
    vi.useFakeTimers({ now: (at + 301) * 1_000, toFake: ['Date'] })
    try {
      expect(() => verify({})).toThrow(/old/)
    } finally {
      vi.useRealTimers()
    }
  })

  it.each<[string, Reply, object]>([
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '7' } }, { what: 'retry', afterMs: 7_000 }],
    ['503', { status: 503 }, { what: 'retry', why: expect.stringMatching(/answered 503$/) }],
    ['401', { status: 401 }, { what: 'retry', why: expect.stringMatching(/401; check the secret/) }],
    ['404', { status: 404 }, { what: 'retry', why: expect.stringMatching(/check the address/) }],
    [
      'a redirect',
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
      { what: 'retry', why: /302; give the address/ },
    ],
    ['400', { status: 400 }, { what: 'refused', why: expect.stringMatching(/answered 400$/) }],
    ['413', { status: 413 }, { what: 'refused' }],
    ['a cut connection', 'cut', { what: 'retry', why: /cut the connection/ }],
    ['half an answer', 'half', { what: 'retry', why: /cut the connection|terminated/ }],
    ['silence', 'hang', { what: 'retry', why: /took too long/ }],
  ])('that answers with %s', async (_, reply, { why, ...outcome }: { readonly why?: unknown }) => {
    const found = await sent(reply)
    expect(found.outcome).toMatchObject(outcome)
    if (why instanceof RegExp) expect((found.outcome as { why: string }).why).toMatch(why)
    else if (why !== undefined) expect((found.outcome as { why: string }).why).toEqual(why)
    expect(JSON.stringify(found.outcome)).not.toContain('secret-path')
    expect(found.received).toHaveLength(1)
  })

  it('that is not there is tried again', async () => {
    const { url } = await sent({ status: 200 })
    await open[0]?.receiver?.stop()
    const [outcome] = await webhook(url).send([parcel()], never)
    expect(outcome).toMatchObject({ what: 'retry', why: expect.stringMatching(/cannot be reached \(ECONNREFUSED\)/) })
  })

  it('over TLS is given nothing unless its certificate holds', async () => {
    const receiver = await startReceiver(() => ({ status: 200 }), mine)
    const wrongName = await startReceiver(() => ({ status: 200 }), others)
    const tried = async (one: Receiver, caFile?: string) =>
      (await webhook(one.url, { tls: { verify: true, caFile } }, one).send([parcel()], never))[0]
    expect(await tried(receiver)).toMatchObject({
      what: 'retry',
      why: expect.stringMatching(/certificate that does not hold/),
    })
    expect(await tried(wrongName, others.certFile)).toMatchObject({ why: expect.stringMatching(/ALTNAME/) })
    expect([...receiver.received, ...wrongName.received]).toEqual([])
    expect(await tried(receiver, mine.certFile)).toEqual({ what: 'delivered' })
  })

  it('is told when a PEM file is not there', () => {
    expect(() => webhook('https://127.0.0.1', { tls: { verify: true, caFile: 'nowhere.pem' } })).toThrow(
      /nowhere.pem: cannot be read \(ENOENT\)/,
    )
  })
})
