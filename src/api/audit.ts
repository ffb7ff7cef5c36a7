import type { FastifyInstance, FastifyRequest } from 'fastify'
import { callerOf, isKnown, operationOf } from './access.ts'
import type { Api } from './parts.ts'

/** Operations that read and change nothing of what agents did. Events that come in are what is watched, not who watches. */
const UNSAID: ReadonlySet<string> = new Set(['postEvents', 'listDetectors', 'getDetector', 'getMetrics'])
const MAX_TARGET = 2_000

const notes = new WeakMap<FastifyRequest, Readonly<Record<string, unknown>>>()

/** Adds to what is remembered of a request what it changed. Never a secret. */
export const note = (request: FastifyRequest, detail: Readonly<Record<string, unknown>>): void =>
  void notes.set(request, detail)

/**
 * Remembers every read and every change of a caller who is known, what was refused them too, before they have the answer: where
 * that cannot be stored they get none. Give it the app after `addAccess`.
 */
export function addAudit(app: FastifyInstance, api: Api): void {
  const said = new WeakSet<FastifyRequest>()
  app.addHook('onSend', async (request, reply, payload) => {
    const action = operationOf(request.routeOptions.schema)
    if (action === undefined || UNSAID.has(action) || !isKnown(request) || said.has(request)) return payload
    // Where this fails the problem comes through here as well.
    said.add(request)
    const caller = callerOf(request)
    const { tenant } = (request.query ?? {}) as { readonly tenant?: unknown }
    await api.audit({
      caller,
      action,
      tenant: typeof tenant === 'string' ? tenant : caller.tenant,
      target: `${request.method} ${request.url}`.slice(0, MAX_TARGET),
      status: reply.statusCode,
      detail: notes.get(request) ?? {},
    })
    return payload
  })
}
