import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AskedService, askedService, catenary } from '../kit/asked-service.ts'
import { makeCertificate } from '../kit/certificates.ts'
import { startReceiver } from '../kit/receiver.ts'

const MINUTE = 60_000
let secure: AskedService
let admin = ''

beforeAll(async () => {
  secure = await askedService({ tls: true })
  admin = await secure.key('admin')
}, 3 * MINUTE)
afterAll(async () => {
  await secure.stop()
})

/** A home with profiles and a key file of that mode. */
function home(profiles: object, mode = 0o600): Readonly<Record<string, string>> {
  const folder = join(secure.folder, `home-${Math.random().toString(36).slice(2)}`)
  mkdirSync(join(folder, 'catenary'), { recursive: true })
  writeFileSync(join(folder, 'catenary', 'profiles.json'), JSON.stringify(profiles))
  writeFileSync(join(folder, 'catenary', 'ops.key'), `${admin}\n`)
  chmodSync(join(folder, 'catenary', 'ops.key'), mode)
  return { XDG_CONFIG_HOME: folder }
}

const byName = (more: object = {}) => ({
  default: 'prod',
  profiles: { prod: { url: secure.url.replace('127.0.0.1', 'localhost'), keyFile: 'ops.key', ...more } },
})

describe('a command that asks a service', () => {
  it(
    'reaches the one of the settings over TLS, known by its very certificate',
    async () => {
      const env = { ...secure.env, CATENARY_API_KEY: admin }
      const listed = await catenary(['forward', 'list', '--json'], { env })
      expect(listed).toEqual({ code: 0, out: '', err: '' })
      const unknown = await catenary(['forward', 'list', '--json'], { env: secure.env })
      expect(unknown).toMatchObject({ code: 2, err: expect.stringMatching(/answers 401: .*CATENARY_API_KEY/) })
    },
    MINUTE,
  )

  it(
    'refuses another service that has taken its place',
    async () => {
      const { cert, key } = makeCertificate(secure.folder)
      const other = await startReceiver(() => ({ status: 200, body: '{"items":[]}' }), { cert, key })
      const env = { ...secure.env, CATENARY_API__PORT: new URL(other.url).port, CATENARY_API_KEY: admin }
      const told = await catenary(['forward', 'list', '--json'], { env })
      expect(told).toMatchObject({ code: 3, out: '', err: expect.stringMatching(/answers with another certificate/) })
      expect(other.received).toEqual([])
      await other.stop()
    },
    MINUTE,
  )

  it(
    'asks the service of a profile with its key and its authority',
    async () => {
      const listed = (more: object) =>
        catenary(['keys', 'list', '--profile', 'prod', '--json'], { env: home(byName(more)) })
      const trusted = await listed({ caFile: secure.certificate?.certFile })
      expect(trusted).toMatchObject({ code: 0, out: expect.stringMatching(/"role":"admin"/) })
      expect(await listed({})).toMatchObject({ code: 3, err: expect.stringMatching(/does not hold.*caFile/) })
      const stranger = makeCertificate(secure.folder, 'other.example').certFile
      expect(await listed({ caFile: stranger })).toMatchObject({ code: 3, err: expect.stringMatching(/does not hold/) })
    },
    MINUTE,
  )

  it('refuses a key that others may read, and says how to mend it', async () => {
    for (const mode of [0o640, 0o604, 0o660]) {
      const told = await catenary(['keys', 'list', '--profile', 'prod'], { env: home(byName(), mode) })
      expect(told).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(/others on this machine may read it .*chmod 600/),
      })
      expect(told.err).not.toContain(admin)
    }
  })

  it('never sends the key of a profile to another address', async () => {
    const other = await startReceiver(() => ({ status: 200, body: '{"items":[]}' }))
    const env = home(byName())
    expect((await catenary(['keys', 'list', '--url', other.url, '--json'], { env })).code).toBe(0)
    expect(other.received[0]?.headers['authorization']).toBeUndefined()
    const both = await catenary(['keys', 'list', '--url', other.url, '--profile', 'prod'], { env })
    expect(both).toMatchObject({ code: 2, err: expect.stringMatching(/cannot be used with/) })
    await other.stop()
  })

  it('follows no redirect with the key', async () => {
    const target = await startReceiver(() => ({ status: 200, body: '{"items":[]}' }))
    const door = await startReceiver(() => ({ status: 307, headers: { location: `${target.url}/v1/keys` } }))
    const env = { CATENARY_API_KEY: 'k' }
    const told = await catenary(['keys', 'list', '--url', door.url], { env })
    expect(told).toMatchObject({ code: 2, err: expect.stringMatching(/answers 307: .*redirects are not followed/) })
    expect(target.received).toEqual([])
    await Promise.all([door.stop(), target.stop()])
  })

  it('asks again when it was only asked too often', async () => {
    const door = await startReceiver((_, count) =>
      count < 3 ? { status: 429, headers: { 'retry-after': '0' }, body: '{}' } : { status: 200, body: '{"items":[]}' },
    )
    expect((await catenary(['keys', 'list', '--url', door.url, '--json'])).code).toBe(0)
    expect(door.received).toHaveLength(3)
    await door.stop()
  })

  it.each([
    [['--url', 'http://catenary.example'], { CATENARY_API_KEY: 'k' }, /in the clear; ask it over https/],
    [['--url', 'ftp://catenary.example'], {}, /is no http or https address/],
    [['--url', 'https://ana:pw@catenary.example'], {}, /must not hold a name or a password/],
    [['--url', 'https://127.0.0.1:1'], { CATENARY_API_KEY: 'a b' }, /holds more than an API key/],
    [[], { CATENARY_URL: 'catenary.example' }, /CATENARY_URL catenary\.example is no address/],
    [['--profile', 'prod'], { XDG_CONFIG_HOME: '/nowhere' }, /profiles\.json: cannot be read/],
    [['--url', 'https://127.0.0.1:1', '--key-file', '/nowhere/k'], {}, /\/nowhere\/k: cannot be read/],
    [['--url', 'https://127.0.0.1:1', '--ca-file', 'package.json'], {}, /no certificate/],
  ] as const)('says what is wrong with %j', async (flags, env, hint) => {
    expect(await catenary(['keys', 'list', ...flags], { env })).toMatchObject({
      code: 2,
      err: expect.stringMatching(hint),
    })
  })

  it('says what is wrong in a file of profiles', async () => {
    const wrong = await catenary(['keys', 'list', '--profile', 'prd'], { env: home(byName()) })
    expect(wrong.err).toMatch(/there is no profile prd; did you mean prod\?/)
    const typo = await catenary(['keys', 'list', '--profile', 'prod'], { env: home(byName({ keyfile: 'x' })) })
    expect(typo).toMatchObject({ code: 2, err: expect.stringMatching(/keyfile/) })
  })
})
