import type { AgentEvent, Alert, ChainSummary, Finding } from '../../src/core/index.ts'
import {
  type Commit,
  type CoverageRow,
  type CredentialRow,
  type Delivery,
  type EdgeRow,
  type FindingRow,
  type HeartbeatRow,
  type LinkRow,
  NO_ROWS,
  type RejectedRow,
  type StepRow,
} from '../../src/ports/index.ts'
import { event, START } from '../kit/events.ts'

// Rows of a commit from a few words. Times are milliseconds after `START`.

export const commit = (sequence: number, rows: Partial<Commit> = {}): Commit => ({ ...NO_ROWS, ...rows, sequence })

export interface StepWords {
  readonly id?: string
  readonly at?: number
  readonly workflow?: string
  readonly tenant?: string
  /** What the event says beside its envelope. */
  readonly more?: Partial<AgentEvent>
  readonly row?: Partial<Omit<StepRow, 'step'>>
  readonly step?: Partial<StepRow['step']>
}

export function step({ id = 'e1', at = 0, workflow = 'w1', tenant = 'default', more, row, step }: StepWords): StepRow {
  const fact = {
    ...event({ id, at, workflow, agent: 'a1', tool: { name: 'erp.read' } }),
    tenant,
    ...more,
  } as AgentEvent
  return {
    step: {
      event: fact,
      id,
      index: 0,
      attribution: { workflowId: workflow, grade: 'reported', rule: 'reported' },
      ...step,
    },
    origin: { file: 'x.ndjson', line: 1 },
    arrivedAt: START + at,
    late: false,
    clockSkew: false,
    threads: [],
    isGone: false,
    ...row,
  }
}

export const chain = (more: Partial<ChainSummary> = {}): ChainSummary => ({
  tenant: 'default',
  workflowId: 'w1',
  status: 'open',
  events: 3,
  steps: 2,
  agentIds: ['a1'],
  credentialIds: ['tok-1'],
  principal: { type: 'user', id: 'ana@acme.example', name: 'Ana' },
  task: 'reconcile',
  score: 87.5,
  severity: 'high',
  firstAt: START,
  lastAt: START + 1_000,
  links: [{ workflowId: 'w0', relation: 'parent', grade: 'reported' }],
  ...more,
})

const evidence: Finding['evidence'] = [
  {
    eventId: 'e1',
    stepId: 'e1',
    role: 'secret-read',
    note: 'vault.read vault/prod',
    grade: 'derived',
    at: START,
    time: new Date(START).toISOString(),
    workflowId: 'w1',
    agentId: 'a1',
  },
]

export const finding = (more: Partial<Finding> = {}): Finding => ({
  key: 'k1',
  summary: 'a secret was read, and used',
  severity: 'high',
  confidence: 0.95,
  evidence,
  terms: { newZone: 'prod', steps: 2, isFirst: true },
  credentialIds: ['tok-1'],
  id: 'f1',
  detector: 'lateral-movement',
  version: 1,
  tenant: 'default',
  track: 'chain/default/w1',
  workflowId: 'w1',
  at: START,
  ...more,
})

export const findingRow = (more: Partial<Finding> = {}, row: Partial<FindingRow> = {}): FindingRow => ({
  finding: finding(more),
  status: 'open',
  reason: null,
  ...row,
})

export const alert = (more: Partial<Alert> = {}): Alert => ({
  id: 'al1',
  revision: 1,
  status: 'open',
  reason: null,
  detector: 'lateral-movement',
  detectorVersion: 1,
  detectors: ['lateral-movement'],
  findingIds: ['f1'],
  title: 'A task climbed',
  summary: 'a secret was read, and used',
  severity: 'high',
  score: 87,
  confidence: 0.95,
  tenant: 'default',
  workflowId: 'w1',
  workflowIds: ['w1'],
  agentIds: ['a1'],
  principal: { type: 'user', id: 'ana@acme.example' },
  credentialIds: ['tok-1'],
  grantIds: [],
  firstAt: START,
  lastAt: START + 1_000,
  evidence,
  terms: { newZone: 'prod' },
  frameworks: ['ASI03'],
  respond: ['look'],
  ...more,
})

export const delivery = (more: Partial<Delivery> = {}): Delivery => ({
  destination: 'siem',
  tenant: 'default',
  alertId: 'al1',
  revision: 1,
  workflowId: 'w1',
  sequence: 1,
  state: 'pending',
  onlyIfTold: false,
  queuedAt: START,
  attempts: 0,
  error: null,
  changedAt: 0,
  ...more,
})

export const credential = (more: Partial<CredentialRow> = {}): CredentialRow => ({
  tenant: 'default',
  id: 'tok-1',
  type: 'access_token',
  parentId: null,
  parentGrade: null,
  workflowIds: ['w1'],
  agentIds: ['a1'],
  scopes: ['invoices:read'],
  issuer: 'https://idp.acme.example',
  subject: 'billing-bot',
  uses: 3,
  firstAt: START,
  lastAt: START + 1_000,
  expiresAt: Date.parse('9999-12-31T23:59:59Z'),
  revokedAt: null,
  state: '{"any":"thing"}',
  ...more,
})

export const edge = (more: Partial<EdgeRow> = {}): EdgeRow => ({
  tenant: 'default',
  workflowId: 'w1',
  from: 'e1',
  to: 'e2',
  type: 'caused',
  grade: 'inferred',
  rule: 'time-order',
  confidence: 0.7,
  ...more,
})

export const link = (more: Partial<LinkRow> = {}): LinkRow => ({
  tenant: 'default',
  workflowId: 'w1',
  link: {
    from: 'w0',
    relation: 'parent',
    what: 'handoff',
    giver: { scopes: ['a'], tools: null, resources: [] },
  },
  event: event({ id: 'h1', at: 0, workflow: 'w0', agent: 'a0' }),
  attribution: { workflowId: 'w0', grade: 'reported', rule: 'reported' },
  isHidden: true,
  ...more,
})

export const coverage = (more: Partial<CoverageRow> = {}): CoverageRow => ({
  id: 'c1',
  tenant: 'default',
  at: START,
  workflowId: 'w1',
  what: 'late',
  detector: null,
  detail: 'came 10 minutes late',
  ...more,
})

export const rejected = (more: Partial<RejectedRow> = {}): RejectedRow => ({
  id: 'r1',
  tenant: 'default',
  reason: 'bad_time',
  path: 'time',
  message: 'not RFC 3339: write 2026-11-20T09:00:00Z',
  origin: { file: 'x.ndjson', line: 9 },
  at: START,
  raw: '{"time":"noon"}',
  ...more,
})

export const heartbeat = (id: string, more: Partial<AgentEvent> = {}): HeartbeatRow => ({
  event: {
    ...event({ id, at: 0, agent: 'a1' }),
    kind: 'heartbeat',
    heartbeat: { interval_s: 30 },
    ...more,
  } as HeartbeatRow['event'],
  arrivedAt: START + 5,
})

/** What a coverage list shows: the row without its id. */
export function shownCoverage({ id: _id, ...rest }: CoverageRow): Omit<CoverageRow, 'id'> {
  return rest
}

/** What a credential list shows: the row without the engine's own notes. */
export function shownCredential({ state: _state, ...rest }: CredentialRow): Omit<CredentialRow, 'state'> {
  return rest
}
