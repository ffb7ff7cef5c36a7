import { RunComparison, runComparisonJson } from '../../schemas/api/comparison.ts'
import { CompareQuery } from '../../schemas/api/query.ts'
import type { ReplayFrame } from '../core/index.ts'
import { compareRuns } from '../response/compare-runs.ts'
import { chainOrThrow } from './chains.ts'
import { stepsUntil } from './paging.ts'
import type { Api, Routes } from './parts.ts'
import { oneOf } from './responses.ts'

/** `GET /v1/chains/{id}/compare`: two runs of one task, set side by side. */
export function addCompare(app: Routes, api: Api): void {
  const schema = oneOf(['chains'])('compareChains', 'Set two runs of a task side by side', RunComparison)
  app.get(
    '/v1/chains/:id/compare',
    {
      schema: {
        ...schema,
        description:
          'Both are replayed; steps that do the same in the same order are one line, the others stand alone. Says where they part, ' +
          'and what one had that the other had not.',
        querystring: CompareQuery,
      },
    },
    async ({ params: { id }, query: { tenant, with: other } }) => {
      const left = await replayed(api, tenant, id)
      const right = await replayed(api, tenant, other)
      return runComparisonJson(tenant, [left, right], compareRuns(left.frames, right.frames))
    },
  )
}

async function replayed(
  api: Api,
  tenant: string,
  workflowId: string,
): Promise<{ readonly workflowId: string; readonly frames: readonly ReplayFrame[] }> {
  await chainOrThrow(api.reader, tenant, workflowId)
  const steps = await stepsUntil(api.reader, tenant, workflowId, { until: undefined, most: api.limits.maxSteps })
  return { workflowId, frames: [...api.replay(steps, { without: [] })] }
}
