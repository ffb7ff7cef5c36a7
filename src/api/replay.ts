import { setImmediate } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { Id, ReplayQuery } from '../../schemas/api/query.ts'
import { Frame, frameJson } from '../../schemas/api/step.ts'
import type { ReplayFrame, Step } from '../core/index.ts'
import { chainOrThrow } from './chains.ts'
import { stepsUntil } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { HttpProblem, problemJson, problemOf } from './problems.ts'
import { answers } from './responses.ts'
import { endOf, HEARTBEAT, sendChunks, sse } from './streams.ts'

/** Frames made before other requests have their turn. */
const TURN = 50

type Asked = z.output<typeof ReplayQuery>

/** What one replay runs on. */
interface Run {
  readonly frames: () => Iterable<ReplayFrame>
  readonly speed: number | null
  readonly end: AbortSignal
  readonly request: FastifyRequest
}

/** `GET /v1/chains/{id}/replay`: a frame a step, as NDJSON or as server-sent events. */
export function addReplay(app: Routes, api: Api): void {
  app.get(
    '/v1/chains/:id/replay',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['chains'],
        operationId: 'replayChain',
        summary: 'Replay a chain, step by step',
        description:
          'One frame a step: the score and what each detector knew, before and after. NDJSON, or server-sent events ' +
          '(`frame`, then `end`) when `Accept` names `text/event-stream`. What goes wrong once frames are on their way ' +
          'is told by a last line `{"type":"problem","problem":{…}}`, or an event `problem`.',
        params: Id,
        querystring: ReplayQuery,
        response: answers(
          'The frames.',
          Frame,
          ['bad-request', 'not-found', 'too-long', 'store-away'],
          ['application/x-ndjson', 'text/event-stream'],
        ),
      },
    },
    async (request, reply) => replay(request, reply, request.params.id, request.query, api),
  )
}

async function replay(
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  asked: Asked,
  api: Api,
): Promise<FastifyReply> {
  await chainOrThrow(api.reader, asked.tenant, id)
  const steps = await stepsUntil(api.reader, asked.tenant, id, { until: asked.until, most: api.limits.maxSteps })
  const without = leftOut(asked.without, steps)
  const end = endOf(reply, api.closing)
  const { stallMs } = api.limits
  const run: Run = { frames: () => api.replay(steps, { without }), speed: asked.speed ?? null, end, request }
  if (request.headers.accept?.includes('text/event-stream') !== true) {
    return sendChunks(reply, 'application/x-ndjson', { chunks: lines(run), stallMs })
  }
  return sendChunks(reply, 'text/event-stream', { chunks: events(run, api), stallMs })
}

function leftOut(without: Asked['without'], steps: readonly Step[]): readonly string[] {
  const ids = without === undefined ? [] : [without].flat()
  const known = new Set(steps.map(({ event }) => event.id))
  if (ids.every((id) => known.has(id))) return ids
  throw new HttpProblem('bad-request', 'the workflow, as far as it is replayed, has no such event as without names', {
    errors: [{ field: 'without', message: 'is no event of this workflow' }],
  })
}

async function* lines({ frames, end, request }: Run): AsyncGenerator<string> {
  try {
    for await (const frame of inTurns(frames, end)) yield `${JSON.stringify(frameJson(frame))}\n`
  } catch (error) {
    yield `${JSON.stringify({ type: 'problem', problem: broken(error, request) })}\n`
  }
}

async function* events(run: Run, api: Api): AsyncGenerator<string> {
  let count = 0
  let last: number | null = null
  try {
    for await (const frame of inTurns(run.frames, run.end)) {
      const { at } = frame.step.event
      if (run.speed !== null && last !== null) yield* pace((at - last) / run.speed, run.end, api)
      if (run.end.aborted) break
      last = at
      count += 1
      yield sse('frame', frameJson(frame), String(frame.step.index))
    }
    yield sse('end', run.end.aborted ? { frames: count, reason: 'the service is closing' } : { frames: count })
  } catch (error) {
    yield sse('problem', broken(error, run.request))
  }
}

/** Waits, with a sign of life now and then. Ends early, without a word, when the stream has to end. */
async function* pace(ms: number, end: AbortSignal, { limits, wait }: Api): AsyncGenerator<string> {
  for (let left = ms; left > 0 && !end.aborted; left -= limits.heartbeatMs) {
    await wait(Math.min(left, limits.heartbeatMs), end).catch((error: unknown) => {
      if (!end.aborted) throw error
    })
    if (left > limits.heartbeatMs) yield HEARTBEAT
  }
}

async function* inTurns(frames: () => Iterable<ReplayFrame>, end: AbortSignal): AsyncGenerator<ReplayFrame> {
  let count = 0
  for (const frame of frames()) {
    if (end.aborted) return
    yield frame
    count += 1
    if (count % TURN === 0) await setImmediate()
  }
}

function broken(error: unknown, request: FastifyRequest): object {
  const problem = problemOf(error)
  request.log.error({ err: error }, 'replay failed')
  return problemJson(problem, request)
}
