import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createOidc, type Provider } from '../../src/access/oidc.ts'
import { readConfig } from '../../src/config/index.ts'

const NOW = Date.parse('2026-11-20T09:00:00Z')
const S = NOW / 1_000
const REFUSED = (why: RegExp) => ({ refused: expect.stringMatching(why) })

let server: Server
let issuer = ''
let asked = 0
let isAway = false
let published: { readonly kid: string; readonly key: KeyObject }[] = []
const pairs = [1, 2, 3].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }))
const [first, second, stranger] = pairs as [(typeof pairs)[0], (typeof pairs)[0], (typeof pairs)[0]]

/** A provider with discovery, whose keys may change. */
beforeAll(async () => {
  server = createServer(async (request, reply) => {
    if (isAway) return void reply.writeHead(503).end()
    if (request.url?.endsWith('openid-configuration') === true)
      return void reply.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }))
    asked += 1
    const keys = await Promise.all(
      published.map(async ({ kid, key }) => ({ ...(await exportJWK(key)), kid, alg: 'RS256' })),
    )
    reply.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())
beforeEach(() => {
  asked = 0
  isAway = false
  published = [{ kid: 'one', key: first.publicKey }]
})

const oidc = (more: Partial<Provider> = {}, cooldownMs = 0) =>
  createOidc(
    {
      issuer,
      audience: 'catenary',
      algorithms: readConfig({ env: {}, folder: 'test', detectors: [] }).config.auth.oidcAlgorithms,
      roleClaim: 'roles',
      roles: {},
      tenantClaim: 'tenant',
      clockToleranceS: 30,
      ...more,
    },
    { clock: () => NOW, cooldownMs },
  )

