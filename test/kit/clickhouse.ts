import { type ChildProcess, execFile, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { createClient } from '@clickhouse/client'

/** What goes wrong from now on, until the next one is set; `{}` is nothing. */
export interface Fault {
  /** Connections are refused, and those there are cut off. */
  readonly away?: boolean
  /** Every answer waits this long. */
  readonly slowMs?: number
  /** This share of inserts fails, the same ones for the same seed; `after` means that they were done all the same. */
  readonly inserts?: {
    readonly share: number
    readonly seed: number
    readonly when: 'before' | 'after'
    /** A connection cut without an answer, or status 500 with code 210. */
    readonly answer: 'cut' | 'error'
  }
  /** The first statement that fits is kept back until the next fault is set; `held` tells whose it was. */
  readonly hold?: {
    /** How the path begins that it is asked at: `?pathname=/name` in the address that a process is given. */
    readonly who: string
    /** A part of its text. */
    readonly sql: string
    /** Before it is done, or when it is done and not answered yet. */
    readonly when: 'before' | 'after'
    /** One that was kept `before` is done in the end though who sent it is gone. */
    readonly late?: boolean
  }
  /** Inserts answered by 243, all that writes by 164, or everything by 516. */
  readonly refuse?: 'disk-full' | 'read-only' | 'wrong-password'
}

/** Since the process was started. */
export interface FaultCounts {
  readonly inserts: number
  readonly failedBefore: number
  readonly failedAfter: number
}

export interface TestClickHouse {
  /** Stays the same over `kill` and `restart`. */
  readonly url: string
  readonly user: string
  readonly password: string
  /** A fresh one, made, and gone after `stop` with all whose names begin with its. */
  readonly database: string
  /** Its own certificate, where it was started with `isSecure`: nobody else trusts it. */
  readonly caFile: string | undefined
  readonly faults: {
    set(fault: Fault): Promise<void>
    /** The path of the next statement that is kept back. Asked before the fault is set. */
    held(): Promise<string>
    counts(): Promise<FaultCounts>
  }
  /** SIGKILL. What was answered is kept. */
  kill(): Promise<void>
  /** Starts again on the same port and data, without faults; kills first if it runs. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const FRONT = resolve('test/kit/clickhouse-front/front.mjs')

interface Settings {
  readonly path: string
  readonly upstream: string | undefined
  readonly port: number
  readonly user: string
  readonly password: string
  readonly tls: { readonly cert: string; readonly key: string } | undefined
}

export interface TestClickHouseOptions {
  /** HTTPS, with a certificate of its own. */
  readonly isSecure?: boolean
}

/**
 * A ClickHouse server to test against: the real engine behind ClickHouse's HTTP interface, in a process of its own, with
 * faults on request. Where `CATENARY_TEST_CLICKHOUSE_URL` names a server (`http://user:password@host:8123`), the same
 * front stands before that one, so the faults are the same; `kill` then kills the front.
 */
export async function startClickHouse({ isSecure = false }: TestClickHouseOptions = {}): Promise<TestClickHouse> {
  const path = await mkdtemp(join(tmpdir(), 'catenary-clickhouse-'))
  const upstream = process.env['CATENARY_TEST_CLICKHOUSE_URL']
  const tls = isSecure ? await certify(path) : undefined
  const settings = {
    path: join(path, 'data'),
    tls,
    upstream,
    port: 0,
    user: 'catenary',
    password: 'a password for tests',
  }
  let front = await startFront(settings)
  const { port } = front
  const url = `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}`
  const database = `catenary_test_${randomUUID().replaceAll('-', '')}`
  const client = createClient({ url, username: settings.user, password: settings.password, ...trusting(tls?.cert) })
  const command = async (query: string): Promise<void> => {
    await client.command({ query })
  }
  const databasesOf = async (name: string): Promise<readonly string[]> => {
    const query = 'SELECT name FROM system.databases WHERE startsWith(name, {name:String})'
    const result = await client.query({ query, query_params: { name }, format: 'JSONEachRow' })
    return (await result.json<{ name: string }>()).map((one) => one.name)
  }
  const restart = async (): Promise<void> => {
    await front.kill()
    front = await startFront({ ...settings, port })
  }
  await command(`CREATE DATABASE ${database}`)
  return {
    url,
    user: settings.user,
    password: settings.password,
    database,
    caFile: tls?.cert,
    faults: {
      set: async (fault) => {
        await front.ask({ fault })
      },
      held: () => front.held(),
      counts: () => front.ask({}),
    },
    kill: () => front.kill(),
    restart,
    stop: async () => {
      if (upstream !== undefined) {
        await restart()
        for (const name of await databasesOf(database)) await command(`DROP DATABASE IF EXISTS ${name}`)
      }
      await client.close()
      await front.kill()
      await rm(path, { recursive: true, force: true })
    },
  }
}

const trusting = (cert: string | undefined) => (cert === undefined ? {} : { tls: { ca_cert: readFileSync(cert) } })

/** A key, and a certificate that it signed itself, for two days. */
async function certify(folder: string): Promise<{ readonly cert: string; readonly key: string }> {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const who = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await promisify(execFile)('openssl', ['req', '-x509', ...curve, ...who, '-days', '2', '-out', cert, '-keyout', key])
  return { cert, key }
}

interface Front {
  readonly port: number
  ask(what: { readonly fault?: Fault }): Promise<FaultCounts>
  held(): Promise<string>
  kill(): Promise<void>
}

interface Said {
  readonly id: number
  readonly port: number
  readonly counts: FaultCounts
}

async function startFront(settings: Settings): Promise<Front> {
  const child = fork(FRONT, [JSON.stringify(settings)], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  let asked = 0
  let onCaught: (who: string) => void = () => undefined
  child.on('message', ({ caught }: { caught?: string }) => {
    if (caught !== undefined) onCaught(caught)
  })
  const { port } = await answerTo(child, 0)
  return {
    port,
    ask: async (what) => {
      asked += 1
      const answer = answerTo(child, asked)
      child.send({ ...what, id: asked })
      return (await answer).counts
    },
    held: () =>
      new Promise((done) => {
        onCaught = done
      }),
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** What the child says under a number; its end, where it says no more. */
const answerTo = (child: ChildProcess, id: number): Promise<Said> =>
  new Promise((done, failed) => {
    const onMessage = (said: unknown): void => {
      if ((said as Said).id !== id) return
      stop()
      done(said as Said)
    }
    const onExit = (code: number | null): void => {
      stop()
      failed(new Error(`The ClickHouse of the test ended (${code ?? 'killed'})`))
    }
    const stop = (): void => {
      child.off('message', onMessage)
      child.off('exit', onExit)
    }
    child.on('message', onMessage)
    child.on('exit', onExit)
  })
