import { z } from 'zod'
import { Health, Readiness } from '../../schemas/api/health.ts'
import type { Api, Routes } from './parts.ts'
import { answers } from './responses.ts'

const tags = ['service']

/** `/healthz`, `/readyz` and `/metrics`. */
export function addHealth(app: Routes, api: Api): void {
  app.get(
    '/healthz',
    {
      schema: {
        tags,
        operationId: 'getHealth',
        summary: 'Whether the process answers',
        response: answers('It does.', Health, []),
      },
    },
    async () => ({ status: 'ok' }),
  )
  app.get(
    '/readyz',
    {
      schema: {
        tags,
        operationId: 'getReadiness',
        summary: 'Whether the service can do its work',
        response: {
          ...answers('It can.', Readiness, []),
          503: { description: 'It cannot, for these reasons.', content: { 'application/json': { schema: Readiness } } },
        },
      },
    },
    async (_request, reply) => {
      const { ready, reasons } = await api.isReady()
      if (!ready) reply.code(503).header('retry-after', '5')
      return { status: ready ? 'ready' : 'not_ready', reasons }
    },
  )
  app.get(
    '/metrics',
    {
      schema: {
        tags,
        operationId: 'getMetrics',
        summary: 'Metrics for Prometheus',
        response: answers('Metrics in the text format.', z.string(), [], ['text/plain']),
      },
    },
    async (_request, reply) => reply.type(api.registry.contentType).send(await api.registry.metrics()),
  )
}
