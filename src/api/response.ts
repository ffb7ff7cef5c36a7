import { RadiusQuery, StepsQuery } from '../../schemas/api/query.ts'
import { BlastRadius, blastRadiusJson, Containment, containmentJson } from '../../schemas/api/response.ts'
import { StepPage, stepJson } from '../../schemas/api/step.ts'
import type { Subject } from '../core/index.ts'
import { blastRadius } from '../response/blast-radius.ts'
import { containmentPlan } from '../response/containment.ts'
import { type Dossier, gather } from '../response/gather.ts'
import { alertOrThrow } from './alerts.ts'
import { sendPage } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { notFound } from './problems.ts'
import { oneOf } from './responses.ts'

const SUBJECTS = [
  ['chains', 'workflow', 'Chain'],
  ['agents', 'agent', 'Agent'],
  ['credentials', 'credential', 'Credential'],
] as const

/** What a responder asks: the path of an agent or credential, what it touched and could still reach, and what to revoke. */
export function addResponse(app: Routes, api: Api): void {
  const { reader } = api
  for (const [path, kind, name] of SUBJECTS) {
    const one = oneOf([path])
    app.get(
      `/v1/${path}/:id/blast-radius`,
      {
        schema: {
          ...one(`get${name}BlastRadius`, `What ${A[kind]} did, and what it could still do`, BlastRadius),
          querystring: RadiusQuery,
        },
      },
      async ({ params: { id }, query: { tenant, at } }) =>
        blastRadiusJson(blastRadius(await known(api, { kind, tenant, id }), at ?? api.clock())),
    )
    if (kind === 'workflow') continue
    app.get(
      `/v1/${path}/:id/path`,
      {
        schema: {
          ...one(`get${name}Path`, `The steps of ${A[kind]} through all workflows, in event-time order`, StepPage),
          querystring: StepsQuery,
        },
      },
      (request, reply) => {
        const { tenant, limit, cursor } = request.query
        const read = reader.stepsOfThread(
          tenant,
          { kind, id: request.params.id },
          { limit, ...(cursor === undefined ? {} : { cursor }) },
        )
        return sendPage(request, reply, read, stepJson)
      },
    )
  }
  app.get(
    '/v1/alerts/:id/containment',
    {
      schema: {
        ...oneOf(['alerts'])(
          'getContainment',
          'What to stop, revoke, rotate and undo, in order, and what breaks',
          Containment,
        ),
        querystring: RadiusQuery,
      },
    },
    async ({ params: { id }, query: { tenant, at } }) => {
      await alertOrThrow(api, tenant, id)
      const dossier = await known(api, { kind: 'alert', tenant, id })
      const radius = blastRadius(dossier, at ?? api.clock())
      return containmentJson(radius, containmentPlan(radius, dossier))
    },
  )
}

const A = { workflow: 'a workflow and those it started', agent: 'an agent', credential: 'a credential' } as const

async function known({ reader, limits }: Api, subject: Subject): Promise<Dossier> {
  const dossier = await gather(reader, subject, limits.maxSteps)
  if (dossier.steps.length === 0) throw notFound(subject.kind, subject.id, subject.tenant)
  return dossier
}
