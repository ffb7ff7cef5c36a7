import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { isLoopback, refuseUnguarded } from '../../src/config/loopback.ts'
import { type ConfigSources, readConfig } from '../../src/config/read-config.ts'

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-config-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (sources: Partial<ConfigSources>) => readConfig({ env: {}, folder, detectors, ...sources })

function fileOf(text: string): string {
  const path = join(folder, 'given.json')
  writeFileSync(path, text)
  return path
}

const mistakes = (sources: Partial<ConfigSources>): string => {
  try {
    read(sources)
    return 'none'
  } catch (error) {
    return (error as Error).message
  }
}

describe('the configuration', () => {
  it('needs nothing to be set', () => {
    const { config, origins } = read({})
    expect(config.api).toMatchObject({ host: '127.0.0.1', port: 8321, maxBodyBytes: 16_777_216 })
    expect(config.data.path).toBe('.catenary')
    expect(config.clickhouse.url).toBeUndefined()
    expect(origins.get('api.port')).toMatchObject({ from: 'default' })
  })

  it('takes a flag over the environment, that over the file, and that over the default', () => {
    const file = fileOf('{"api":{"port":1,"host":"127.0.0.2"},"log":{"level":"warn"}}')
    const env = { CATENARY_API__PORT: '2', CATENARY_LOG__LEVEL: 'error' }
    const { config, origins } = read({ file, env, flags: { 'api.port': { flag: '--port', value: '3' } } })
    expect(config.api).toMatchObject({ port: 3, host: '127.0.0.2' })
    expect(config.log.level).toBe('error')
    expect(origins.get('api.port')).toEqual({ from: 'flag', name: '--port' })
    expect(origins.get('log.level')).toEqual({ from: 'env', name: 'CATENARY_LOG__LEVEL' })
    expect(origins.get('api.host')).toMatchObject({ from: 'file' })
  })

  it('takes retention by tenant from the file, and as JSON from the environment', () => {
    const file = fileOf('{"retention":{"days":90,"tenants":{"acme":30}}}')
    expect(read({ file }).config.retention).toEqual({ days: 90, tenants: { acme: 30 } })
    const env = { CATENARY_RETENTION__TENANTS: '{"acme":7,"globex":0}' }
    expect(read({ file, env }).config.retention).toEqual({ days: 90, tenants: { acme: 7, globex: 0 } })
    expect(mistakes({ env: { CATENARY_RETENTION__TENANTS: '{"acme":-1}' } })).toMatch(
      /CATENARY_RETENTION__TENANTS: acme: must be at least 0/,
    )
    expect(mistakes({ env: { CATENARY_RETENTION__TENANTS: 'acme' } })).toMatch(/must be an object/)
  })

  it('cannot be changed once it is read', () => {
    const { config } = read({ file: fileOf('{"detectors":{"secret-harvest":{"minSecrets":3}}}') })
    expect(() => Object.assign(config.api, { port: 1 })).toThrow(TypeError)
    expect(() => Object.assign(config.detectors['secret-harvest'] as object, { minSecrets: 1 })).toThrow(TypeError)
  })

  it('reads the file that CATENARY_CONFIG names, and catenary.json of the working folder', () => {
    const named = fileOf('{"api":{"port":11}}')
    expect(read({ env: { CATENARY_CONFIG: named } }).config.api.port).toBe(11)
    writeFileSync(join(folder, 'catenary.json'), '\uFEFF{"api":{"port":12}}')
    expect(read({}).config.api.port).toBe(12)
    rmSync(join(folder, 'catenary.json'))
  })

  it('takes what is in no section, and lists, from the file', () => {
    const file = fileOf('{"mode":"embedded","roles":["api"],"kafka":{"brokers":["kafka-1:9092"]}}')
    const { config, origins } = read({ file })
    expect(config.roles).toEqual(['api'])
    expect(config.kafka.brokers).toEqual(['kafka-1:9092'])
    expect(origins.get('roles')).toMatchObject({ from: 'file' })
    expect(mistakes({ file: fileOf('{"mode":{"cluster":true}}') })).toMatch(/given\.json: mode: must be one of/)
  })

  it('counts an empty variable as not given', () => {
    expect(read({ env: { CATENARY_API__PORT: '', CATENARY_CONFIG: '' } }).config.api.port).toBe(8321)
  })

  it('tells every mistake at once, each by the name under which it was made', () => {
    const told = mistakes({
      file: fileOf('{"store":{"batchRows":"many"},"detectors":{"secret-harvets":{}}}'),
      env: { CATENARY_API__PORT: '99999', CATENARY_API__PROT: '1', CATENARY_LOG__LEVEL: 'loud' },
      flags: { 'data.path': { flag: '--data', value: '' } },
    })
    expect(told).toContain('6 settings are wrong')
    expect(told).toMatch(/CATENARY_API__PORT: must be at most 65535/)
    expect(told).toMatch(/CATENARY_API__PROT: .*did you mean CATENARY_API__PORT\?/)
    expect(told).toMatch(/CATENARY_LOG__LEVEL: must be one of trace, debug/)
    expect(told).toMatch(/--data: must not be empty/)
    expect(told).toMatch(/given\.json: store\.batchRows: must be a whole number/)
    expect(told).toMatch(/secret-harvets: there is no such detector; did you mean secret-harvest\?/)
  })

  it.each(['abc', '-1', '1.5', '0x10', '1e3', 'NaN', ' ', '8321 8322'])('refuses %j as a port', (port) => {
    expect(mistakes({ env: { CATENARY_API__PORT: port } })).toContain('must be a whole number')
  })

  it('repeats no value, so that a misplaced secret is not printed', () => {
    const told = mistakes({
      env: { CATENARY_LOG__LEVEL: 'hunter2', CATENARY_CLICKHOUSE__URL: 'hunter2', CATENARY_PASSWORD: 'hunter2' },
    })
    expect(told).toContain('3 settings are wrong')
    expect(told).not.toContain('hunter2')
    expect(mistakes({ file: fileOf('{"content": {"key": "hunter2"') })).not.toContain('hunter2')
  })

  it.each([
    ['an unknown section', '{"apy":{"port":1}}', 'did you mean api?'],
    ['an unknown key', '{"api":{"prot":1}}', 'did you mean api.port?'],
    ['a section that is no object', '{"api":8321}', 'must be an object'],
    ['a list', '[]', 'one JSON object'],
    ['a file cut short', '{"api":', 'is not JSON'],
  ])('refuses %s in the file', (_, text, hint) => {
    expect(mistakes({ file: fileOf(text) })).toContain(hint)
  })

  it('refuses a named file that is not there', () => {
    expect(mistakes({ file: join(folder, 'no.json') })).toMatch(/no\.json: cannot be read \(ENOENT\)/)
  })

  it('lists the options of a detector that was given a wrong one', () => {
    const told = mistakes({ file: fileOf('{"detectors":{"secret-harvest":{"minSecretz":1,"minSecrets":0}}}') })
    expect(told).toContain('minSecretz')
    expect(told).toContain('detectors.secret-harvest.minSecrets')
    expect(told).toContain('its options are minSecrets, minAfterList')
  })
})

