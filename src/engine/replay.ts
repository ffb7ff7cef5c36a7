import {
  type AgentEvent,
  type Alert,
  type Counterfactual,
  type Finding,
  isLoud,
  NO_AUTHORITY,
  type ReplayFrame,
  type Step,
} from '../core/index.ts'
import { createEngine } from './engine.ts'
import type { EngineParts } from './parts.ts'

export interface ReplayOptions {
  /** Event ids to leave out, as if they had never come. */
  readonly without?: readonly string[]
}

/**
 * Folds the steps of one chain again, one by one, and says after each what every detector knew and what the chain
 * scored. Pure: the stored chain is not touched. Threads are folded from this chain's steps only.
 */
export function replay(
  steps: readonly Step[],
  parts: EngineParts,
  options: ReplayOptions = {},
): readonly ReplayFrame[] {
  const engine = createEngine(parts)
  const frames: ReplayFrame[] = []
  let score = 0
  let knew: Readonly<Record<string, unknown>> = Object.fromEntries(
    parts.detectors.filter(({ reads }) => reads.includes('chain')).map((detector) => [detector.id, detector.init()]),
  )
  let authority = NO_AUTHORITY
  for (const step of steps) {
    if (options.without?.includes(step.event.id)) continue
    const { workflowId } = step.attribution
    engine.accept(homed(step.event, workflowId), { origin: null, arrivedAt: step.event.at })
    const commit = engine.drain()
    const after = commit.chains.find((chain) => chain.workflowId === workflowId)?.score ?? score
    const knows = engine.knows(step.event.tenant, workflowId)
    const findings: readonly Finding[] = commit.findings.flatMap(({ finding, status }) =>
      status === 'open' ? [finding] : [],
    )
    frames.push({
      step,
      authority,
      scoreBefore: score,
      scoreAfter: after,
      statesBefore: knew,
      states: knows?.states ?? knew,
      findings,
    })
    score = after
    knew = knows?.states ?? knew
    authority = knows?.authority ?? authority
  }
  return frames
}

/** The chain's final findings and score when some events are left out, with absence judged up to the end. */
export function refold(
  steps: readonly Step[],
  parts: EngineParts,
  without: readonly string[],
): { readonly findings: readonly Finding[]; readonly score: number } {
  const engine = createEngine(parts)
  const kept = steps.filter(({ event }) => !without.includes(event.id))
  for (const { event, attribution } of kept)
    engine.accept(homed(event, attribution.workflowId), { origin: null, arrivedAt: event.at })
  engine.finish()
  const commit = engine.drain()
  const findings = commit.findings.flatMap(({ finding, status }) => (status === 'open' ? [finding] : []))
  return { findings, score: Math.max(0, ...commit.chains.map((chain) => chain.score)) }
}

/** For each piece of evidence, folds the chain without it. The event whose absence lowers the score most comes first. */
export function counterfactuals(
  steps: readonly Step[],
  parts: EngineParts,
  detector: string,
  evidence: readonly { readonly eventId: string; readonly note: string }[],
): readonly Counterfactual[] {
  return evidence
    .map(({ eventId, note }) => {
      const { findings, score } = refold(steps, parts, [eventId])
      return { eventId, label: note, score, falls: !findings.some((finding) => finding.detector === detector) }
    })
    .sort((a, b) => a.score - b.score || (a.eventId < b.eventId ? -1 : 1))
}

/**
 * Whether an alert falls when some events are left out: none of its detectors then has a finding that rests on any of what the
 * alert rests on, at severity medium or above (at any, for an alert that is below medium itself). Folds the chain again.
 */
export function fallsWithout(
  steps: readonly Step[],
  parts: EngineParts,
  alert: Pick<Alert, 'detectors' | 'evidence' | 'severity'>,
  without: readonly string[],
): boolean {
  const ground = new Set(alert.evidence.flatMap(({ eventId, context }) => (context === true ? [] : [eventId])))
  const least = isLoud(alert) ? isLoud : () => true
  return !refold(steps, parts, without).findings.some(
    (finding) =>
      alert.detectors.includes(finding.detector) &&
      least(finding) &&
      finding.evidence.some(({ eventId, context }) => context !== true && ground.has(eventId)),
  )
}

const homed = (event: AgentEvent, workflowId: string): AgentEvent => ({ ...event, workflow_id: workflowId })
