import { readFileSync } from 'node:fs'
import { type ClientRequest, get as httpGet, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Alert } from '../../schemas/api/alert.ts'
import { Step } from '../../schemas/api/step.ts'
import type { Commit } from '../../src/ports/index.ts'
import { eventsIn, ndjson, problemIn, type Service, service, type Told, wire } from './kit.ts'

const example = readFileSync('test/fixtures/example.ndjson')
const open: Service[] = []
afterEach(async () => void (await Promise.all(open.splice(0).map(({ app }) => app.close()))))

async function listening(more: Parameters<typeof service>[0] = {}): Promise<Service & { readonly port: number }> {
  const api = service(more)
  open.push(api)
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  return { ...api, port: (api.app.server.address() as AddressInfo).port }
}

interface Client {
  readonly reply: IncomingMessage
  readonly request: ClientRequest
  /** Reads on until the text so far is as asked. */
  until(isEnough: (text: string) => boolean): Promise<string>
}

function follow(port: number, query = ''): Promise<Client> {
  return new Promise((resolve, reject) => {
    const request = httpGet({ port, path: `/v1/tail${query}` }, (reply) => {
      let text = ''
      let check = (): void => undefined
      reply.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        check()
      })
      reply.on('error', () => undefined)
      const until = (isEnough: (text: string) => boolean): Promise<string> =>
        new Promise((done) => {
          check = () => (isEnough(text) ? done(text) : undefined)
          reply.on('end', () => done(text))
          check()
        })
      void until((told) => told !== '').then(() => resolve({ reply, request, until }))
    })
    request.on('error', reject)
  })
}

const whatIn = (told: readonly Told[]): readonly string[] => told.map(({ event }) => event)

describe('the tail', () => {
  it('tells of alerts once they are stored', async () => {
    const { port, post, get } = await listening()
    const client = await follow(port)
    expect(client.reply.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    await post(example)
    const told = eventsIn(await client.until((text) => text.includes('event: alert')))
    expect(new Set(whatIn(told))).toEqual(new Set(['alert']))
    const alert = Alert.parse(told[0]?.data)
    expect(alert).toEqual(told[0]?.data)
    const {
      triage: _triage,
      silenced: _silenced,
      ...listed
    } = Alert.parse((await get(`/v1/alerts/${alert.alert_id}`)).json())
    expect(listed).toEqual(told[0]?.data)
  })

  it('tells of steps when asked, each like that of the list', async () => {
    const { port, post, get } = await listening()
    const client = await follow(port, '?what=steps,alerts')
    await post(ndjson(wire('a')))
    const told = eventsIn(await client.until((text) => text.includes('event: step')))
    expect(Step.parse(told[0]?.data)).toEqual(told[0]?.data)
    expect((await get('/v1/chains/wf-1/steps')).json()).toMatchObject({ items: [told[0]?.data] })
  })

  it('of one tenant tells of no other', async () => {
    const { port, post } = await listening()
    const client = await follow(port, '?what=alerts,steps&tenant=mine')
    await post(example, {}, '?tenant=theirs')
    await post(ndjson(wire('a')), {}, '?tenant=mine')
    const text = await client.until((found) => found.includes('event: step'))
    expect(text).not.toContain('theirs')
    expect(eventsIn(text)).toMatchObject([{ event: 'step', data: { tenant: 'mine', event_id: 'a' } }])
  })

  it('leaves out alerts that are less severe than asked', async () => {
    const { port, post } = await listening()
    const client = await follow(port, '?what=alerts,steps&min_severity=critical')
    await post(example)
    const told = eventsIn(await client.until((text) => text.includes('"event_id":"e6","index"')))
    for (const { event, data } of told) {
      if (event === 'alert') expect(Alert.parse(data).severity).toBe('critical')
    }
  })

  it('shows a sign of life while it is quiet', async () => {
    const { port } = await listening({ limits: { heartbeatMs: 5 } })
    const client = await follow(port)
    const text = await client.until((found) => (found.match(/^: /gm)?.length ?? 0) > 3)
    expect(eventsIn(text)).toEqual([])
  })

  it('ends with a word when the service closes', async () => {
    const { port, app } = await listening()
    const client = await follow(port)
    const ended = client.until(() => false)
    await app.close()
    expect(whatIn(eventsIn(await ended))).toEqual(['end'])
  })

  it('forgets a client that goes', async () => {
    const listeners = new Set<(commit: Commit) => void>()
    let told = (): void => undefined
    const hasGone = new Promise<void>((resolve) => {
      told = resolve
    })
    const { port } = await listening({
      subscribe(listener) {
        listeners.add(listener)
        return () => {
          listeners.delete(listener)
          told()
        }
      },
    })
    const client = await follow(port)
    expect(listeners.size).toBe(1)
    client.request.destroy()
    await hasGone
    expect(listeners.size).toBe(0)
  })

  it('cuts off a client that reads too slowly, and tells it', async () => {
    const { port, post, store } = await listening({ limits: { maxTailItems: 3 } })
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET /v1/tail?what=steps HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    const first = await new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(String(chunk))))
    expect(first).toContain('200 OK')
    await post(ndjson(...Array.from({ length: 10 }, (_, index) => wire(`s${index}`))))
    const rest = await new Promise<string>((resolve) => {
      let text = ''
      socket.on('data', (chunk) => {
        text += String(chunk)
        if (text.includes('event: cut')) resolve(text)
      })
    })
    socket.destroy()
    expect(rest).toContain('lists')
    expect(await store.chain('default', 'wf-1')).toMatchObject({ events: 10 })
  })

  it('takes no more clients than it has room for', async () => {
    const { port, get } = await listening({ limits: { maxTails: 1 } })
    await follow(port)
    const reply = await get('/v1/tail')
    problemIn(reply, 503)
    expect(reply.headers['retry-after']).toBeDefined()
  })

  it.each([
    ['what=chains', 'what'],
    ['min_severity=dire', 'min_severity'],
    ['tenants=x', 'tenants'],
  ])('refuses %s', async (query, field) => {
    expect(problemIn(await service().get(`/v1/tail?${query}`), 400)['errors']).toMatchObject([{ field }])
  })
})
