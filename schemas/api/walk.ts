import { z } from 'zod'
import type { Flow, StepName, Walk } from '../../src/core/index.ts'
import { fieldsOf, StepFields } from './step.ts'
import { Grade } from './words.ts'

const Name = z.object({ workflow_id: z.string(), step_id: z.string() })

/** A flow as a walk has it. */
export const FlowJson = z
  .object({
    type: z.literal('flow'),
    from: Name,
    to: Name,
    edge: z
      .enum(['caused', 'credential', 'handoff', 'approval', 'next', 'data'])
      .describe('`next`: only the order in time is known.'),
    grade: Grade,
    rule: z
      .string()
      .describe('What it was concluded from: `credential.id`, `parent_step_id`, `handoff.to_workflow_id`, …'),
    confidence: z.number().min(0).max(1),
    carries: z
      .string()
      .nullable()
      .describe('The credential that went over, the agent the work was given to, or the approval.'),
  })
  .meta({ id: 'Flow' })

export const WalkJson = z
  .object({
    type: z.literal('walk'),
    tenant: z.string(),
    direction: z.enum(['forward', 'back']),
    start: Name,
    steps: z.array(z.object(StepFields)).describe('All that were reached, the start among them, in event-time order.'),
    flows: z.array(FlowJson),
    truncated: z.boolean().describe('There is more than is walked at once.'),
  })
  .meta({ id: 'Walk' })

const nameJson = ({ workflowId, stepId }: StepName): z.output<typeof Name> => ({
  workflow_id: workflowId,
  step_id: stepId,
})

/** A flow as the API and `catenary replay` show it. */
export const flowJson = ({ from, to, type, ...how }: Flow): z.output<typeof FlowJson> => ({
  type: 'flow',
  from: nameJson(from),
  to: nameJson(to),
  edge: type,
  ...how,
})

/** A walk as the API shows it. */
export const walkJson = ({ direction, start, steps, flows, isCut }: Walk): z.output<typeof WalkJson> => ({
  type: 'walk',
  tenant: start.event.tenant,
  direction,
  start: nameJson({ workflowId: start.attribution.workflowId, stepId: start.id }),
  steps: steps.map(fieldsOf),
  flows: flows.map(flowJson),
  truncated: isCut,
})
