import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ContainmentOrder } from '../../schemas/api/containment.ts'
import { publicJwk } from '../../src/adapters/destinations/ssf.ts'
import { buildProgram, objectsOf, type Serving, type Started, serveProgram, startProgram } from '../kit/program.ts'
import { startSsf, type TestSsf } from '../kit/ssf.ts'
import { until } from '../kit/until.ts'

const [ISSUER, AUDIENCE, TOKEN] = ['https://catenary.acme.example', 'https://idp.acme.example', 'hunter2']
const ENV = { IDP_TOKEN: TOKEN }

let folder = ''
let stops: (() => Promise<unknown>)[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-containment-'))
})
afterEach(async () => {
  for (const stop of stops.reverse()) await stop()
  stops = []
  rmSync(folder, { recursive: true, force: true })
})

/** A strict receiver, and settings that name it. */
async function receiver(): Promise<TestSsf> {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const keys = { keys: [await publicJwk(pem)] }
  const ssf = await startSsf({ issuer: ISSUER, audience: AUDIENCE, token: TOKEN, keys: () => keys })
  stops.push(() => ssf.stop())
  writeFileSync(join(folder, 'key.pem'), pem, { mode: 0o600 })
  const one = {
    name: 'idp',
    url: `${ssf.url}/events`,
    issuer: ISSUER,
    audience: AUDIENCE,
    key: { file: 'key.pem' },
    token: { env: 'IDP_TOKEN' },
    streamId: 'stream-7',
    retry: { firstMs: 10, mostMs: 40 },
  }
  writeFileSync(join(folder, 'catenary.json'), JSON.stringify({ ssfReceivers: [one] }))
  return ssf
}

const run = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Started =>
  startProgram(argv, folder, { ...ENV, ...env })

const serving = (): Promise<Serving> => serveProgram(folder, ENV, (kill) => stops.push(kill))

const ordering = ['contain', '--agent', 'bot-1', '--only', '--reason', 'stolen', '--execute']

describe('an order that its receiver did not take', { timeout: 300_000 }, () => {
  beforeAll(() => buildProgram(), 200_000)

  const verdictsAt = async (url: string, id: string): Promise<readonly string[]> => {
    const order = (await (await fetch(`${url}/v1/containments/${id}`)).json()) as ContainmentOrder
    return order.steps.flatMap(({ pushes }) => pushes.map(({ verdict }) => verdict))
  }

  it('waits over kill -9 and is sent when the receiver is back, under the same jti', async () => {
    const ssf = await receiver()
    ssf.faults.push(...Array.from({ length: 10_000 }, () => ({ status: 503 })))
    const first = await serving()
    const told = await run([...ordering, '--json'], { CATENARY_URL: first.url }).ended
    expect(told.code, told.err).toBe(3)
    const [order] = objectsOf<ContainmentOrder>(told)
    const id = order?.id ?? ''
    expect(order?.steps[0]?.pushes).toMatchObject([
      { receiver: 'idp', verdict: 'pending', why: expect.stringMatching(/503/) },
    ])
    await first.kill()
    const second = await serving()
    const before = ssf.received.length
    await until(() => ssf.received.length > before + 1)
    expect(await verdictsAt(second.url, id)).toEqual(['pending'])
    ssf.faults.length = 0
    await until(async () => (await verdictsAt(second.url, id)).join() === 'delivered')
    expect(ssf.sets).toMatchObject([{ jti: `${id}/1`, sub_id: { format: 'opaque', id: 'bot-1' } }])
    const listed = await run(['containments', 'list'], { CATENARY_URL: second.url }).ended
    expect(listed.out).toMatch(/contain +agent bot-1 +1 delivered +stolen/)
    const shown = await run(['containments', 'show', id], { CATENARY_URL: second.url }).ended
    expect(shown.out).toMatch(/stop-agent agent bot-1[\s\S]*session-revoked to idp: delivered/)
  })

  it('is a dead letter where it was refused, and may be sent again', async () => {
    const ssf = await receiver()
    ssf.faults.push({ status: 400, body: '{"err": "invalid_audience"}' })
    const { url } = await serving()
    const env = { CATENARY_URL: url }
    const [order] = objectsOf<ContainmentOrder>(await run([...ordering, '--json'], env).ended)
    expect(order?.steps[0]?.pushes).toMatchObject([{ verdict: 'failed', attempts: 1 }])
    const stands = async () => objectsOf(await run(['forward', 'list', '--json'], env).ended)
    expect(await stands()).toMatchObject([{ name: 'ssf/idp', destination_type: 'ssf', dead: 1, pending: 0 }])
    const again = await run(['forward', 'dead-letters', 'retry', '--destination', 'ssf/idp', '--all'], env).ended
    expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/1 dead letter/) })
    await until(async () => (await verdictsAt(url, order?.id ?? '')).join() === 'delivered')
    expect(ssf.sets).toHaveLength(1)
  })
})

describe('catenary forward test', { timeout: 300_000 }, () => {
  beforeAll(() => buildProgram(), 200_000)

  it('sends a receiver of security events one that verifies the stream', async () => {
    const ssf = await receiver()
    const took = await run(['forward', 'test', 'ssf/idp']).ended
    expect(took).toMatchObject({ code: 0, out: expect.stringMatching(/^ssf\/idp took the event [0-9a-f-]{36} /) })
    expect(ssf.sets).toMatchObject([
      {
        iss: ISSUER,
        aud: AUDIENCE,
        sub_id: { format: 'opaque', id: 'stream-7' },
        events: { 'https://schemas.openid.net/secevent/ssf/event-type/verification': {} },
      },
    ])
    const refused = await run(['forward', 'test', 'ssf/idp', '--json'], { IDP_TOKEN: 'wrong' }).ended
    expect(refused.code).toBe(3)
    expect(objectsOf(refused)).toMatchObject([{ outcome: 'retry', why: expect.stringMatching(/401/) }])
    const unknown = await run(['forward', 'test', 'idp']).ended
    expect(unknown).toMatchObject({ code: 2, err: expect.stringMatching(/no destination idp; there are ssf\/idp/) })
  })
})