const GOOD = { sub: 'ana', roles: ['analyst'], tenant: 'acme', aud: 'catenary', exp: S + 300, iat: S, nbf: S }
const token = (
  claims: object = {},
  { key = first.privateKey as KeyObject, kid = 'one', alg = 'RS256' } = {},
): Promise<string> => new SignJWT({ iss: issuer, ...GOOD, ...claims }).setProtectedHeader({ alg, kid }).sign(key)
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a token of the provider', () => {
  it('says who its bearer is, what they may do, and whose they are', async () => {
    expect(await oidc().identify(await token())).toEqual({ kind: 'token', id: 'ana', role: 'analyst', tenant: 'acme' })
  })

  it.each([
    ['expired', { exp: S - 31 }, /expired/],
    ['without an end', { exp: undefined }, /claim exp/],
    ['not yet good', { nbf: S + 31 }, /claim nbf/],
    ['for another audience', { aud: 'payroll' }, /claim aud/],
    ['for no audience', { aud: undefined }, /claim aud/],
    ['of another issuer', { iss: 'https://evil.example' }, /claim iss/],
    ['of nobody', { sub: undefined }, /claim sub/],
    ['without a role', { roles: undefined }, /claim roles/],
    ['with a role that is none', { roles: ['root', '__proto__', 'constructor'] }, /claim roles/],
    ['without a tenant', { tenant: undefined }, /claim tenant/],
    ['with a tenant that is none', { tenant: ['acme', 'globex'] }, /claim tenant/],
    ['with every tenant', { tenant: '*' }, /claim tenant/],
  ])('that is %s opens nothing', async (_, claims, why) => {
    expect(await oidc().identify(await token(claims))).toEqual(REFUSED(why))
  })

  it('may be half a minute off the clock', async () => {
    expect(await oidc().identify(await token({ exp: S - 29 }))).toMatchObject({ id: 'ana' })
    expect(await oidc().identify(await token({ nbf: S + 29 }))).toMatchObject({ id: 'ana' })
  })

  it('that is not signed opens nothing', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      const unsigned = `${part({ alg, kid: 'one' })}.${part({ iss: issuer, ...GOOD })}.`
      expect(await oidc().identify(unsigned)).toEqual(REFUSED(/./))
    }
  })

  it('that is signed with the public key as if it were a secret opens nothing', async () => {
    for (const secret of [
      first.publicKey.export({ type: 'spki', format: 'pem' }),
      JSON.stringify(await exportJWK(first.publicKey)),
    ]) {
      const body = `${part({ alg: 'HS256', kid: 'one' })}.${part({ iss: issuer, ...GOOD })}`
      const forged = `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
      expect(await oidc().identify(forged)).toEqual(REFUSED(/signed in a way/))
    }
  })

  it('that brings its own key opens nothing', async () => {
    const jwk = await exportJWK(stranger.publicKey)
    const own = await new SignJWT({ iss: issuer, ...GOOD })
      .setProtectedHeader({ alg: 'RS256', jwk, kid: 'one' })
      .sign(stranger.privateKey)
    expect(await oidc().identify(own)).toEqual(REFUSED(/not one of the provider/))
    expect(await oidc().identify(await token({}, { key: stranger.privateKey, kid: 'two' }))).toEqual(
      REFUSED(/not one of/),
    )
  })

  it('that was changed opens nothing', async () => {
    const [head, , tail] = (await token()).split('.')
    const more = part({ iss: issuer, ...GOOD, roles: ['admin'] })
    expect(await oidc().identify(`${head}.${more}.${tail}`)).toEqual(REFUSED(/not one of/))
    expect(await oidc().identify(`${head}.${more}`)).toEqual(REFUSED(/./))
    expect(await oidc().identify('..')).toEqual(REFUSED(/./))
  })

  it('is taken by algorithms that are named alone', async () => {
    expect(await oidc({ algorithms: ['ES256'] }).identify(await token())).toEqual(REFUSED(/signed in a way/))
  })
})

describe('the keys of the provider', () => {
  it('are read once for many tokens, and again when there is a new one', async () => {
    const judge = oidc()
    for (let i = 0; i < 5; i += 1) expect(await judge.identify(await token())).toMatchObject({ id: 'ana' })
    expect(asked).toBe(1)
    published = [{ kid: 'two', key: second.publicKey }]
    expect(await judge.identify(await token({}, { key: second.privateKey, kid: 'two' }))).toMatchObject({ id: 'ana' })
    expect(asked).toBe(2)
    expect(await judge.identify(await token())).toEqual(REFUSED(/not one of/))
  })

  it('are not read again for every guess', async () => {
    const judge = oidc({}, 60_000)
    await judge.identify(await token())
    for (let i = 0; i < 20; i += 1)
      await judge.identify(await token({}, { key: stranger.privateKey, kid: `guess-${i}` }))
    expect(asked).toBe(1)
  })

  it('that cannot be had are no fault of the caller', async () => {
    isAway = true
    const judge = oidc()
    await expect(judge.identify(await token())).rejects.toMatchObject({ code: 'CAT_SOURCE_UNAVAILABLE' })
    isAway = false
    expect(await judge.identify(await token())).toMatchObject({ id: 'ana' })
  })
})

describe('claims', () => {
  it.each([
    [{ roles: { soc: 'analyst', boss: 'admin' } }, { roles: ['soc', 'other', 'boss'] }, { role: 'admin' }],
    [{ roles: { soc: 'analyst' } }, { roles: ['admin'] }, REFUSED(/claim roles/)],
    [{ roleClaim: 'realm_access.roles' }, { realm_access: { roles: ['viewer', 'responder'] } }, { role: 'responder' }],
    [{ roleClaim: 'https://acme.example/roles' }, { 'https://acme.example/roles': 'viewer' }, { role: 'viewer' }],
    [{}, { roles: ['ingest', 'viewer'] }, { role: 'viewer' }],
    [{ tenantClaim: 'org.id' }, { org: { id: 'globex' } }, { tenant: 'globex' }],
    [{ tenant: 'acme' }, { tenant: undefined }, { tenant: 'acme' }],
    [{ tenant: '*' }, { tenant: undefined }, { tenant: null }],
    [{ tenant: '*' }, { tenant: 'globex' }, { tenant: 'globex' }],
  ])('are read as %j says', async (settings, claims, expected) => {
    expect(await oidc(settings as Partial<Provider>).identify(await token(claims))).toMatchObject(expected)
  })
})
