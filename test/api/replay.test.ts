import { readFileSync } from 'node:fs'
import { get as httpGet } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { Frame as FrameShape } from '../../schemas/api/step.ts'
import { replay } from '../../src/engine/replay.ts'
import { eventsIn, problemIn, type Service, service } from './kit.ts'

const example = readFileSync('test/fixtures/example.ndjson')

async function loaded(more: Parameters<typeof service>[0] = {}): Promise<Service> {
  const api = service(more)
  await api.post(example)
  return api
}

async function frames(api: Service, query = ''): Promise<readonly Frame[]> {
  const { statusCode, headers, body } = await api.get(`/v1/chains/wf-17/replay${query}`)
  expect(statusCode, body).toBe(200)
  expect(headers['content-type']).toBe('application/x-ndjson')
  return body
    .trimEnd()
    .split('\n')
    .map((line) => {
      const frame = FrameShape.parse(JSON.parse(line))
      expect(frame).toEqual(JSON.parse(line))
      return frame
    })
}
type Frame = ReturnType<typeof FrameShape.parse>

const idsIn = (found: readonly Frame[]): readonly string[] => found.map(({ step }) => step.event_id)

describe('a replay', () => {
  it('has a frame a step, and the score goes up where something was found', async () => {
    const found = await frames(await loaded())
    expect(idsIn(found)).toEqual(['e1', 'e2', 'e3', 'e4', 'e5', 'e6'])
    expect(found[0]?.score_before).toBe(0)
    for (const [index, frame] of found.entries()) expect(frame.score_before).toBe(found[index - 1]?.score_after ?? 0)
    const risen = found.filter(({ score_before, score_after }) => score_after > score_before)
    expect(risen.map(({ findings }) => findings.length > 0)).not.toContain(false)
    expect(risen.at(-1)?.step.event_id).toBe('e6')
  })

  it('shows what each detector knew before the step and after it', async () => {
    const found = await frames(await loaded())
    const knew = found[4]?.detectors.find(({ detector }) => detector === 'lateral-movement')
    expect(JSON.stringify(knew?.after)).toContain('e5')
    expect(JSON.stringify(knew?.before)).not.toContain('e5')
  })

  it('shows the authority before the step', async () => {
    const found = await frames(await loaded())
    expect(found[0]?.authority.grants).toEqual([])
    expect(found[1]?.authority.grants).toContainEqual(expect.objectContaining({ via: 'start', event_id: 'e1' }))
  })

  it('stops where it is told', async () => {
    expect(idsIn(await frames(await loaded(), '?until=e3'))).toEqual(['e1', 'e2', 'e3'])
  })

  it('leaves out what it is told, and the findings that stood on it fall', async () => {
    const found = await frames(await loaded(), '?without=e5&without=e3')
    expect(idsIn(found)).toEqual(['e1', 'e2', 'e4', 'e6'])
    const cited = found.flatMap(({ findings }) =>
      findings.flatMap(({ evidence }) => evidence.map((one) => one.event_id)),
    )
    expect(cited).not.toContain('e5')
  })

  it.each([
    ['?until=e9', 'until'],
    ['?without=e9', 'without'],
    ['?until=e3&without=e5', 'without'],
    ['?speed=fast', 'speed'],
    ['?speed=0', 'speed'],
  ])('refuses %s', async (query, field) => {
    const problem = problemIn(await (await loaded()).get(`/v1/chains/wf-17/replay${query}`), 400)
    expect(problem['errors']).toMatchObject([{ field }])
  })

  it('of a chain that is too long says to stop earlier, and then goes', async () => {
    const api = await loaded({ limits: { maxSteps: 4 } })
    problemIn(await api.get('/v1/chains/wf-17/replay'), 422)
    expect(await frames(api, '?until=e4')).toHaveLength(4)
  })

  it('that breaks on its way says so in the last line, without a stack', async () => {
    const api = await loaded({
      *replay(steps) {
        yield* replay(steps.slice(0, 2), { detectors })
        throw new Error('a secret detail')
      },
    })
    const { body } = await api.get('/v1/chains/wf-17/replay')
    const lines = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map(({ type }) => type)).toEqual(['frame', 'frame', 'problem'])
    expect(lines[2]).toMatchObject({ problem: { status: 500, type: 'urn:catenary:problem:internal' } })
    expect(body).not.toContain('secret detail')
  })
})

describe('a replay as server-sent events', () => {
  const accept = { accept: 'text/event-stream' }

  it('has the same frames, then its end', async () => {
    const api = await loaded()
    const { body, headers } = await api.get('/v1/chains/wf-17/replay', accept)
    expect(headers['content-type']).toBe('text/event-stream')
    const told = eventsIn(body)
    expect(told.map(({ event }) => event)).toEqual([...Array.from({ length: 6 }, () => 'frame'), 'end'])
    expect(told.slice(0, 6).map(({ data }) => data)).toEqual(await frames(api))
    expect(told[6]?.data).toEqual({ frames: 6 })
  })

  it('is paced by event time, with signs of life in long waits', async () => {
    const waited: number[] = []
    const api = await loaded({ limits: { heartbeatMs: 150 }, wait: async (ms) => void waited.push(ms) })
    const { body } = await api.get('/v1/chains/wf-17/replay?speed=10x', accept)
    expect(waited).toEqual([100, 100, 100, 150, 50, 100])
    expect(body.match(/^: /gm)).toHaveLength(1)
  })

  it('goes at once where no speed is given', async () => {
    const waited: number[] = []
    const api = await loaded({ wait: async (ms) => void waited.push(ms) })
    await api.get('/v1/chains/wf-17/replay', accept)
    expect(waited).toEqual([])
  })

  it('that breaks on its way says so in an event', async () => {
    const api = await loaded({
      replay: () => {
        throw new Error('a secret detail')
      },
    })
    const told = eventsIn((await api.get('/v1/chains/wf-17/replay', accept)).body)
    expect(told).toMatchObject([{ event: 'problem', data: { status: 500 } }])
  })

  it('stops working when its client goes', async () => {
    let told = (): void => undefined
    const hasStopped = new Promise<void>((resolve) => {
      told = resolve
    })
    const { app } = await loaded({
      wait: (_ms, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told()
            reject(new Error('aborted'))
          })
        }),
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const request = httpGet({ port, path: '/v1/chains/wf-17/replay?speed=1', headers: accept }, (reply) => {
      reply.once('data', () => request.destroy())
      reply.on('error', () => undefined)
    })
    await hasStopped
    await app.close()
  })
})
