import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Agent, request } from 'undici'
import { detectors } from '../../detectors/index.ts'
import { keysOf } from '../../src/access/keys.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { run } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config/index.ts'
import type { Role } from '../../src/core/index.ts'
import { startService } from '../../src/service.ts'
import { type Certificate, makeCertificate } from './certificates.ts'

/** A service that runs, for programs that ask it over its API. */
export interface AskedService {
  readonly url: string
  readonly folder: string
  /** What the service's own settings say, as variables. */
  readonly env: Readonly<Record<string, string>>
  readonly certificate: Certificate | null
  key(role: Role, tenant?: string): Promise<string>
  /** Sends events of a tenant. */
  send(body: string | Buffer, tenant?: string): Promise<void>
  stop(): Promise<void>
}

const silent = pino({ level: 'silent' })

/** Starts one that asks for keys, on a free port and a memory store; over TLS where it is said. */
export async function askedService({ tls = false } = {}): Promise<AskedService> {
  const folder = mkdtempSync(join(tmpdir(), 'catenary-asked-'))
  const certificate = tls ? makeCertificate(folder, 'localhost') : null
  const env = {
    CATENARY_DATA__PATH: join(folder, 'data'),
    CATENARY_API__PORT: '0',
    CATENARY_AUTH__REQUIRED: 'true',
    CATENARY_STORE__BATCH_MS: '0',
    ...(certificate === null
      ? {}
      : { CATENARY_API__TLS_CERT_FILE: certificate.certFile, CATENARY_API__TLS_KEY_FILE: certificate.keyFile }),
  }
  const { config } = readConfig({ env, folder, detectors })
  const store = createMemoryStore()
  const first = await keysOf(store, Date.now).create({
    name: 'first',
    role: 'admin',
    tenant: null,
    expiresAt: null,
    by: { kind: 'local', id: 'test' },
  })
  const service = await startService(config, { version: 'test', store, logger: silent })
  const post = (path: string, key: string, body: string | Buffer, type: string): Promise<string> =>
    posted(`${service.url}/${path}`, { key, body, type, isTls: tls })
  const made = async (role: Role, tenant?: string): Promise<string> => {
    const query = tenant === undefined ? '' : `?tenant=${tenant}`
    const wanted = JSON.stringify({ name: role, role, all_tenants: tenant === undefined })
    return (JSON.parse(await post(`v1/keys${query}`, first.key, wanted, 'application/json')) as { key: string }).key
  }
  const port = new URL(service.url).port
  return {
    url: service.url,
    folder,
    env: { ...env, CATENARY_API__PORT: port },
    certificate,
    key: made,
    async send(body, tenant = 'default') {
      await post('v1/events', await made('ingest', tenant), body, 'application/x-ndjson')
    },
    async stop() {
      await service.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Post {
  readonly key: string
  readonly body: string | Buffer
  readonly type: string
  readonly isTls: boolean
}

async function posted(url: string, { key, body, type, isTls }: Post): Promise<string> {
  const dispatcher = new Agent({ connect: isTls ? { rejectUnauthorized: false } : {} })
  try {
    const { statusCode, body: told } = await request(url, {
      method: 'POST',
      dispatcher,
      headers: { authorization: `Bearer ${key}`, 'content-type': type },
      body,
    })
    const text = await told.text()
    if (statusCode !== 200 && statusCode !== 201) throw new Error(`${url} answers ${statusCode}: ${text}`)
    return text
  } finally {
    await dispatcher.close()
  }
}

/** The events of the example. */
export const EXAMPLE = readFileSync('test/fixtures/example.ndjson')

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Outside {
  readonly env?: Readonly<Record<string, string>>
  readonly isTTY?: boolean
  readonly columns?: number
  readonly stop?: AbortSignal
  /** Told of each piece of standard output. */
  readonly onOut?: (text: string) => void
}

/** Runs one command line in this process. */
export async function catenary(argv: readonly string[], outside: Outside = {}): Promise<Said> {
  const out: string[] = []
  const err: string[] = []
  const { env = {}, isTTY, columns, stop, onOut } = outside
  const code = await run(argv, {
    stdout: {
      write: (text: string) => {
        out.push(text)
        onOut?.(text)
      },
      isTTY,
      columns,
    },
    stderr: { write: (text: string) => err.push(text) },
    env,
    stop,
  })
  return { code, out: out.join(''), err: err.join('') }
}
