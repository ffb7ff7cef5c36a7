import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const KAFKA_VERSION = '4.1.0'
const CACHE = resolve('node_modules/.cache/catenary')
const HOME = join(CACHE, `kafka-${KAFKA_VERSION}`)
const FETCH_MS = 600_000

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`

/** Why no broker can be started on this machine; null when one can. */
export function whyNoKafka(): string | null {
  for (const [command, argv] of [
    ['java', ['-version']],
    ['mvn', ['-v']],
  ] as const) {
    if (command === 'mvn' && existsSync(HOME)) continue
    try {
      execFileSync(command, argv, { stdio: 'ignore' })
    } catch {
      return `${command} is not installed; install Java 17 and Maven, or name a broker in CATENARY_TEST_KAFKA_BROKERS`
    }
  }
  return null
}

/** The class path of Apache Kafka, fetched from Maven Central once for all test workers. */
export async function kafkaClassPath(): Promise<string> {
  const deadline = Date.now() + FETCH_MS
  while (!existsSync(HOME)) {
    if (await hasLock()) {
      try {
        if (!existsSync(HOME)) await fetchJars()
      } finally {
        await rm(LOCK, { force: true })
      }
    } else if (Date.now() > deadline) throw new Error(`${LOCK} was held for ${FETCH_MS / 1_000} s; remove it`)
    else await delay(200)
  }
  return join(HOME, '*')
}

const LOCK = join(CACHE, 'kafka.lock')

/** Takes the lock, also from a process that died with it. */
async function hasLock(): Promise<boolean> {
  await mkdir(CACHE, { recursive: true })
  try {
    await writeFile(LOCK, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    const owner = Number(await readFile(LOCK, 'utf8').catch(() => ''))
    if (owner > 0 && !isAlive(owner)) await rm(LOCK, { force: true })
    return false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Into a folder beside its place, then there in one move: half a fetch is never taken for a whole one. */
async function fetchJars(): Promise<void> {
  const draft = await mkdtemp(join(CACHE, 'kafka-draft-'))
  try {
    const pom = join(draft, 'pom.xml')
    await writeFile(pom, POM)
    const argv = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${join(draft, 'libs')}`]
    await run('mvn', argv, { timeout: FETCH_MS, maxBuffer: 2 ** 24 })
    await rename(join(draft, 'libs'), HOME)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Runs a Java source file of `test/kit/java` against Kafka's own client; gives what it printed. */
export async function runJava(name: string, argv: readonly string[]): Promise<string> {
  const source = resolve('test/kit/java', name)
  const options = ['-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error']
  const { stdout } = await run('java', [...options, '-cp', await kafkaClassPath(), source, ...argv])
  return stdout
}
