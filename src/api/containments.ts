import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import {
  ContainmentOrder,
  ContainmentOrderPage,
  ContainmentWanted,
  dryRunJson,
  orderJson,
} from '../../schemas/api/containment.ts'
import { ContainmentsQuery, OneQuery } from '../../schemas/api/query.ts'
import { iso } from '../../schemas/api/words.ts'
import { securityEventOf } from '../../schemas/forward/security-event.ts'
import { type ContainmentAction, callerName } from '../core/index.ts'
import type { Delivery, Order } from '../ports/index.ts'
import { blastRadius } from '../response/blast-radius.ts'
import { containmentPlan } from '../response/containment.ts'
import { gather } from '../response/gather.ts'
import { callerOf } from './access.ts'
import { note } from './audit.ts'
import { sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { HttpProblem, notFound } from './problems.ts'
import { answers, oneOf, WRITE_PROBLEMS } from './responses.ts'

const tags = ['containments']

/** `/v1/containments`: responders' orders, told to who enforces them, kept, and followed. */
export function addContainments(app: Routes, api: Api): void {
  addReads(app, api)
  app.post(
    '/v1/containments',
    {
      schema: {
        tags,
        operationId: 'orderContainment',
        summary: 'Contain, or release, what a compromised path holds',
        description:
          'A dry run unless `dry_run` is false. An order is stored first, so that every use after it is told as a critical alert; ' +
          'then each receiver of the settings is sent a CAEP event (`session-revoked`, `credential-change`) for each target, as a ' +
          'signed SET (RFC 8417, RFC 8935). What a receiver did not take is sent again by itself, and told as `pending`.',
        querystring: OneQuery,
        body: ContainmentWanted,
        response: answers('What was, or would be, done.', ContainmentOrder, [...WRITE_PROBLEMS, 'not-found']),
      },
    },
    async (request) => order(request, request.query.tenant, request.body, api),
  )
}

function addReads(app: Routes, { reader, outbox }: Api): void {
  app.get(
    '/v1/containments',
    {
      schema: {
        tags,
        operationId: 'listContainments',
        summary: 'List orders of containment and release',
        description: 'Newest first, each with what became of its events. Dry runs are not kept.',
        querystring: ContainmentsQuery,
        response: answers('A page of orders.', ContainmentOrderPage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) =>
      sendPage(
        request,
        reply,
        reader.orders(request.query).then(async ({ items, cursor }) => {
          const deliveries = await deliveriesOf(items, outbox)
          return { items: items.map((one) => orderJson(one, deliveries)), cursor }
        }),
        (one) => one,
      ),
  )
  app.get(
    '/v1/containments/:id',
    { schema: oneOf(tags)('getContainmentOrder', 'One order, with what became of its events', ContainmentOrder) },
    async ({ params: { id }, query: { tenant } }) => {
      const found = await reader.order(tenant, id)
      if (found === null) throw notFound('order of containment', id, tenant)
      return orderJson(found, await outbox.deliveriesOf(tenant, [id]))
    },
  )
}

async function deliveriesOf(orders: readonly Order[], outbox: Api['outbox']): Promise<readonly Delivery[]> {
  const tenants = [...new Set(orders.map(({ tenant }) => tenant))]
  const found = await Promise.all(
    tenants.map((of) =>
      outbox.deliveriesOf(
        of,
        orders.flatMap(({ tenant, id }) => (tenant === of ? [id] : [])),
      ),
    ),
  )
  return found.flat()
}

type Planned = Pick<ContainmentAction, 'action' | 'target' | 'why'> & { readonly credentialType: string | null }

async function order(
  request: FastifyRequest,
  tenant: string,
  wanted: ContainmentWanted,
  api: Api,
): Promise<ContainmentOrder> {
  const { action, reason, dry_run } = wanted
  const at = api.arrivalClock()
  const id = randomUUID()
  const planned = await plannedOf(tenant, wanted, api)
  const given: Order = {
    tenant,
    id,
    action,
    at,
    by: callerName(callerOf(request)),
    reason,
    workflowId: `containment/${id}`,
    steps: planned.map(({ credentialType, ...one }, i) => ({
      ...one,
      event:
        action === 'release'
          ? null
          : securityEventOf({ ...one, credentialType, tenant, reason, at, jti: `${id}/${i + 1}` }),
      isWatched: isWatched(one),
    })),
  }
  const targets = given.steps.map(({ target: { kind, id: of } }) => [kind, of])
  note(request, { order: id, action, dry_run, reason, targets })
  if (dry_run) return dryRunJson(given, api.securityEvents.hearers(tenant))
  await keep(given, api)
  await api.reader.saveOrder(given)
  const { type: _, steps, ...told } = orderJson(given, await api.securityEvents.push(given))
  note(request, { ...told, steps: steps.map(({ target, pushes }) => [target.kind, target.id, pushes]) })
  return { type: 'containment_order', ...told, steps }
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
const isWatched = ({ action, target }: Pick<Planned, 'action' | 'target'>): boolean =>
  action !== 'check-agent' && ['agent', 'credential', 'grant'].includes(target.kind)

/** The targets that can be watched as events of the contract, which go the way of every other. */
const eventsOf = ({ id, action, tenant, at, by, reason, workflowId, steps }: Order): readonly object[] =>
  steps
    .filter((step) => step.isWatched)
    .map(({ target }, i) => ({
      id: `${id}/${i + 1}`,
      time: iso(at),
      kind: 'containment',
      source: 'catenary',
      tenant,
      workflow_id: workflowId,
      principal: { type: 'user', id: by },
      outcome: 'success',
      containment: { action, target, reason },
    }))

/** Throws a problem where the order was not stored as it stands: nobody is told of what is not followed. */
async function keep(order: Order, api: Api): Promise<void> {
  const events = eventsOf(order)
  if (events.length === 0) return
  const body = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  const arrivals = []
  for await (const arrival of api.readBody(body, {
    name: 'POST /v1/containments',
    tenant: order.tenant,
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
