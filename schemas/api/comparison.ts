import { z } from 'zod'
import {
  firstHarm,
  type ReplayFrame,
  type RunComparison as RunComparisonOf,
  type RunStep as RunStepOf,
} from '../../src/core/index.ts'
import { Score, Severity, Time } from './words.ts'

const Side = z.object({
  event_id: z.string(),
  time: Time,
  label: z.string(),
  outcome: z.string(),
  score: Score.describe('Of the chain, after this step.'),
  findings: z.array(z.object({ detector: z.string(), severity: Severity, summary: z.string() })),
})

const Run = z.object({
  workflow_id: z.string(),
  steps: z.number().int(),
  score: Score,
  first_harm: z.string().nullable().describe('The first event with a finding of medium severity or more.'),
})

const Only = z.object({ left: z.array(z.string()), right: z.array(z.string()) })

export const RunComparison = z
  .object({
    type: z.literal('run_comparison'),
    tenant: z.string(),
    left: Run,
    right: Run,
    part_at: z.number().int().nullable().describe('The first of `steps` where they are not the same; null: nowhere.'),
    truncated: z.boolean().describe('Steps beyond the first 2,000 of a run were left out.'),
    only: z
      .object({
        agents: Only,
        tools: Only,
        resources: Only,
        zones: Only,
        scopes: Only,
        credentials: Only,
        destinations: Only,
      })
      .describe('What one has and the other has not.'),
    steps: z
      .array(
        z.object({
          how: z.enum(['same', 'differs', 'only-left', 'only-right']),
          left: Side.nullable(),
          right: Side.nullable(),
          differs: z.array(z.string()).describe('In what the two differ.'),
        }),
      )
      .describe('Both runs, aligned.'),
  })
  .meta({ id: 'RunComparison' })

export type RunComparison = z.output<typeof RunComparison>

interface Frames {
  readonly workflowId: string
  readonly frames: readonly ReplayFrame[]
}

const runJson = ({ workflowId, frames }: Frames): z.output<typeof Run> => ({
  workflow_id: workflowId,
  steps: frames.length,
  score: frames.at(-1)?.scoreAfter ?? 0,
  first_harm: frames[firstHarm(frames) ?? frames.length]?.step.event.id ?? null,
})

const sideJson = (side: RunStepOf | null): z.output<typeof Side> | null =>
  side === null
    ? null
    : {
        event_id: side.eventId,
        time: side.time,
        label: side.label,
        outcome: side.outcome,
        score: side.score,
        findings: side.findings.map((one) => ({ ...one })),
      }

/** Two runs set side by side, as the API and `catenary compare --json` show them. */
export const runComparisonJson = (
  tenant: string,
  [left, right]: readonly [Frames, Frames],
  { steps, partAt, only, isCut }: RunComparisonOf,
): RunComparison => ({
  type: 'run_comparison',
  tenant,
  left: runJson(left),
  right: runJson(right),
  part_at: partAt,
  truncated: isCut,
  only: Object.fromEntries(
    Object.entries(only).map(([name, one]) => [name, { left: [...one.left], right: [...one.right] }]),
  ) as RunComparison['only'],
  steps: steps.map((one) => ({
    how: one.how,
    left: sideJson(one.left),
    right: sideJson(one.right),
    differs: [...one.differs],
  })),
})
