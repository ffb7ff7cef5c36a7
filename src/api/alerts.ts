import { setImmediate } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { Alert, AlertHistory, AlertPage, alertDetail, Explanation, explanationJson } from '../../schemas/api/alert.ts'
import { AlertQuery, listQuery } from '../../schemas/api/query.ts'
import { actionJson } from '../../schemas/api/triage.ts'
import { DEFAULT_TENANT } from '../../schemas/api/words.ts'
import {
  type Alert as AlertOf,
  type Counterfactual,
  type Silence,
  type SmallestSet,
  type Step,
  smallestSet,
  type Triage,
  triageOf,
} from '../core/index.ts'
import type { ListQuery, TenantMatch } from '../ports/index.ts'
import { ofList, sendPage, stepsUntil } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { notFound } from './problems.ts'
import { answers, oneOf } from './responses.ts'
import { tagOf } from './triage.ts'

const tags = ['alerts']

/** `GET /v1/alerts`, and one alert: itself, why, and every revision of it. */
export function addAlerts(app: Routes, api: Api): void {
  const { reader, frameworkOf } = api
  app.get(
    '/v1/alerts',
    {
      schema: {
        tags,
        operationId: 'listAlerts',
        summary: 'List alerts',
        description: 'The last revision of each, newest first.',
        querystring: AlertQuery,
        response: answers('A page of alerts.', AlertPage, ['bad-request', 'store-away']),
      },
    },
    (request, reply) => sendAlerts(api, request.query, request, reply),
  )
  app.get(
    '/v1/alerts/:id',
    { schema: one('getAlert', 'The last revision of an alert', Alert) },
    async ({ params: { id }, query: { tenant } }, reply) => {
      const alert = await alertOrThrow(api, tenant, id)
      const around = (await aroundOf([alert], api))(alert)
      reply.header('etag', tagOf(around.triage))
      return alertDetail(alert, frameworkOf, around)
    },
  )
  app.get(
    '/v1/alerts/:id/history',
    { schema: one('getAlertHistory', 'Every revision of an alert, and what people did about it', AlertHistory) },
    async ({ params: { id }, query: { tenant } }) => {
      const revisions = await reader.alertHistory(tenant, id)
      if (revisions.length === 0) throw notFound('alert', id, tenant)
      return {
        items: revisions.map((alert) => alertDetail(alert, frameworkOf)),
        actions: (await reader.alertActions(tenant, id)).map(actionJson),
      }
    },
  )
  app.get(
    '/v1/alerts/:id/explain',
    {
      schema: {
        ...one('explainAlert', 'Why an alert was raised, and what would have kept it quiet', Explanation),
        response: answers('The explanation.', Explanation, ['bad-request', 'not-found', 'too-long', 'store-away']),
      },
    },
    async ({ params: { id }, query: { tenant } }) => {
      const alert = await alertOrThrow(api, tenant, id)
      const steps = await stepsUntil(api.reader, alert.tenant, alert.workflowId, { most: api.limits.maxSteps })
      const without = await withouts(alert, steps, api)
      return explanationJson(alert, without, await smallestOf(alert, steps, without, api), frameworkOf)
    },
  )
}

/** What the store is asked for. */
export const alertsAsked = async (
  api: Api,
  { incident_id, silenced, ...query }: z.output<typeof AlertQuery>,
): Promise<ListQuery> => ({
  ...listQuery(query),
  ...(await narrowedTo(incident_id, query.tenant, api)),
  ...(silenced === undefined ? {} : { matching: { any: await matchedNow(query.tenant, api), is: silenced } }),
})

/** A page of alerts. */
export async function sendAlerts(
  api: Api,
  query: z.output<typeof AlertQuery>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  const page = await ofList(api.reader.alerts(await alertsAsked(api, query)))
  const around = await aroundOf(page.items, api)
  return sendPage(request, reply, page, (alert) => alertDetail(alert, api.frameworkOf, around(alert)))
}

const one = oneOf(tags)
const keyOf = (tenant: string, id: string): string => JSON.stringify([tenant, id])

/** Where people stand with each alert, and the silence that keeps it from being sent. */
export async function aroundOf(
  alerts: readonly AlertOf[],
  { reader, silencing }: Pick<Api, 'reader' | 'silencing'>,
): Promise<(alert: AlertOf) => { readonly triage: Triage; readonly silence: Silence | null }> {
  const [actions, silenced] = await Promise.all([reader.lastAlertActions(alerts), silencing.of(alerts)])
  const last = new Map(actions.map((one) => [keyOf(one.tenant, one.alertId), one]))
  return (alert) => ({
    triage: triageOf(alert, last.get(keyOf(alert.tenant, alert.id)) ?? null),
    silence: silenced.get(alert) ?? null,
  })
}

/** What the silences in force match. */
const matchedNow = async (tenant: string | undefined, { silencing }: Api): Promise<readonly TenantMatch[]> =>
  (await silencing.active(tenant)).map((one) => ({ ...one.matches, tenant: one.tenant }))

/** The alerts of one incident, where one is named; one that is not there has none. */
async function narrowedTo(
  incidentId: string | undefined,
  tenant: string | undefined,
  { incidents }: Api,
): Promise<{ readonly alertIds?: readonly string[] }> {
  if (incidentId === undefined) return {}
  return { alertIds: (await incidents.one(tenant ?? DEFAULT_TENANT, incidentId))?.alertIds ?? [] }
}

/** The alert that is asked for. Throws the problem when there is none. */
export async function alertOrThrow({ reader }: Api, tenant: string, id: string): Promise<AlertOf> {
  const alert = await reader.alert(tenant, id)
  if (alert === null) throw notFound('alert', id, tenant)
  return alert
}

/** One piece of evidence at a time: each folds the whole chain, and other requests want their turn. */
async function withouts(
  { workflowId, detector, evidence: all }: AlertOf,
  steps: readonly Step[],
  { explain }: Api,
): Promise<readonly Counterfactual[]> {
  const evidence = new Map(all.filter((one) => one.workflowId === workflowId).map((one) => [one.eventId, one]))
  const found: Counterfactual[] = []
  for (const piece of evidence.values()) {
    await setImmediate()
    found.push(...explain(steps, { detector, evidence: [piece] }))
  }
  return found.sort((a, b) => a.score - b.score || (a.eventId < b.eventId ? -1 : 1))
}

/** Tries of a set that one request may take: each folds the whole chain. */
const MAX_TRIES = 60

async function smallestOf(
  alert: AlertOf,
  steps: readonly Step[],
  without: readonly Counterfactual[],
  { fallsWithout }: Api,
): Promise<SmallestSet | null> {
  const search = smallestSet(
    without.map(({ eventId }) => eventId),
    MAX_TRIES,
  )
  let next = search.next()
  while (next.done !== true) {
    await setImmediate()
    next = search.next(fallsWithout(steps, alert, next.value))
  }
  return next.value
}
