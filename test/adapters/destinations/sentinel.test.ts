import { afterEach, describe, expect, it } from 'vitest'
import { frameworkOf } from '../../../detectors/frameworks.ts'
import { sentinelRow } from '../../../schemas/forward/sentinel.ts'
import { createSentinel, type SentinelParts } from '../../../src/adapters/destinations/sentinel.ts'
import type { Destination, Outcome } from '../../../src/ports/index.ts'
import { never, parcel } from '../../kit/parcels.ts'
import type { Reply } from '../../kit/receiver.ts'
import { startSentinel, type TestSentinel } from '../../kit/sentinel.ts'

let stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
})

async function sentinel(
  more: Partial<SentinelParts> = {},
): Promise<{ readonly azure: TestSentinel; readonly destination: Destination }> {
  const azure = await startSentinel()
  const destination = createSentinel({
    endpoint: azure.url,
    authority: azure.url,
    ruleId: 'dcr-1',
    stream: 'Custom-Catenary_CL',
    tenantId: 'entra',
    clientId: 'client',
    clientSecret: () => 'hunter2',
    scope: 'https://monitor.azure.com/.default',
    tls: { verify: true },
    timeoutMs: 300,
    write: (one) => JSON.stringify(sentinelRow(one, frameworkOf)),
    ...more,
  })
  stops.push(azure.stop, () => destination.close())
  return { azure, destination }
}

const DONE: Outcome = { what: 'delivered' }
const two = [parcel({ id: 'a' }), parcel({ id: 'b', workflowId: 'w2', revision: 2 }, 'open')]

describe('Sentinel', () => {
  it('is given rows under a token of Entra, one token for as long as it lives', async () => {
    const { azure, destination } = await sentinel()
    expect(await destination.send(two, never)).toEqual([DONE, DONE])
    expect(await destination.send([parcel({ id: 'c' })], never)).toEqual([DONE])
    expect(azure.tokens()).toBe(1)
    expect(azure.rows.map((row) => [row['AlertId'], row['Revision'], row['PreviousStatus']])).toEqual([
      ['a', 1, null],
      ['b', 2, 'open'],
      ['c', 1, null],
    ])
  })

  it('that takes the token no longer is asked again with another', async () => {
    const { azure, destination } = await sentinel()
    await destination.send(two, never)
    azure.forgetTokens()
    const [outcome] = await destination.send([parcel({ id: 'c' })], never)
    expect(outcome).toMatchObject({ what: 'retry', why: expect.stringMatching(/answered 401 \(InvalidToken\)/) })
    expect(await destination.send([parcel({ id: 'c' })], never)).toEqual([DONE])
  })

  it.each<[string, Partial<SentinelParts>, RegExp]>([
    [
      'a wrong secret',
      { clientSecret: () => 'other' },
      /no access token: it answered 401 \(invalid_client\); check tenantId/,
    ],
    ['a wrong tenant', { tenantId: 'nobody' }, /no access token: it answered 401/],
    ['a rule that is not there', { ruleId: 'dcr-2' }, /answered 404 \(NotFound\); check the address/],
  ])('with %s is tried again, for the settings are to be mended', async (_, parts, why) => {
    const { azure, destination } = await sentinel(parts)
    const [outcome] = await destination.send(two, never)
    expect(outcome).toMatchObject({ what: 'retry', why: expect.stringMatching(why) })
    expect(azure.rows).toEqual([])
  })

  it.each<[string, Reply, object]>([
    ['throttled', { status: 429, headers: { 'retry-after': '4' } }, { afterMs: 4_000 }],
    ['busy', { status: 503 }, {}],
    ['cut', 'cut', {}],
    ['silent', 'hang', {}],
  ])('that is %s is tried again', async (_, fault, told) => {
    const { azure, destination } = await sentinel()
    azure.faults.push(fault)
    expect(await destination.send(two, never)).toMatchObject(two.map(() => ({ what: 'retry', ...told })))
    expect(await destination.send(two, never)).toEqual([DONE, DONE])
    expect(azure.rows).toHaveLength(2)
  })

  it('that refuses a batch for one row is given the others alone', async () => {
    const { azure, destination } = await sentinel()
    const outcomes = await destination.send([...two, parcel({ id: 'poison', workflowId: 'w9' })], never)
    expect(outcomes.map(({ what }) => what)).toEqual(['delivered', 'delivered', 'refused'])
    expect(azure.rows).toHaveLength(2)
  })

  it('is given more than it takes at once in parts', async () => {
    const { azure, destination } = await sentinel({ timeoutMs: 20_000 })
    const large = two.map(({ alert }) => parcel({ ...alert, summary: 'x'.repeat(250_000) }))
    expect(await destination.send([...large, parcel({ id: 'c', workflowId: 'w3' })], never)).toEqual([DONE, DONE, DONE])
    expect(azure.received.filter(({ path }) => path.startsWith('/data'))).toHaveLength(2)
  })
})
