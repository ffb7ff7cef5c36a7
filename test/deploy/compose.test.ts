import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { detectors } from '../../detectors/index.ts'
import { run } from '../../src/cli/run.ts'
import { readConfig, SETTINGS } from '../../src/config/index.ts'

interface Service {
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly network_mode?: string
  readonly profiles?: readonly string[]
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}

interface Scraping {
  readonly rule_files: readonly string[]
  readonly scrape_configs: readonly {
    readonly job_name: string
    readonly static_configs: readonly { readonly targets: readonly string[] }[]
  }[]
}

const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}
const services = Object.entries(compose.services)
const own = services.filter(([, { image }]) => image === 'catenary')

const imageOf = (name: string): string | undefined => compose.services[name]?.image

/** What Compose puts in place of a variable that must be set. */
const filled = (text: string): string => text.replace(/\$\{[A-Z_]+:\?[^}]*\}/g, '00112233445566778899aabbccddeeff')

const envOf = ({ environment = {} }: Service): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, filled(value)]))

describe('docker-compose.yml', () => {
  it('has Kafka, ClickHouse, two consumers, the API, and what prepares them', () => {
    const always = services.filter(([, { profiles = [] }]) => profiles.length === 0)
    expect(always.map(([name]) => name).sort()).toEqual(
      ['api', 'clickhouse', 'consumer-1', 'consumer-2', 'kafka', 'migrate', 'topics'].sort(),
    )
    expect(imageOf('kafka')).toBe('apache/kafka:4.1.0')
    expect(imageOf('clickhouse')).toMatch(/^clickhouse\/clickhouse-server:25\.\d+$/)
  })

  it.each(['kafka', 'clickhouse', 'consumer-1', 'consumer-2', 'api', 'prometheus', 'grafana'])(
    'looks after the health of %s',
    (name) => {
      expect(compose.services[name]?.healthcheck?.test?.[0]).toBe('CMD')
    },
  )

  it.each(['consumer-1', 'consumer-2', 'api'])('starts %s when topics and schema are there', (name) => {
    expect(compose.services[name]?.depends_on).toEqual({
      topics: { condition: 'service_completed_successfully' },
      migrate: { condition: 'service_completed_successfully' },
    })
  })

  it.each(own)('gives %s settings that there are, and that go together', (_, service) => {
    const env = envOf(service)
    const known = SETTINGS.map(({ variable }) => variable)
    expect(Object.keys(env).filter((name) => !known.includes(name))).toEqual([])
    const { config } = readConfig({ env, folder: '/nowhere', detectors })
    expect(config.mode).toBe('cluster')
  })

  it.each(own)('gives %s a command that there is', async (_, { command = [] }) => {
    let printed = ''
    const out = { write: (text: string) => (printed += text) }
    expect(await run([...command, '--help'], { stdout: out, stderr: out, env: {} })).toBe(0)
    expect(printed).toContain(`catenary ${command.filter((word) => /^[a-z]+$/.test(word)).join(' ')}`)
  })

  it('opens no port to other machines, and keeps data in volumes', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
    const mounted = services.flatMap(([, service]) => service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '')
    const files = mounted.filter((path) => path.startsWith('./'))
    expect(mounted.filter((path) => !files.includes(path)).sort()).toEqual(Object.keys(compose.volumes).sort())
    expect(files.filter((path) => !existsSync(path))).toEqual([])
  })

  it.each([
    [200, 0],
    [503, 1],
  ])('takes a consumer whose /readyz answers %i as its health check ends with %i', async (status, code) => {
    const server = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const [, consumer] = services.find(([name]) => name === 'consumer-1') ?? []
    const [, ...command] = consumer?.healthcheck?.test ?? []
    const { port } = server.address() as AddressInfo
    const [file = '', ...args] = command.map((word) => word.replaceAll('$$', '$'))
    const child = spawn(file, args, { env: { ...process.env, CATENARY_API__PORT: String(port) } })
    expect(await once(child, 'exit')).toEqual([code, null])
    server.close()
  })

  it('asks each process on a port of its own whether it is ready, and lets Prometheus scrape each', () => {
    const serving = own.filter(([, { command }]) => command?.[0] === 'serve')
    const ports = serving.map(([, service]) => envOf(service)['CATENARY_API__PORT'])
    expect(new Set(ports).size).toBe(3)
    for (const [, { healthcheck, network_mode: network }] of serving) {
      expect(healthcheck?.test?.join(' ')).toContain('$${process.env.CATENARY_API__PORT}/readyz')
      expect(network).toBe('host')
    }
    const { rule_files: files, scrape_configs: jobs } = parse(
      readFileSync('deploy/prometheus/prometheus.yml', 'utf8'),
    ) as Scraping
    const targets = jobs.flatMap(({ static_configs: all }) => all.flatMap((one) => one.targets))
    expect(targets.sort()).toEqual(ports.map((port) => `127.0.0.1:${port}`).sort())
    expect(files.filter((name) => !existsSync(`deploy/prometheus/${name}`))).toEqual([])
    for (const { job_name: job } of jobs) expect(job).toMatch(/^catenary/)
  })

  it('holds no secret', () => {
    for (const [, { environment = {} }] of services)
      for (const [name, value] of Object.entries(environment))
        if (/PASSWORD|__KEY/.test(name)) expect(value).toMatch(/^\$\{[A-Z_]+:\?/)
  })
})

describe('the Dockerfile', () => {
  const text = readFileSync('Dockerfile', 'utf8')

  it('copies what there is, and what .dockerignore lets through', () => {
    const letThrough = readFileSync('.dockerignore', 'utf8').matchAll(/^!(.+)$/gm)
    const known = [...letThrough].map(([, path = '']) => path)
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '))
    expect(copied.filter((path) => !existsSync(path))).toEqual([])
    expect(copied.filter((path) => !known.includes(path))).toEqual([])
  })

  it('runs as a user of few rights, and says how it is', () => {
    const last = text.slice(text.lastIndexOf('\nFROM '))
    expect(last).toMatch(/^USER node$/m)
    expect(last).toMatch(/^HEALTHCHECK /m)
  })
})
