import { readFileSync } from 'node:fs'
import { access, constants, mkdir } from 'node:fs/promises'
import { Agent } from 'node:https'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { CatenaryError } from '../../core/index.ts'
import { likelyHolder, provenHolder } from './data-lock.ts'

/** chdb types itself against `@clickhouse/client-common`, the client against its own copy of the same interface. */
type Injected = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>

/** The client would print what it sent and what was answered; errors are told by those who catch them. */
const SILENT = { level: ClickHouseLogLevel.OFF }

/** A ClickHouse server. The database must exist; whether it is a replicated one is the operator's choice. */
export interface ServerAddress {
  /** `http://host:8123` or `https://host:8443`. */
  readonly url: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly database?: string | undefined
  /** A PEM file of the authorities to trust instead of the system's. */
  readonly caFile?: string | undefined
  /** Whether its certificate has to be one that is trusted. Default true. */
  readonly verify?: boolean | undefined
  /** Whether bodies go gzipped both ways. Default true. */
  readonly compression?: boolean | undefined
  /** How long an answer may take, in milliseconds. Default one minute. */
  readonly timeoutMs?: number | undefined
  /** The cluster it belongs to; see `forCluster`. */
  readonly cluster?: string | undefined
}

const MAX_QUERY = String(32 * 1024 * 1024)

/** A commit writes to nine tables at once, and the API reads beside it. */
const MAX_CONNECTIONS = 32

/** ClickHouse over HTTP(S). Opens no socket until it is asked something. Throws `CatenaryError` `CAT_CONFIG`. */
export function connectServer(address: ServerAddress): ClickHouseClient {
  const { url, user, password, database, compression = true, timeoutMs = 60_000, cluster } = address
  const security = securityOf(address)
  try {
    return createClient({
      url,
      ...(user === undefined ? {} : { username: user }),
      ...(password === undefined ? {} : { password }),
      ...(database === undefined ? {} : { database }),
      ...security,
      application: 'catenary',
      log: SILENT,
      // Below what is common for load balancers, so that an idle socket is not used after they closed it.
      keep_alive: { idle_socket_ttl: 2_500 },
      compression: { request: compression, response: compression },
      request_timeout: timeoutMs,
      max_open_connections: MAX_CONNECTIONS,
      clickhouse_settings: {
        // An error half way is then a status, not the end of the rows.
        wait_end_of_query: 1,
        // Nobody waits for it any more.
        cancel_http_readonly_queries_on_client_close: 1,
        max_execution_time: Math.ceil(timeoutMs / 1_000),
        // Rows written under a claim are part of the statement: a chunk, in UTF-8.
        max_query_size: MAX_QUERY,
        // A subquery is about all shards; what was written is there when the answer comes.
        ...(cluster === undefined ? {} : { distributed_product_mode: 'global', distributed_foreground_insert: 1 }),
      },
    })
  } catch (error) {
    throw new CatenaryError('CAT_CONFIG', `The ClickHouse address is none: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** The client has no setting for a certificate that is not verified, so that needs an agent. */
function securityOf({ url, caFile, verify = true }: ServerAddress): Partial<Parameters<typeof createClient>[0]> {
  if (!url.startsWith('https:')) return {}
  if (!verify)
    return { http_agent: new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: MAX_CONNECTIONS }) }
  return caFile === undefined ? {} : { tls: { ca_cert: authorities(caFile) } }
}

function authorities(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new CatenaryError(
      'CAT_CONFIG',
      `${file}: cannot be read (${(cause as NodeJS.ErrnoException).code}); set clickhouse.caFile to a PEM file of the authorities to trust`,
      { cause },
    )
  }
}

/**
 * ClickHouse inside this process, on one data directory, made if it is missing. Loaded only when asked for: the engine
 * weighs half a gigabyte. Throws `CatenaryError` `CAT_CONFIG` when the engine is not installed, `CAT_STORE_UNAVAILABLE`
 * when the directory cannot be used or another process holds it.
 */
export async function connectEmbedded(path: string): Promise<ClickHouseClient> {
  await checkDirectory(path)
  const holder = await provenHolder(path)
  if (holder !== null) throw heldBy(holder, path)
  const { createChdbConnection } = await loadEngine()
  try {
    return createClient({ log: SILENT, connection: createChdbConnection({ path }) as unknown as Injected })
  } catch (error) {
    throw await refused(path, error)
  }
}

async function loadEngine(): Promise<typeof import('chdb/connection')> {
  try {
    return await import('chdb/connection')
  } catch (error) {
    throw new CatenaryError(
      'CAT_CONFIG',
      'The embedded ClickHouse is not installed. Run `npm install chdb@3.4.0` (Linux with glibc, or macOS), or name a ClickHouse server.',
      { cause: error },
    )
  }
}

/** The engine says only that it could not open a directory, so what can be known beforehand is asked beforehand. */
async function checkDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new CatenaryError(
      'CAT_STORE_UNAVAILABLE',
      `The data directory ${path} cannot be read and written (${(error as NodeJS.ErrnoException).code}). Name another, or give this user the rights to it.`,
      { cause: error, retry: 'later' },
    )
  }
}

async function refused(path: string, cause: unknown): Promise<CatenaryError> {
  const holder = await likelyHolder(path)
  if (holder !== null) return heldBy(holder, path, cause)
  return new CatenaryError(
    'CAT_STORE_UNAVAILABLE',
    `The embedded ClickHouse could not open the data directory ${path}. Another process may hold it, this process may hold another one, or the directory is not a store: stop the other, or name a new directory.`,
    { cause, retry: 'later', details: { path } },
  )
}

const heldBy = (pid: number, path: string, cause?: unknown): CatenaryError =>
  new CatenaryError(
    'CAT_STORE_UNAVAILABLE',
    `Another process (${pid}) holds the data directory ${path}. Stop it, or name another directory: one process owns a directory at a time.`,
    { cause, retry: 'later', details: { path, pid } },
  )