describe('an address to listen on', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '[::1]', 'localhost', 'LOCALHOST'])(
    '%s is of this machine alone',
    (host) => {
      expect(isLoopback(host)).toBe(true)
    },
  )

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.org', '127.evil.example', '::ffff:192.0.2.1', ''])(
    '%s is refused without auth and TLS, and what to do is said',
    (host) => {
      expect(() => refuseUnguarded(reach({ host }))).toThrow(
        /CATENARY_AUTH__REQUIRED.*CATENARY_API__TLS_CERT_FILE.*CATENARY_API__HOST/s,
      )
    },
  )

  it('is refused for what is missing alone', () => {
    const host = '0.0.0.0'
    expect(() => refuseUnguarded(reach({ host }, true))).toThrow(/^(?!.*AUTH__REQUIRED).*TLS_CERT_FILE/s)
    expect(() => refuseUnguarded(reach({ host, trustedProxies: '10.0.0.7' }))).toThrow(
      /^(?!.*TLS_CERT).*AUTH__REQUIRED/s,
    )
  })

  it('is taken with auth, and TLS of its own or a proxy that is declared', () => {
    const host = '0.0.0.0'
    expect(() => refuseUnguarded(reach({ host, tlsCertFile: 'c.pem', tlsKeyFile: 'k.pem' }, true))).not.toThrow()
    expect(() => refuseUnguarded(reach({ host, trustedProxies: '10.0.0.0/8,fd00::1' }, true))).not.toThrow()
  })

  it.each([
    ['CATENARY_API__TLS_KEY_FILE', { CATENARY_API__TLS_CERT_FILE: 'c.pem' }],
    ['CATENARY_API__TLS_CERT_FILE', { CATENARY_API__TLS_KEY_FILE: 'k.pem' }],
    ['CATENARY_API__TRUSTED_PROXIES', { CATENARY_API__TRUSTED_PROXIES: '10.0.0.0/33' }],
    ['CATENARY_API__TRUSTED_PROXIES', { CATENARY_API__TRUSTED_PROXIES: 'proxy.example' }],
    ['CATENARY_API__CORS_ORIGINS', { CATENARY_API__CORS_ORIGINS: '*' }],
  ])('needs a %s that goes with the rest', (name, env) => {
    expect(mistakes({ env })).toContain(`${name}: `)
  })
})

const reach = (api: { readonly host: string; readonly [key: string]: string }, required = false) => {
  const variable = (key: string): string => `CATENARY_API__${key.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`
  const env = Object.fromEntries(
    Object.entries(api)
      .filter(([, value]) => value !== '')
      .map(([key, value]) => [variable(key), value]),
  )
  const { config } = readConfig({ env: { ...env, CATENARY_AUTH__REQUIRED: String(required) }, detectors })
  return { ...config, api: { ...config.api, host: api.host } }
}
