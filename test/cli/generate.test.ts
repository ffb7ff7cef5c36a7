import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { createEstate, DEMO_ESTATE, type EstateLabels } from '../../src/estate/index.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-generate-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function generate(...argv: readonly string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await run(['generate', ...argv], {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    env: {},
  })
  return { code, out: out.join(''), err: err.join('') }
}

describe('catenary generate', () => {
  it('gives exactly the events asked for, the same for the same seed', async () => {
    const [once, again] = [
      await generate('--events', '2500', '--seed', '7'),
      await generate('--events', '2500', '--seed', '7'),
    ]
    expect(once.code).toBe(0)
    expect(once.out.trim().split('\n')).toHaveLength(2_500)
    expect(again.out === once.out).toBe(true)
    expect((await generate('--events', '2500', '--seed', '8')).out === once.out).toBe(false)
  })

  it('makes as much trouble as it is told to', async () => {
    const trouble = ['--late', '0.2', '--repeated', '0.1', '--failing', '0.2', '--rhythm', 'steady']
    const { code, out } = await generate('--events', '2000', ...trouble)
    expect(code).toBe(0)
    const lines = out.trim().split('\n')
    expect(new Set(lines).size).toBeLessThan(1_900)
    expect(lines.filter((line) => line.includes('"error":"timeout"')).length).toBeGreaterThan(50)
    expect(await generate('--late', '1.5')).toMatchObject({ code: 2, err: expect.stringMatching(/share from 0 to 1/) })
  })

  it('is the library’s estate, and begins when it is told to', async () => {
    const { out } = await generate(
      '--events',
      '2000',
      '--seed',
      '3',
      '--start',
      '2027-01-04T00:00:00Z',
      '--hours',
      '12',
    )
    const options = {
      ...DEMO_ESTATE,
      stories: 'all' as const,
      events: 2_000,
      seed: 3,
      startAt: Date.parse('2027-01-04T00:00:00Z'),
      hours: 12,
    }
    expect(out === Array.from(createEstate(options), (event) => `${JSON.stringify(event)}\n`).join('')).toBe(true)
  })

  it('writes a packed file, and the labels beside it', async () => {
    const [events, labels] = [join(folder, 'estate.ndjson.gz'), join(folder, 'labels.json')]
    const { code, out, err } = await generate('--events', '3000', '--out', events, '--labels', labels)
    expect({ code, out }).toEqual({ code: 0, out: '' })
    const lines = gunzipSync(readFileSync(events)).toString('utf8').trim().split('\n')
    const ids = new Set(lines.map((line) => (JSON.parse(line) as { readonly id: string }).id))
    const { attacks, twins } = JSON.parse(readFileSync(labels, 'utf8')) as EstateLabels
    expect(attacks.length).toBeGreaterThan(0)
    expect(attacks.filter(({ harm }) => !ids.has(harm))).toEqual([])
    expect(err).toBe(`3000 events, ${attacks.length} attacks, ${twins.length} look-alikes\n`)
  })

  it('says what is wrong with its flags', async () => {
    expect(await generate('--start', 'tomorrow')).toMatchObject({ code: 2, err: expect.stringMatching(/--start/) })
    expect(await generate('--to', 'here')).toMatchObject({ code: 2, err: expect.stringMatching(/--to here/) })
    const nowhere = join(folder, 'not', 'there.ndjson')
    expect(await generate('--out', nowhere)).toMatchObject({ code: 2, err: expect.stringMatching(/cannot be written/) })
  })
})

describe('catenary generate --to', () => {
  let server: Server
  let url = ''
  const bodies: string[] = []
  let refusals = 0
  beforeAll(async () => {
    server = createServer((request, reply) => {
      let body = ''
      request.setEncoding('utf8').on('data', (text: string) => (body += text))
      request.on('end', () => {
        if (request.url !== '/v1/events') reply.writeHead(404).end()
        else if (refusals > 0) {
          refusals -= 1
          reply.writeHead(503, { 'retry-after': '0' }).end()
        } else {
          bodies.push(body)
          const accepted = body.trim().split('\n').length
          reply.writeHead(200, { 'content-type': 'application/json' })
          reply.end(JSON.stringify({ accepted, duplicates: 0, rejected: 0 }))
        }
      })
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  it('sends all of it, again when the service is busy', async () => {
    refusals = 1
    const { code, err } = await generate('--events', '2000', '--to', url)
    expect({ code, err }).toEqual({ code: 0, err: '2000 events; taken: 2000, duplicates: 0, refused: 0\n' })
    expect(bodies.join('') === (await generate('--events', '2000')).out).toBe(true)
  })

  it('does not try again where there is no such service', async () => {
    expect(await generate('--events', '10', '--to', `${url}/elsewhere`)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/answers 404/),
    })
  })
})
