import { z } from 'zod'
import { Alert, alertDetail } from '../../schemas/api/alert.ts'
import { Id, OneQuery } from '../../schemas/api/query.ts'
import { AlertChange, type BULK_VERDICTS, BulkChange, BulkChanged, triageJson } from '../../schemas/api/triage.ts'
import {
  type AlertAction,
  type Alert as AlertOf,
  type Caller,
  callerName,
  type Triage,
  triageOf,
} from '../core/index.ts'
import { callerOf } from './access.ts'
import { note } from './audit.ts'
import type { Api, Routes } from './parts.ts'
import { HttpProblem, notFound } from './problems.ts'
import { answers, WRITE_PROBLEMS } from './responses.ts'

const tags = ['alerts']

/** The header that says which version is changed. Its absence is told by a status of its own. */
const Versioned = z.looseObject({
  'if-match': z.string().optional().describe('The `ETag` of the alert as it was read, or `*`. 428 without it.'),
})

/** The `ETag` of an alert. */
export const tagOf = ({ version }: Triage): string => `"${version}"`

/** `PATCH /v1/alerts/{id}` and `POST /v1/alerts/bulk`: what people do about alerts. */
export function addTriage(app: Routes, api: Api): void {
  addPatch(app, api)
  addBulk(app, api)
}

function addPatch(app: Routes, api: Api): void {
  app.patch(
    '/v1/alerts/:id',
    {
      schema: {
        tags,
        operationId: 'changeAlert',
        summary: 'Acknowledge, assign, note, close or reopen an alert',
        description:
          'Needs `If-Match` with the `ETag` of the alert as it was read: 412 when somebody was faster, or when the alert has new ' +
          'evidence since. A closed alert that gets new evidence or a higher severity is open again.',
        params: Id,
        querystring: OneQuery,
        headers: Versioned,
        body: AlertChange,
        response: answers('The alert, changed.', Alert, [...WRITE_PROBLEMS, 'not-found', 'stale', 'no-version']),
      },
    },
    async (request, reply) => {
      const { params, query, body, headers } = request
      const wanted = headers['if-match']
      if (wanted === undefined)
        throw new HttpProblem('no-version', 'say which version you read: send its ETag as If-Match')
      const alert = await api.reader.alert(query.tenant, params.id)
      if (alert === null) throw notFound('alert', params.id, query.tenant)
      const versions = wanted.trim() === '*' ? null : wanted.split(',').map((one) => one.trim())
      const change = { by: callerOf(request), body, fits: (tag: string) => versions?.includes(tag) ?? true }
      const triage = await changed(api, alert, change)
      if (triage === null) throw new HttpProblem('stale', 'the alert has changed since it was read; read it again', {})
      note(request, { alert: params.id, ...body })
      reply.header('etag', tagOf(triage))
      const silence = (await api.silencing.of([alert])).get(alert) ?? null
      return alertDetail(alert, api.frameworkOf, { triage, silence })
    },
  )
}

function addBulk(app: Routes, api: Api): void {
  app.post(
    '/v1/alerts/bulk',
    {
      schema: {
        tags,
        operationId: 'changeAlerts',
        summary: 'The same for many alerts at once',
        description: 'Each has its own verdict; one that cannot be changed does not keep the others from it.',
        querystring: OneQuery,
        body: BulkChange,
        response: answers('What became of each.', BulkChanged, WRITE_PROBLEMS),
      },
    },
    async (request) => {
      const { query, body } = request
      const by = callerOf(request)
      const items: Item[] = []
      for (const { alert_id, version } of body.alerts) {
        const fits = (tag: string): boolean => version === undefined || tag === `"${version}"`
        const alert = await api.reader.alert(query.tenant, alert_id)
        const triage = alert === null ? null : await changed(api, alert, { by, body: body.change, fits })
        items.push({
          alert_id,
          verdict: alert === null ? 'not_found' : triage === null ? 'stale' : 'changed',
          ...(triage === null ? {} : { triage: triageJson(triage) }),
        })
      }
      note(request, { alerts: items.map(({ alert_id, verdict }) => [alert_id, verdict]), ...body.change })
      return { items }
    },
  )
}

interface Item {
  readonly alert_id: string
  readonly verdict: (typeof BULK_VERDICTS)[number]
  readonly triage?: z.output<typeof BulkChanged>['items'][number]['triage']
}

interface Wanted {
  readonly by: Caller
  readonly body: AlertChange
  /** Whether the alert is to be changed when it has this tag. */
  fits(tag: string): boolean
}

/** Where the alert stands once it is changed; null when it has another version than the wanted one. */
async function changed({ reader, clock }: Api, alert: AlertOf, { by, body, fits }: Wanted): Promise<Triage | null> {
  const [last = null] = await reader.lastAlertActions([alert])
  const now = triageOf(alert, last)
  if (!fits(tagOf(now))) return null
  const { status = now.status, verdict, reason } = body
  const isClosed = status === 'closed'
  const action: AlertAction = {
    tenant: alert.tenant,
    alertId: alert.id,
    number: (last?.number ?? 0) + 1,
    at: clock(),
    by: callerName(by),
    status,
    assignee: body.assignee === undefined ? now.assignee : body.assignee,
    verdict: isClosed ? (verdict ?? now.verdict) : null,
    reason: isClosed ? (reason ?? now.reason) : null,
    note: body.note ?? null,
    revision: alert.revision,
    severity: alert.severity,
    eventIds: alert.evidence.map(({ eventId }) => eventId),
  }
  return (await reader.saveAlertAction(action)) ? triageOf(alert, action) : null
}
