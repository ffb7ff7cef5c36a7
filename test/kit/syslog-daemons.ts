import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Certificate } from './certificates.ts'

/** A syslog daemon as Debian has it, and what it needs beside what is installed. */
interface Daemon {
  readonly program: string
  readonly packages: readonly string[]
}

const DAEMONS = {
  rsyslog: {
    program: 'usr/sbin/rsyslogd',
    packages: ['libestr0', 'libfastjson4', 'liblognorm5', 'rsyslog', 'rsyslog-gnutls'],
  },
  'syslog-ng': {
    program: 'usr/sbin/syslog-ng',
    packages: ['libivykis0', 'libnet1', 'libpcre3', 'libwrap0', 'syslog-ng-core'],
  },
} as const satisfies Readonly<Record<string, Daemon>>

export type DaemonName = keyof typeof DAEMONS

const CACHE = resolve('node_modules/.cache/catenary')

/** The folder with a daemon's files: Debian's packages, unpacked and not installed, for the two exclude each other. */
const homeOf = (name: DaemonName): string => join(CACHE, `debian-${name}`)

/** Why a daemon cannot be had on this machine; null when it can. Fetches it when it is asked for first. */
export function whyNo(name: DaemonName): string | null {
  const home = homeOf(name)
  if (existsSync(home)) return null
  mkdirSync(CACHE, { recursive: true })
  const draft = mkdtempSync(join(CACHE, `${name}-`))
  try {
    execFileSync('apt-get', ['download', ...DAEMONS[name].packages], { cwd: draft, stdio: 'pipe' })
    for (const file of readdirSync(draft).filter((one) => one.endsWith('.deb')))
      execFileSync('dpkg-deb', ['-x', join(draft, file), draft], { stdio: 'pipe' })
    execFileSync(join(draft, DAEMONS[name].program), [name === 'rsyslog' ? '-v' : '-V'], {
      env: libraries(draft),
      stdio: 'pipe',
    })
    renameSync(draft, home)
    return null
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    return existsSync(home)
      ? null
      : `${name} is not to be had from Debian's packages: ${(error as Error).message.split('\n')[0]}`
  }
}

const LIB = 'usr/lib/x86_64-linux-gnu'
const libraries = (home: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  LD_LIBRARY_PATH: [LIB, 'lib/x86_64-linux-gnu', 'usr/lib/syslog-ng'].map((one) => join(home, one)).join(':'),
})

export interface TestCollector {
  readonly port: number
  /** The lines it wrote: MSGID, structured data and MSG, with a tab between. */
  lines(): readonly string[]
  stop(): Promise<void>
}

export interface CollectorParts {
  readonly name: DaemonName
  readonly folder: string
  readonly port: number
  /** Else plain TCP. */
  readonly tls?: Certificate
}

/** A daemon that takes RFC 5424 over TCP or TLS, and writes what it took to a file. */
export async function startCollector({ name, folder, port, tls }: CollectorParts): Promise<TestCollector> {
  const home = homeOf(name)
  const out = join(folder, `${name}-${port}.log`)
  const conf = join(folder, `${name}-${port}.conf`)
  writeFileSync(conf, name === 'rsyslog' ? rsyslogConf(home, out, port, tls) : syslogNgConf(out, port, tls))
  const argv =
    name === 'rsyslog'
      ? ['-n', '-f', conf, '-i', 'NONE', '-M', join(home, LIB, 'rsyslog')]
      : ['-F', '-f', conf, '--no-caps', '-R', `${conf}.persist`, '-p', `${conf}.pid`, '-c', `${conf}.ctl`].concat([
          `--module-path=${join(home, 'usr/lib/syslog-ng', readdirSync(join(home, 'usr/lib/syslog-ng')).find((one) => /^\d/.test(one)) ?? '')}`,
        ])
  const child = spawn(join(home, DAEMONS[name].program), argv, {
    env: libraries(home),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()))
  await listening(child, port, () => said)
  return {
    port,
    lines: () => (existsSync(out) ? readFileSync(out, 'utf8').trimEnd().split('\n') : []).filter((line) => line !== ''),
    async stop() {
      if (child.exitCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}

async function listening(child: ChildProcess, port: number, said: () => string): Promise<void> {
  for (const end = Date.now() + 30_000; ; await delay(50)) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`the collector does not listen: ${said()}`)
    const socket = connect({ host: '127.0.0.1', port })
    const isUp = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isUp) return
  }
}

const rsyslogConf = (home: string, out: string, port: number, tls?: Certificate): string => `
global(maxMessageSize="64k" ${tls === undefined ? '' : `defaultNetstreamDriverCAFile="${tls.certFile}" defaultNetstreamDriverCertFile="${tls.certFile}" defaultNetstreamDriverKeyFile="${tls.keyFile}"`})
module(load="${join(home, LIB, 'rsyslog')}/imtcp" ${tls === undefined ? '' : 'StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"'})
template(name="plain" type="list") {
  property(name="msgid") constant(value="\\t") property(name="structured-data") constant(value="\\t") property(name="msg") constant(value="\\n")
}
input(type="imtcp" port="${port}" address="127.0.0.1" SupportOctetCountedFraming="on")
*.* action(type="omfile" file="${out}" template="plain")
`

const syslogNgConf = (out: string, port: number, tls?: Certificate): string => `@version: 3.38
options { log-msg-size(65536); flush-lines(1); };
source s { syslog(ip("127.0.0.1") port(${port}) transport("${tls === undefined ? 'tcp' : 'tls'}")
  ${tls === undefined ? '' : `tls(key-file("${tls.keyFile}") cert-file("${tls.certFile}") peer-verify(optional-untrusted))`}); };
destination d { file("${out}" template("\${MSGID}\\t\${SDATA}\\t\${MSG}\\n")); };
log { source(s); destination(d); };
`
