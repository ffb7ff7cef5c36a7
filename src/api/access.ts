import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { z } from 'zod'
import { type Caller, isEnough, type Role } from '../core/index.ts'
import type { Api } from './parts.ts'
import { HttpProblem, type ProblemName } from './problems.ts'
import { withProblems } from './responses.ts'
import { transportGuard } from './transport.ts'

/**
 * What each operation asks of its caller: a role, or nothing at all. A route that is not here is not served. All but those of
 * `WITHOUT_TENANT` and `OF_EVERY_TENANT` take a `tenant`, and are answered for the tenant of their caller alone.
 */
export const OPERATIONS: Readonly<Record<string, Role | 'anyone'>> = {
  postEvents: 'ingest',
  listChains: 'viewer',
  getChain: 'viewer',
  listSteps: 'viewer',
  getGraph: 'viewer',
  replayChain: 'viewer',
  getChainPath: 'viewer',
  compareChains: 'viewer',
  getChainBlastRadius: 'viewer',
  getAgentBlastRadius: 'viewer',
  getAgentPath: 'viewer',
  getCredentialBlastRadius: 'viewer',
  getCredentialPath: 'viewer',
  getContainment: 'analyst',
  orderContainment: 'responder',
  listContainments: 'analyst',
  getContainmentOrder: 'analyst',
  listAlerts: 'viewer',
  getAlert: 'viewer',
  getAlertHistory: 'viewer',
  explainAlert: 'viewer',
  changeAlert: 'analyst',
  changeAlerts: 'analyst',
  listSilences: 'viewer',
  getSilence: 'viewer',
  previewSilence: 'analyst',
  createSilence: 'analyst',
  removeSilence: 'analyst',
  listIncidents: 'viewer',
  getIncident: 'viewer',
  listAgents: 'viewer',
  listAuthority: 'viewer',
  getAgent: 'viewer',
  listCredentials: 'viewer',
  getCredential: 'viewer',
  getLineage: 'viewer',
  getGrant: 'viewer',
  getGrantPath: 'viewer',
  listDetectors: 'viewer',
  getDetector: 'viewer',
  listCoverage: 'viewer',
  listRejected: 'analyst',
  search: 'viewer',
  listQueries: 'viewer',
  getQuery: 'viewer',
  runQuery: 'viewer',
  createQuery: 'analyst',
  changeQuery: 'analyst',
  removeQuery: 'analyst',
  exportChains: 'viewer',
  exportAlerts: 'viewer',
  exportSteps: 'viewer',
  tail: 'viewer',
  listDestinations: 'analyst',
  listUndelivered: 'analyst',
  retryUndelivered: 'admin',
  listKeys: 'admin',
  createKey: 'admin',
  revokeKey: 'admin',
  rotateKey: 'admin',
  listAudit: 'admin',
  getMetrics: 'viewer',
  getHealth: 'anyone',
  getReadiness: 'anyone',
  getOpenapi: 'anyone',
}

/** Operations that tell nothing of any tenant. */
const WITHOUT_TENANT: ReadonlySet<string> = new Set([
  'listDetectors',
  'getDetector',
  'getMetrics',
  'getHealth',
  'getReadiness',
  'getOpenapi',
])

/** Operations that tell of all tenants at once: only callers that are bound to none may ask. */
export const OF_EVERY_TENANT: ReadonlySet<string> = new Set(['listDestinations', 'listUndelivered', 'retryUndelivered'])

const PROBLEMS_OF_ACCESS: readonly ProblemName[] = ['unauthenticated', 'forbidden', 'not-secure', 'too-many-requests']

/** Whoever asks where nobody is asked who they are: somebody on this machine. */
export const LOCAL: Caller = { kind: 'local', id: 'local', role: 'admin', tenant: null }

const callers = new WeakMap<FastifyRequest, Caller>()

/** Who asks; `LOCAL` for what anyone may ask. */
export const callerOf = (request: FastifyRequest): Caller => callers.get(request) ?? LOCAL

/** Whether it is known who asks, or that nobody is asked; false for who was not let in. */
export const isKnown = (request: FastifyRequest): boolean => callers.has(request)

/** Lets in who may do what they ask, before anything of their request is read. Give it the app before its routes. */
export function addAccess(app: FastifyInstance, api: Api): void {
  const guard = transportGuard(api.transport)
  const limit = limiterOf(app, api)
  app.addHook('onRoute', declare)
  app.addHook('onRequest', async (request) => {
    const needed = neededFor(request, api)
    if (needed === 'anyone') return
    guard(request)
    const caller = await callerBehind(request, api, limit)
    callers.set(request, caller)
    await limit(request, caller)
    if (!isEnough(caller.role, needed))
      throw new HttpProblem('forbidden', `this asks for the role ${needed}, and yours is ${caller.role}`)
    if (caller.tenant !== null && OF_EVERY_TENANT.has(operationOf(request.routeOptions.schema) ?? ''))
      throw new HttpProblem('forbidden', 'this tells of every tenant; ask with a key that is bound to none')
  })
  app.addHook('preValidation', async (request) => {
    const { schema } = request.routeOptions
    if (takesTenant(schema)) keepToTenant(request.query as { tenant?: unknown }, callerOf(request))
  })
}

