import type { Actor, Alert, AnyDetector, Evidence, Finding } from '../core/index.ts'
import { byStrength, scoreOf } from './score.ts'
import { idOf } from './sign.ts'

/** What a chain knows that its alerts show beside the findings. */
export interface ChainFacts {
  readonly tenant: string
  readonly workflowId: string
  readonly principal: Actor | null
}

type Told = Omit<Alert, 'revision' | 'status' | 'reason'>

const MAX_EVIDENCE = 50

/**
 * Folds the findings of one chain into cases: findings that share a step which is more than context are one attack, told
 * as one alert under the strongest. The id of an alert comes from the earliest finding of its case, so it stays the same
 * while evidence grows. Findings of severity `info` are posture and never alone a case.
 */
export function casesOf(
  findings: readonly Finding[],
  facts: ChainFacts,
  detectors: ReadonlyMap<string, AnyDetector>,
): readonly Told[] {
  return group(findings.filter(({ severity }) => severity !== 'info')).map((members) => tell(members, facts, detectors))
}

function group(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const ordered = [...findings].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  const parent = ordered.map((_, i) => i)
  const rootOf = (i: number): number => {
    let root = i
    while (parent[root] !== root) root = parent[root] ?? root
    return root
  }
  const owner = new Map<string, number>()
  ordered.forEach((finding, i) => {
    for (const { eventId, context } of finding.evidence) {
      if (context === true) continue
      const other = owner.get(eventId)
      if (other === undefined) owner.set(eventId, i)
      else {
        const [a, b] = [rootOf(other), rootOf(i)]
        parent[Math.max(a, b)] = Math.min(a, b)
      }
    }
  })
  const members = new Map<number, Finding[]>()
  ordered.forEach((finding, i) => {
    const root = rootOf(i)
    members.set(root, [...(members.get(root) ?? []), finding])
  })
  return [...members.values()]
}

function tell(members: readonly Finding[], facts: ChainFacts, detectors: ReadonlyMap<string, AnyDetector>): Told {
  const ranked = [...members].sort(byStrength)
  const [strongest, ...rest] = ranked as [Finding, ...Finding[]]
  const evidence = mergeEvidence(ranked)
  const abouts = ranked.flatMap(({ detector }) => detectors.get(detector)?.about ?? [])
  const others = [...new Set(rest.map(({ detector }) => detector))].filter((id) => id !== strongest.detector)
  const times = evidence.map(({ at }) => at)
  return {
    id: idOf('alert', facts.tenant, facts.workflowId, members[0]?.id ?? ''),
    detector: strongest.detector,
    detectorVersion: strongest.version,
    detectors: [strongest.detector, ...others],
    findingIds: ranked.map(({ id }) => id),
    title: detectors.get(strongest.detector)?.about.title ?? strongest.detector,
    summary: strongest.summary,
    severity: strongest.severity,
    score: scoreOf(ranked),
    confidence: strongest.confidence,
    tenant: facts.tenant,
    workflowId: facts.workflowId,
    workflowIds: unique([facts.workflowId, ...evidence.map(({ workflowId }) => workflowId)]),
    agentIds: unique(evidence.flatMap(({ agentId }) => agentId ?? [])).sort(),
    principal: facts.principal,
    credentialIds: unique(ranked.flatMap(({ credentialIds }) => credentialIds ?? [])).sort(),
    grantIds: unique(ranked.flatMap(({ grantIds }) => grantIds ?? [])).sort(),
    firstAt: times.length === 0 ? strongest.at : Math.min(...times),
    lastAt: Math.max(strongest.at, ...times),
    evidence,
    terms: strongest.terms,
    frameworks: unique(abouts.flatMap(({ frameworks }) => frameworks)),
    respond: unique(abouts.flatMap(({ respond }) => respond)).slice(0, 8),
  }
}

/** Every step once, with the part it played in the strongest finding that cites it, in order of time. */
function mergeEvidence(ranked: readonly Finding[]): readonly Evidence[] {
  const byStep = new Map<string, Evidence>()
  for (const { evidence } of ranked) {
    for (const one of evidence) {
      const there = byStep.get(one.eventId)
      if (there === undefined || (there.context === true && one.context !== true)) byStep.set(one.eventId, one)
    }
  }
  const all = [...byStep.values()].slice(0, MAX_EVIDENCE)
  return all.sort((a, b) => a.at - b.at || a.eventId.length - b.eventId.length || (a.eventId < b.eventId ? -1 : 1))
}

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)]
