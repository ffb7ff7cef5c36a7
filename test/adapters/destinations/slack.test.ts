import { afterEach, describe, expect, it } from 'vitest'
import { slackMessage } from '../../../schemas/forward/slack.ts'
import { createSlack } from '../../../src/adapters/destinations/slack.ts'
import type { Destination } from '../../../src/ports/index.ts'
import { never, parcel } from '../../kit/parcels.ts'
import { type Receiver, type Reply, startReceiver } from '../../kit/receiver.ts'

let stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
})

async function slack(
  answer: (count: number) => Reply,
): Promise<{ readonly receiver: Receiver; readonly destination: Destination }> {
  const receiver = await startReceiver((_, count) => answer(count))
  const destination = createSlack({
    url: () => `${receiver.url}/services/T0/B0/hunter2`,
    tls: { verify: true },
    timeoutMs: 300,
    write: (one) => JSON.stringify(slackMessage(one)),
  })
  stops.push(receiver.stop, () => destination.close())
  return { receiver, destination }
}

const three = ['a', 'b', 'c'].map((id) => parcel({ id, workflowId: id }))

describe('Slack', () => {
  it('is given a message an alert', async () => {
    const { receiver, destination } = await slack(() => ({ status: 200, body: 'ok' }))
    expect((await destination.send(three, never)).map(({ what }) => what)).toEqual(Array(3).fill('delivered'))
    expect(receiver.received.map(({ headers }) => headers['idempotency-key'])).toEqual(['a-1', 'b-1', 'c-1'])
    expect(receiver.received[0]?.path).toBe('/services/T0/B0/hunter2')
  })

  it('that is throttled is left alone: what comes after waits as well', async () => {
    const { receiver, destination } = await slack((count) =>
      count === 2 ? { status: 429, headers: { 'retry-after': '30' } } : { status: 200, body: 'ok' },
    )
    expect(await destination.send(three, never)).toMatchObject([
      { what: 'delivered' },
      { what: 'retry', afterMs: 30_000 },
      { what: 'retry', afterMs: 30_000 },
    ])
    expect(receiver.received).toHaveLength(2)
  })

  it.each([
    [400, 'invalid_payload', 'refused'],
    [403, 'action_prohibited', 'retry'],
    [404, 'no_service', 'retry'],
    [410, 'channel_is_archived', 'retry'],
  ])('that answers %i %s: %s, and the address is not told', async (status, body, what) => {
    const { destination } = await slack(() => ({ status, body }))
    const [outcome] = await destination.send([parcel()], never)
    expect(outcome).toMatchObject({ what, why: expect.stringContaining(`${status} (${body})`) })
    expect(JSON.stringify(outcome)).not.toContain('hunter2')
  })
})
