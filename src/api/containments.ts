import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ContainmentOrder, ContainmentWanted } from '../../schemas/api/containment.ts'
import { OneQuery } from '../../schemas/api/query.ts'
import { iso } from '../../schemas/api/words.ts'
import { securityEventOf } from '../../schemas/forward/security-event.ts'
import { type ContainmentAction, callerName } from '../core/index.ts'
import type { SecurityEvent } from '../ports/index.ts'
import { blastRadius } from '../response/blast-radius.ts'
import { containmentPlan } from '../response/containment.ts'
import { gather } from '../response/gather.ts'
import { callerOf } from './access.ts'
import { note } from './audit.ts'
import type { Api, Routes } from './parts.ts'
import { HttpProblem, notFound } from './problems.ts'
import { answers, WRITE_PROBLEMS } from './responses.ts'

/** `POST /v1/containments`: a responder's order, told to who enforces it, kept, and followed. */
export function addContainments(app: Routes, api: Api): void {
  app.post(
    '/v1/containments',
    {
      schema: {
        tags: ['containments'],
        operationId: 'orderContainment',
        summary: 'Contain, or release, what a compromised path holds',
        description:
          'A dry run unless `dry_run` is false. An order is stored first, so that every use after it is told as a critical alert; ' +
          'then each receiver of the settings is sent a CAEP event (`session-revoked`, `credential-change`) for each target, as a ' +
          'signed SET (RFC 8417, RFC 8935). What a receiver did not take is told, and may be ordered again.',
        querystring: OneQuery,
        body: ContainmentWanted,
        response: answers('What was, or would be, done.', ContainmentOrder, [...WRITE_PROBLEMS, 'not-found']),
      },
    },
    async (request) => order(request, request.query.tenant, request.body, api),
  )
}

type Planned = Pick<ContainmentAction, 'action' | 'target' | 'why'> & { readonly credentialType: string | null }
type Step = ContainmentOrder['steps'][number]

async function order(
  request: FastifyRequest,
  tenant: string,
  wanted: ContainmentWanted,
  api: Api,
): Promise<ContainmentOrder> {
  const { action, reason, dry_run } = wanted
  const at = api.arrivalClock()
  const id = randomUUID()
  const by = callerName(callerOf(request))
  const planned = await plannedOf(tenant, wanted, api)
  const told = planned.map((one, i) => ({
    ...one,
    event: action === 'release' ? null : securityEventOf({ ...one, tenant, reason, at, jti: `${id}/${i + 1}` }),
    isWatched: isWatched(one),
  }))
  const head = { type: 'containment_order' as const, id, action, dry_run, tenant, at: iso(at), by, reason }
  note(request, { order: id, action, dry_run, reason, targets: told.map(({ target: { kind, id: of } }) => [kind, of]) })
  if (dry_run) return { ...head, workflow_id: null, steps: told.map((one, i) => stepOf(one, i, wouldPush(one, api))) }
  const workflow_id = `containment/${id}`
  await keep(
    told.filter(({ isWatched: is }) => is).map((one, i) => eventOf(one, `${id}/${i + 1}`, { ...head, workflow_id })),
    tenant,
    api,
  )
  const pushed = await api.securityEvents.push(told.flatMap(({ event }) => event ?? []))
  const steps = told.map((one, i) =>
    stepOf(
      one,
      i,
      (pushed.get(one.event?.jti ?? '') ?? []).map(({ receiver, why }) => ({
        receiver,
        verdict: why === null ? ('delivered' as const) : ('failed' as const),
        why,
      })),
    ),
  )
  note(request, {
    ...head,
    type: undefined,
    steps: steps.map(({ target, pushes }) => [target.kind, target.id, pushes]),
  })
  return { ...head, workflow_id, steps }
}

const OF_KIND = { agent: 'stop-agent', credential: 'revoke-credential', grant: 'revoke-grant' } as const

async function plannedOf(
  tenant: string,
  { subject, targets, action }: ContainmentWanted,
  { reader, arrivalClock, limits }: Api,
): Promise<readonly Planned[]> {
  if (subject === undefined) {
    const why = action === 'release' ? 'let back by name' : 'ordered by name'
    const planned = (targets ?? []).map((target) => ({
      action: OF_KIND[target.kind],
      target,
      why,
      credentialType: null,
    }))
    return Promise.all(
      planned.map(async (one) =>
        one.target.kind === 'credential'
          ? { ...one, credentialType: (await reader.credential(tenant, one.target.id))?.type ?? null }
          : one,
      ),
    )
  }
  const dossier = await gather(reader, { ...subject, tenant }, limits.maxSteps)
  if (dossier.steps.length === 0) throw notFound(subject.kind, subject.id, tenant)
  const radius = blastRadius(dossier, arrivalClock())
  const typeOf = new Map(radius.held.map(({ kind, id, type }) => [`${kind} ${id}`, type]))
  return containmentPlan(radius, dossier).map((one) => ({
    ...one,
    credentialType: typeOf.get(`credential ${one.target.id}`) ?? null,
  }))
}

/** What names its user in every event can be watched; of who was handed work nobody knows yet that they are to be stopped. */
const isWatched = ({ action, target }: Planned): boolean =>
  action !== 'check-agent' && ['agent', 'credential', 'grant'].includes(target.kind)

interface Told extends Planned {
  readonly event: SecurityEvent | null
  readonly isWatched: boolean
}

const wouldPush = ({ event }: Told, { securityEvents }: Api): Step['pushes'] =>
  event === null
    ? []
    : securityEvents.hearers(event.tenant).map((receiver) => ({ receiver, verdict: 'would_push', why: null }))

const stepOf = ({ action, target, why, event, isWatched: watched }: Told, i: number, pushes: Step['pushes']): Step => ({
  order: i + 1,
  action,
  target,
  why,
  event_type: event?.type ?? null,
  pushes,
  watched,
})

/** The order as an event of the contract, which goes the way of every other. */
const eventOf = (
  { target }: Told,
  id: string,
  { action, tenant, at, by, reason, workflow_id }: Omit<ContainmentOrder, 'steps'>,
): object => ({
  id,
  time: at,
  kind: 'containment',
  source: 'catenary',
  tenant,
  workflow_id,
  principal: { type: 'user', id: by },
  outcome: 'success',
  containment: { action, target, reason },
})

/** Throws a problem where the order was not stored as it stands: nobody is told of what is not followed. */
async function keep(events: readonly object[], tenant: string, api: Api): Promise<void> {
  if (events.length === 0) return
  const body = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  const arrivals = []
  for await (const arrival of api.readBody(body, {
    name: 'POST /v1/containments',
    tenant,
    format: 'events',
    headers: {},
    maxBytes: api.limits.maxUnpackedBytes,
  }))
    arrivals.push(arrival)
  const refused = arrivals.find(({ ok }) => !ok)
  if (refused?.ok === false)
    throw new HttpProblem('bad-request', `a target cannot be kept: ${refused.message}; nothing was done`)
  await api.ingest(arrivals)
}
