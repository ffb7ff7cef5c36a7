import { type FastifyInstance, fastify, LogController } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { addAccess } from './access.ts'
import { addAgents } from './agents.ts'
import { addAlerts } from './alerts.ts'
import { addAudit } from './audit.ts'
import { addAuditList } from './audit-list.ts'
import { addAuthority } from './authority.ts'
import { addChains } from './chains.ts'
import { sendClientError } from './client-errors.ts'
import { addCompare } from './compare.ts'
import { addContainments } from './containments.ts'
import { addCoverage } from './coverage.ts'
import { addCredentials } from './credentials.ts'
import { addDestinations } from './destinations.ts'
import { addDetectors } from './detectors.ts'
import { tagged } from './etag.ts'
import { addEvents } from './events.ts'
import { addExports } from './exports.ts'
import { addGrants } from './grants.ts'
import { guardHost } from './guard.ts'
import { addHealth } from './health.ts'
import { addIncidents } from './incidents.ts'
import { addKeys } from './keys.ts'
import { createMisses } from './methods.ts'
import { addMetrics } from './metrics.ts'
import { addOpenapi, addOpenapiRoutes } from './openapi.ts'
import { type Api, type ApiParts, filled, type Routes, type Typed } from './parts.ts'
import { HttpProblem, SAFE_HEADERS, sendProblem } from './problems.ts'
import { addQueries } from './queries.ts'
import { addReplay } from './replay.ts'
import { addResponse } from './response.ts'
import { addSearch } from './search.ts'
import { addSilences } from './silences.ts'
import { addTail } from './tail.ts'
import { addTransport, isAmong } from './transport.ts'
import { addTriage } from './triage.ts'
import { addWalk } from './walk.ts'

/** Ids in a path, percent-encoded: up to 4,096 characters of any kind. */
const MAX_ID = 36_864
/** Of a request's first line and headers, in bytes: such an id, and as large a token. */
const MAX_HEAD = 65_536
/** How often requests that take too long are looked for, in milliseconds, and how long a head may take. */
const [CHECK_MS, HEAD_MS] = [30_000, 60_000]

/**
 * The HTTP API over its parts; it listens nowhere yet. `close()` refuses what comes from then on, ends the streams, and
 * resolves when the requests at hand are answered.
 */
export function createApi(parts: ApiParts): FastifyInstance {
  const closing = new AbortController()
  const api = filled(parts, closing.signal)
  const { tls, trustedProxies } = api.transport
  const { maxBodyBytes, requestMs } = api.limits
  const head = {
    maxHeaderSize: MAX_HEAD,
    headersTimeout: Math.min(HEAD_MS, requestMs),
    connectionsCheckingInterval: Math.min(CHECK_MS, requestMs / 4),
  }
  const app = fastify({
    ...(parts.logger === false ? { logger: false } : { loggerInstance: parts.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    requestTimeout: requestMs,
    return503OnClosing: false,
    ...(tls === undefined ? { http: head } : { https: { ...tls, minVersion: 'TLSv1.2', ...head } }),
    clientErrorHandler: sendClientError,
    trustProxy: trustedProxies.length > 0 ? isAmong(trustedProxies) : false,
    routerOptions: { maxParamLength: MAX_ID },
    frameworkErrors: sendProblem,
  }) as FastifyInstance
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(() => JSON.stringify)
  addTransport(app, api.transport)
  // After what answers pages of other origins, so that these can read a refusal too.
  app.after(() => addHooks(app, api))
  app.addHook('preClose', (done) => {
    closing.abort()
    done()
  })
  addOpenapi(app, api.version)
  app.register((room, _options, done) => {
    addRoutes(room, api)
    done()
  })
  return app
}

function addHooks(app: FastifyInstance, api: Api): void {
  const missed = createMisses(app)
  app.setNotFoundHandler((request, reply) => sendProblem(missed(request), request, reply))
  // No route takes QUERY, which Fastify looks at first.
  app.setErrorHandler((error: { readonly code?: unknown }, request, reply) =>
    sendProblem(error.code === 'FST_ERR_ROUTE_MISSING_CONTENT_TYPE' ? missed(request) : error, request, reply),
  )
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SAFE_HEADERS)
    guardHost(request, api.allowedHosts ?? [], api.transport.corsOrigins)
    if (api.closing.aborted) {
      throw new HttpProblem('closing', 'the service is closing; ask again when it is back', {
        headers: { connection: 'close', 'retry-after': '5' },
      })
    }
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    if (api.closing.aborted) reply.header('connection', 'close')
    done(null, tagged(request, reply, payload))
  })
  addMetrics(app, api.registry)
  addAccess(app, api)
  addAudit(app, api)
}

const RESOURCES: readonly ((app: Routes, api: Api) => void)[] = [
  addEvents,
  addChains,
  addReplay,
  addWalk,
  addCompare,
  addAlerts,
  addIncidents,
  addTriage,
  addSilences,
  addCredentials,
  addGrants,
  addAgents,
  addAuthority,
  addResponse,
  addContainments,
  addDetectors,
  addCoverage,
  addDestinations,
  addQueries,
  addSearch,
  addExports,
  addTail,
  addKeys,
  addAuditList,
  addHealth,
  addOpenapiRoutes,
]

/** Each resource in a scope of its own, so that how one reads bodies is nobody else's business. */
function addRoutes(app: FastifyInstance, api: Api): void {
  for (const add of RESOURCES) {
    app.register((room, _options, done) => {
      add(room.withTypeProvider<Typed>() as Routes, api)
      done()
    })
  }
}
