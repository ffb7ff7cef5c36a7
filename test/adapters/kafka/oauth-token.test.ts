import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { tokenSource } from '../../../src/adapters/kafka/oauth-token.ts'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await once(server.close(), 'close')
})

interface Asked {
  readonly authorization: string | undefined
  readonly body: string
}

async function endpoint(
  answer: (nth: number, response: ServerResponse) => void,
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    asked.push({ authorization: request.headers.authorization, body })
    response.setHeader('connection', 'close')
    answer(asked.length, response)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}/token`, asked }
}

const granted = (nth: number, response: ServerResponse): void => {
  response.end(JSON.stringify({ access_token: `token-${nth}`, token_type: 'Bearer', expires_in: 100 }))
}

describe('access tokens for Kafka', () => {
  it('are asked for by client credentials, as RFC 6749 has it', async () => {
    const { url, asked } = await endpoint(granted)
    const next = tokenSource({ endpoint: url, clientId: 'cat:enary', clientSecret: 'p&w é', scope: 'kafka' })
    expect(await next()).toEqual({ value: 'token-1' })
    const pair = Buffer.from('cat%3Aenary:p%26w+%C3%A9').toString('base64')
    expect(asked).toEqual([{ authorization: `Basic ${pair}`, body: 'grant_type=client_credentials&scope=kafka' }])
  })

  it('are used for as long as they live, by all who ask at once', async () => {
    const { url, asked } = await endpoint(granted)
    let now = 0
    const next = tokenSource({ endpoint: url, clientId: 'a', clientSecret: 'b' }, () => now)
    await Promise.all([next(), next(), next()])
    now = 79_000
    expect(await next()).toEqual({ value: 'token-1' })
    now = 81_000
    expect(await next()).toEqual({ value: 'token-2' })
    expect(asked).toHaveLength(2)
  })

  it('are a setting to mend when the server refuses the client', async () => {
    const { url } = await endpoint((_, response) => {
      response.statusCode = 401
      response.end(JSON.stringify({ error: 'invalid_client', error_description: 'hunter2' }))
    })
    const next = tokenSource({ endpoint: url, clientId: 'a', clientSecret: 'hunter2' })
    await expect(next()).rejects.toMatchObject({ code: 'CAT_CONFIG' })
    await expect(next()).rejects.toThrow(/invalid_client.*kafka\.saslClientId/)
    await expect(next()).rejects.not.toThrow(/hunter2/)
  })

  it('are worth asking for again when the server is away, and then come', async () => {
    const { url } = await endpoint((nth, response) => {
      if (nth === 1) response.writeHead(503).end()
      else granted(nth, response)
    })
    const next = tokenSource({ endpoint: url, clientId: 'a', clientSecret: 'b' })
    await expect(next()).rejects.toMatchObject({ code: 'CAT_SOURCE_UNAVAILABLE', retry: 'later' })
    expect(await next()).toEqual({ value: 'token-2' })
  })
})
