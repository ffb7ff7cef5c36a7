import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { detectors } from '../detectors/index.ts'

/** Who may import whom: a room, and what the paths and packages it imports may start with. */
const ROOMS: readonly (readonly [string, readonly string[]])[] = [
  ['src/core/', ['src/core/']],
  ['src/ports/', ['src/ports/', 'src/core/']],
  // A hash and a packed text are arithmetic.
  ['src/engine/', ['src/engine/', 'src/core/', 'src/ports/', 'node:crypto', 'node:zlib']],
  ['src/lab/', ['src/lab/', 'src/core/', 'src/engine/', 'src/ports/']],
  ['src/response/', ['src/response/', 'src/core/', 'src/ports/', 'node:crypto']],
  ['src/estate/', ['src/estate/', 'src/core/']],
  // Whether an address is in a network is arithmetic.
  ['src/sigma/', ['src/sigma/', 'src/core/', 're2js', 'zod', 'node:net']],
  ['src/config/', ['src/config/', 'src/core/', 'zod', 'node:']],
  ['src/access/', ['src/access/', 'src/core/', 'src/ports/', 'jose', 'node:']],
  [
    'src/api/',
    [
      'src/api/',
      'src/access/',
      'src/core/',
      'src/ports/',
      'src/response/',
      'schemas/',
      'fastify',
      '@fastify/',
      'prom-client',
      'zod',
      'node:',
    ],
  ],
  ['src/adapters/memory/', ['src/adapters/memory/', 'src/core/', 'src/ports/', 'schemas/', 'node:']],
  [
    'src/adapters/clickhouse/',
    ['src/adapters/clickhouse/', 'src/core/', 'src/ports/', 'schemas/', '@clickhouse/', 'chdb', 'node:'],
  ],
  ['src/importers/', ['src/importers/', 'src/core/', 'src/ports/', 'schemas/']],
  ['src/runtime/', ['src/runtime/', 'src/engine/', 'src/core/', 'src/ports/']],
  ['src/adapters/files/', ['src/adapters/files/', 'src/core/', 'src/ports/', 'schemas/', 'node:', 'fzstd']],
  [
    'src/adapters/kafka/',
    ['src/adapters/kafka/', 'src/core/', 'src/ports/', 'schemas/', 'kafkajs', 'snappy', 'lz4-napi', 'fzstd', 'node:'],
  ],
  [
    'src/adapters/destinations/',
    ['src/adapters/destinations/', 'src/core/', 'src/ports/', 'schemas/', 'undici', 'jose', 'node:'],
  ],
  // What tries a foreign detector holds it to the lab's laws.
  [
    'src/adapters/own-detectors/',
    [
      'src/adapters/own-detectors/',
      'src/core/',
      'src/lab/hostile.ts',
      'src/lab/laws.ts',
      'src/sigma/',
      'schemas/',
      'acorn',
      'acorn-walk',
      'esbuild',
      'yaml',
      'zod',
      'node:',
    ],
  ],
  ['src/adapters/parquet/', ['src/adapters/parquet/', 'src/ports/', 'hyparquet-writer']],
  ['src/adapters/http/', ['src/adapters/http/', 'src/core/', 'src/ports/', 'undici', 'node:']],
  ['src/adapters/otel/', ['src/adapters/otel/', 'src/core/', 'src/ports/', '@opentelemetry/', 'node:']],
  ['src/mcp/', ['src/mcp/', 'src/core/', 'src/ports/', 'schemas/', '@modelcontextprotocol/', 'zod']],
  ['schemas/', ['schemas/', 'src/core/', 'src/ports/', 'zod', 'node:crypto']],
  ['detectors/', ['detectors/', 'src/core/', 'zod']],
]

const PURE = ['src/core/', 'src/engine/', 'src/estate/', 'src/importers/', 'src/sigma/', 'detectors/']
const IMPURE =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bconsole\.|\bsetTimeout\b|\bfetch\(|\basync\b|\bawait\b/
const MAX_LINES = 360

const filesIn = (room: string): readonly string[] =>
  readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => normalize(join(room, name)))

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')

function importsOf(file: string): readonly string[] {
  const text = withoutComments(readFileSync(file, 'utf8'))
  return [...text.matchAll(/^(?:import|export)\b[^'"]*?\bfrom '([^']+)'|^import '([^']+)'/gm)].map((match) => {
    const target = match[1] ?? match[2] ?? ''
    return target.startsWith('.') ? normalize(join(dirname(file), target)) : target
  })
}

describe.each(ROOMS)('%s', (room, allowed) => {
  it(`imports only from ${allowed.join(', ')}`, () => {
    const strangers = filesIn(room).flatMap((file) =>
      importsOf(file)
        .filter((target) => !allowed.some((start) => target.startsWith(start)))
        .map((target) => `${file} imports ${target}: move what it needs to core, or take it as an argument`),
    )
    expect(strangers).toEqual([])
  })
})

describe.each(PURE)('%s is pure', (room) => {
  it('reads no clock, no chance and no world', () => {
    const impure = filesIn(room).flatMap((file) => {
      const found = IMPURE.exec(withoutComments(readFileSync(file, 'utf8')))
      return found === null ? [] : [`${file} uses ${found[0]}: take it as an argument`]
    })
    expect(impure).toEqual([])
  })
})

describe('the tree', () => {
  it('lists every detector file', () => {
    const known = new Set(detectors.map(({ id }) => `${id}.ts`))
    const files = readdirSync('detectors').filter((name) =>
      /defineDetector/.test(name.endsWith('.ts') ? readFileSync(join('detectors', name), 'utf8') : ''),
    )
    expect(files.filter((name) => !known.has(name))).toEqual([])
    expect(files).toHaveLength(known.size)
  })

  it(`has no file over ${MAX_LINES} lines`, () => {
    const long = ['src', 'schemas', 'detectors']
      .flatMap(filesIn)
      .filter((file) => readFileSync(file, 'utf8').split('\n').length > MAX_LINES)
    expect(long).toEqual([])
  })
})
