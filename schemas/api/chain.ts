import { z } from 'zod'
import { type Alert, type ChainSummary, labelOf } from '../../src/core/index.ts'
import type { EdgeRow, StepRow } from '../../src/ports/index.ts'
import { chainJson } from '../output.ts'
import { StandingFinding } from './step.ts'
import { Grade, Principal, pageOf, Score, Severity, Time } from './words.ts'

export const ChainLink = z
  .object({
    workflow_id: z.string(),
    relation: z.enum(['parent', 'child', 'credential', 'candidate']),
    grade: Grade,
  })
  .meta({ id: 'ChainLink' })

/** What `chainJson` writes. Where the chain came from is not told. */
export const Chain = z
  .object({
    type: z.literal('chain'),
    workflow_id: z.string(),
    tenant: z.string(),
    events: z.number().int(),
    steps: z.number().int(),
    agent_ids: z.array(z.string()),
    credential_ids: z.array(z.string()),
    principal: Principal.nullable(),
    task: z.string().nullable(),
    score: Score,
    severity: Severity,
    status: z.enum(['open', 'closed']),
    first_at: Time,
    last_at: Time,
    links: z.array(ChainLink),
  })
  .meta({ id: 'Chain' })

export const ChainPage = pageOf(Chain, 'ChainPage')

/** One chain with what its detectors found. */
export const ChainDetail = Chain.extend({ findings: z.array(StandingFinding) }).meta({ id: 'ChainDetail' })

const Node = z.object({
  step_id: z.string(),
  event_id: z.string().nullable(),
  kind: z.string().nullable(),
  label: z.string().nullable(),
  time: Time.nullable(),
  agent_id: z.string().nullable(),
  outcome: z.string().nullable(),
  missing: z.boolean().describe('An edge names the step, and it is not among the steps.'),
  evidence: z
    .array(z.object({ alert_id: z.string(), role: z.string(), grade: Grade }))
    .describe('The open alerts that stand on it. Empty for a step no alert cites.'),
})

const Edge = z.object({
  from: z.string(),
  to: z.string(),
  type: z.enum(['caused', 'credential', 'handoff', 'approval', 'next', 'data']),
  grade: Grade,
  rule: z.string().describe('What made the edge: `parent_step_id`, `credential.id`, `time-order` …'),
  confidence: z.number(),
})

export const Graph = z
  .object({
    type: z.literal('graph'),
    tenant: z.string(),
    workflow_id: z.string(),
    nodes: z.array(Node).describe('In event-time order; missing steps last.'),
    edges: z.array(Edge),
    links: z.array(ChainLink).describe('Other chains this one is linked with.'),
    truncated: z.boolean().describe('The chain has more steps than are shown.'),
  })
  .meta({ id: 'Graph' })

type Nodes = z.output<typeof Graph>['nodes']

/** The nodes of a graph: every step once, its evidence marked, then the steps that only an edge knows. */
export function nodesOf(rows: readonly StepRow[], edges: readonly EdgeRow[], alerts: readonly Alert[]): Nodes {
  const marks = marksOf(alerts)
  const nodes = new Map<string, Nodes[number]>()
  for (const { step } of rows) {
    const { event } = step
    if (nodes.has(step.id)) continue
    nodes.set(step.id, {
      step_id: step.id,
      event_id: event.id,
      kind: event.kind,
      label: labelOf(event),
      time: event.time,
      agent_id: event.agent?.id ?? null,
      outcome: event.outcome,
      missing: false,
      evidence: marks.get(event.id) ?? [],
    })
  }
  for (const id of edges.flatMap(({ from, to }) => [from, to]))
    if (!nodes.has(id)) nodes.set(id, { ...MISSING, step_id: id })
  return [...nodes.values()]
}

const MISSING = {
  event_id: null,
  kind: null,
  label: null,
  time: null,
  agent_id: null,
  outcome: null,
  missing: true,
  evidence: [],
}

function marksOf(alerts: readonly Alert[]): ReadonlyMap<string, Nodes[number]['evidence']> {
  const marks = new Map<string, Nodes[number]['evidence']>()
  for (const { id, evidence, status } of alerts) {
    if (status !== 'open') continue
    for (const { eventId, role, grade } of evidence)
      marks.set(eventId, [...(marks.get(eventId) ?? []), { alert_id: id, role, grade }])
  }
  return marks
}

export const edgeJson = ({
  from,
  to,
  type,
  grade,
  rule,
  confidence,
}: EdgeRow): z.output<typeof Graph>['edges'][number] => ({
  from,
  to,
  type,
  grade,
  rule,
  confidence,
})

/** A chain as the API shows it. */
export const chainDetail = (chain: ChainSummary): object => ({ ...chainJson(chain, null), origin: undefined })
