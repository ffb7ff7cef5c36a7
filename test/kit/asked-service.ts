import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
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
  const keys = keysOf(store, Date.now)
  const service = await startService(config, { version: 'test', store, logger: silent })
  const made = async (role: Role, tenant?: string): Promise<string> =>
    (
      await keys.create({
        name: role,
        role,
        tenant: tenant ?? null,
        expiresAt: null,
        by: { kind: 'local', id: 'test' },
      })
    ).key
  const port = new URL(service.url).port
  return {
    url: service.url,
    folder,
    env: { ...env, CATENARY_API__PORT: port },
    certificate,
    key: made,
    async send(body, tenant = 'default') {
      const file = await made('ingest', tenant)
      const { code, err } = await posted(service.url, body, file, certificate)
      if (code !== 200) throw new Error(`not sent: ${code} ${err}`)
    },
    async stop() {
      await service.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function posted(url: string, body: string | Buffer, key: string, certificate: Certificate | null) {
  const { Agent, request } = await import('undici')
  const dispatcher = new Agent({ connect: certificate === null ? {} : { rejectUnauthorized: false } })
  try {
    const { statusCode, body: told } = await request(`${url}/v1/events`, {
      method: 'POST',
      dispatcher,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
      body,
    })
    return { code: statusCode, err: await told.text() }
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
