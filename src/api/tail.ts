import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { alertDetail } from '../../schemas/api/alert.ts'
import { TailQuery } from '../../schemas/api/query.ts'
import { stepJson } from '../../schemas/api/step.ts'
import { isAtLeast } from '../core/index.ts'
import type { Api, Routes } from './parts.ts'
import { HttpProblem } from './problems.ts'
import { answers } from './responses.ts'
import { endOf, HEARTBEAT, sendChunks, sse } from './streams.ts'
import { createTailQueue, type News, newsOf, type TailQueue } from './tail-queue.ts'

/** How long a client that was cut off may take to read that it was. */
const GRACE_MS = 10_000

type Asked = z.output<typeof TailQuery>

/** `GET /v1/tail`: what is stored from now on, as server-sent events. */
export function addTail(app: Routes, api: Api): void {
  let open = 0
  app.get(
    '/v1/tail',
    {
      exposeHeadRoute: false,
      schema: {
        tags: ['tail'],
        operationId: 'tail',
        summary: 'Live alerts and steps',
        description:
          'Server-sent events: `alert` (each revision) and `step`, as the alerts and steps of the lists, once they are ' +
          'stored. A comment now and then is a sign of life. A client that reads too slowly gets `cut` and must ask the ' +
          'lists for what it missed; `end` says that the service closes.',
        querystring: TailQuery,
        response: answers('The stream.', z.string(), ['bad-request', 'no-room'], ['text/event-stream']),
      },
    },
    async (request, reply) => {
      if (open >= api.limits.maxTails) {
        throw new HttpProblem('no-room', 'too many clients read the tail; come again later', {
          headers: { 'retry-after': '30' },
        })
      }
      open += 1
      reply.raw.once('close', () => {
        open -= 1
      })
      return follow(reply, request.query, api)
    },
  )
}

function follow(reply: FastifyReply, asked: Asked, api: Api): FastifyReply {
  const queue = createTailQueue(api.limits.maxTailItems)
  const end = endOf(reply, api.closing)
  const isWanted = filterOf(asked)
  const unsubscribe = api.subscribe((commit) => {
    queue.push(newsOf(commit, isWanted))
    if (queue.isCut) cutOff()
  })
  const cutOff = (): void => {
    unsubscribe()
    const timer = setTimeout(() => reply.raw.destroy(), GRACE_MS)
    reply.raw.once('close', () => clearTimeout(timer))
  }
  end.addEventListener('abort', () => {
    unsubscribe()
    queue.end()
  })
  return sendChunks(reply, 'text/event-stream', { chunks: chunks(queue, end, api), stallMs: api.limits.stallMs })
}

async function* chunks(queue: TailQueue, end: AbortSignal, api: Api): AsyncGenerator<string> {
  yield HEARTBEAT
  while (!queue.isCut && !end.aborted) {
    const news = queue.next()
    if (news !== undefined) yield told(news, api)
    else if (!(await queue.wake(api.limits.heartbeatMs))) yield HEARTBEAT
  }
  if (queue.isCut) yield sse('cut', { reason: 'read too slowly; what came meanwhile is in the lists' })
  else yield sse('end', { reason: 'the service is closing' })
}

const told = (news: News, { frameworkOf }: Api): string =>
  news.what === 'alert'
    ? sse('alert', alertDetail(news.alert, frameworkOf), `${news.alert.id}/${news.alert.revision}`)
    : sse('step', stepJson(news.row))

function filterOf({ tenant, what, min_severity: least }: Asked): (news: News) => boolean {
  const kinds = new Set(what.split(','))
  return (news) => {
    if (!kinds.has(`${news.what}s`)) return false
    if (news.what === 'step') return tenant === undefined || news.row.step.event.tenant === tenant
    const { alert } = news
    return (tenant === undefined || alert.tenant === tenant) && isAtLeast(alert.severity, least ?? 'info')
  }
}
