import { Detector, DetectorList, detectorJson } from '../../schemas/api/detector.ts'
import { Id } from '../../schemas/api/query.ts'
import type { Api, Routes } from './parts.ts'
import { HttpProblem } from './problems.ts'
import { answers } from './responses.ts'

const tags = ['detectors']

/** `GET /v1/detectors`, and the page of one. */
export function addDetectors(app: Routes, { detectors, frameworkOf }: Api): void {
  const pages = new Map(detectors.map((detector) => [detector.id, detectorJson(detector, frameworkOf)]))
  app.get(
    '/v1/detectors',
    {
      schema: {
        tags,
        operationId: 'listDetectors',
        summary: 'The catalogue of detectors',
        response: answers('Every detector.', DetectorList, []),
      },
    },
    async () => ({ items: [...pages.values()] }),
  )
  app.get(
    '/v1/detectors/:id',
    {
      schema: {
        tags,
        operationId: 'getDetector',
        summary: 'The page of a detector',
        params: Id,
        response: answers('The page.', Detector, ['bad-request', 'not-found']),
      },
    },
    async ({ params: { id } }) => {
      const page = pages.get(id)
      if (page !== undefined) return page
      throw new HttpProblem('not-found', `there is no such detector; there are ${[...pages.keys()].join(', ')}`)
    },
  )
}