function neededFor({ routeOptions: { schema } }: FastifyRequest, { access }: Api): Role | 'anyone' {
  const id = operationOf(schema)
  if (id === undefined || (id === 'getMetrics' && access.hasOpenMetrics)) return 'anyone'
  return OPERATIONS[id] ?? 'admin'
}

/** A key that is given has to be right, even where none is asked for. */
async function callerBehind(request: FastifyRequest, { access }: Api, limit: Limit): Promise<Caller> {
  const found = await access.identify(request.headers.authorization)
  if (found === null && !access.isRequired) return LOCAL
  if (found !== null && !('refused' in found)) return found
  await limit(request, null)
  const why = found?.refused ?? 'send an API key or a token as "Authorization: Bearer <key>"'
  throw new HttpProblem('unauthenticated', why, {
    headers: { 'www-authenticate': found === null ? 'Bearer' : 'Bearer error="invalid_token"' },
  })
}

/** Counts a request of a caller, or one of nobody known by its address. Throws the problem of too many. */
type Limit = (request: FastifyRequest, caller: Caller | null) => Promise<void>

/** What an address may send that is not let in, a minute. */
const MAX_REFUSED = 100

function limiterOf(app: FastifyInstance, { access }: Api): Limit {
  const timeWindow = 60_000
  const made = (max: () => number, keyGenerator: (request: FastifyRequest) => string) => {
    let count: ReturnType<typeof app.createRateLimit> | undefined
    return (request: FastifyRequest) => {
      count ??= app.createRateLimit({ max: max(), timeWindow, keyGenerator })
      return count(request)
    }
  }
  const refused = made(
    () => MAX_REFUSED,
    ({ ip }) => ip,
  )
  const asked = made(
    () => access.ratePerMinute,
    (request) => {
      const { kind, tenant, id } = callerOf(request)
      return JSON.stringify([kind, tenant, id])
    },
  )
  return async (request, caller) => {
    if (caller?.kind === 'local') return
    const found = await (caller === null ? refused : asked)(request)
    if (found.isAllowed || !found.isExceeded) return
    throw new HttpProblem('too-many-requests', 'too many requests in the last minute; come again later', {
      headers: { 'retry-after': String(Math.max(1, found.ttlInSeconds)) },
    })
  }
}

/** What a caller leaves out is their own tenant; another than their own is not theirs to name. */
function keepToTenant(query: { tenant?: unknown }, { tenant }: Caller): void {
  if (tenant === null) return
  if (query.tenant === undefined) query.tenant = tenant
  else if (query.tenant !== tenant)
    throw new HttpProblem('forbidden', 'this tenant is not yours; leave tenant out, or name your own', {
      errors: [{ field: 'tenant', message: 'is not yours' }],
    })
}

type Schema = RouteOptions['schema']

/** The operation of a route, as the API document names it; undefined for what is none. */
export const operationOf = (schema: Schema): string | undefined =>
  (schema as { readonly operationId?: string } | undefined)?.operationId

const takesTenant = (schema: Schema): boolean =>
  schema?.querystring instanceof z.ZodObject && 'tenant' in schema.querystring.shape

/** Writes into a route's description what it asks for. Throws for one that does not say, so that none is open by oversight. */
function declare({ schema, url, method }: RouteOptions): void {
  if (schema === undefined || (schema as { readonly hide?: boolean }).hide === true) return
  const id = operationOf(schema)
  const needed = id === undefined ? undefined : OPERATIONS[id]
  if (id === undefined || needed === undefined)
    throw new Error(`${String(method)} ${url}: say in src/api/access.ts which role ${id ?? 'it'} asks for`)
  if (!WITHOUT_TENANT.has(id) && !OF_EVERY_TENANT.has(id) && !takesTenant(schema))
    throw new Error(
      `${String(method)} ${url}: ${id} has to take a tenant, or to be in WITHOUT_TENANT or OF_EVERY_TENANT in src/api/access.ts`,
    )
  // HEAD shares the schema of its GET.
  if ('security' in schema) return
  Object.assign(schema, needed === 'anyone' ? { security: [] } : { security: [{ bearer: [] }], 'x-role': needed })
  if (needed !== 'anyone')
    schema.response = withProblems(schema.response as Parameters<typeof withProblems>[0], PROBLEMS_OF_ACCESS)
}
