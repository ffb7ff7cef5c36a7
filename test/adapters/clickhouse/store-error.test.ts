import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openClickHouseStore, readerAndWriter } from '../../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectServer } from '../../../src/adapters/clickhouse/connect.ts'
import { commit, step } from '../../contracts/rows.ts'

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

/** A server that answers everything as ClickHouse does when it cannot. */
async function answering(code: number, words: string): Promise<string> {
  const answers = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      response.writeHead(500, { 'x-clickhouse-exception-code': String(code) })
      response.end(`Code: ${code}. DB::Exception: ${words}. (SOME_NAME) (version 26.7.2.1)`)
    })
  })
  server = answers
  await new Promise<void>((resolve) => answers.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(answers.address() as AddressInfo).port}`
}

/** A port that nobody listens on. */
async function nowhere(): Promise<string> {
  const url = await answering(0, '')
  await new Promise((resolve) => server?.close(resolve))
  server = undefined
  return url
}

describe('a store that cannot be reached', () => {
  it('is away: try again later', async () => {
    const opening = openClickHouseStore(connectServer({ url: await nowhere() }))
    await expect(opening).rejects.toMatchObject({
      code: 'CAT_STORE_UNAVAILABLE',
      retry: 'later',
      cause: expect.anything(),
      message: expect.stringMatching(/ECONNREFUSED.*See that ClickHouse is up/),
    })
  })
})

describe('what a server answers', () => {
  it.each([
    [252, 'Too many parts (3001)', 'CAT_STORE_UNAVAILABLE', 'later'],
    [241, 'Memory limit (total) exceeded', 'CAT_STORE_UNAVAILABLE', 'later'],
    [243, 'Cannot reserve 1.00 MiB, not enough space', 'CAT_STORE_UNAVAILABLE', 'later'],
    [242, 'Table is in readonly mode', 'CAT_STORE_UNAVAILABLE', 'later'],
    [1001, 'std::filesystem: No space left on device', 'CAT_STORE_UNAVAILABLE', 'later'],
    [60, 'Table default.steps does not exist', 'CAT_STORE_REJECTED', 'never'],
    [516, 'Authentication failed', 'CAT_STORE_REJECTED', 'never'],
    [27, 'Cannot parse input', 'CAT_STORE_REJECTED', 'never'],
  ])('code %i (%s) is %s: retry %s', async (code, words, expected, retry) => {
    const store = readerAndWriter(connectServer({ url: await answering(code, words) }))
    const fails = { code: expected, retry, cause: expect.anything(), message: expect.stringContaining(words) }
    await expect(store.save(commit(1, { steps: [step({})] }))).rejects.toMatchObject(fails)
    await expect(store.ping()).rejects.toMatchObject(fails)
    await store.close()
  })

  it('is told without what was to be stored', async () => {
    const url = await answering(
      27,
      'Cannot parse input: expected x before: \'private words\': (at row 1)\nRow 1: "private words"',
    )
    const store = readerAndWriter(connectServer({ url }))
    const error: unknown = await store.save(commit(1, { steps: [step({})] })).catch((thrown: unknown) => thrown)
    expect(String(error)).toContain('Cannot parse input')
    expect(String(error)).not.toContain('private words')
    await store.close()
  })
})

describe('an address that is none', () => {
  it('is a mistake in the settings', () => {
    expect(() => connectServer({ url: 'not a url' })).toThrow(expect.objectContaining({ code: 'CAT_CONFIG' }))
  })
})
