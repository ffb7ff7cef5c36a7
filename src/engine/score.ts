import { type Finding, isAtLeast, type Severity, worse } from '../core/index.ts'

/** How much one certain finding of a severity worries, 0 to 1. */
const WEIGHT: Readonly<Record<Severity, number>> = { info: 0, low: 0.2, medium: 0.5, high: 0.75, critical: 0.92 }

/** Detectors whose findings say that authority was exceeded; any of them adds this much worry to the others. */
export const EXCEEDS: ReadonlySet<string> = new Set(['scope-expansion', 'approval-drift', 'delegation-widening'])

/** How much one finding worries by itself, 0 to 1. */
export const weightOf = ({ severity, confidence }: Pick<Finding, 'severity' | 'confidence'>): number =>
  WEIGHT[severity] * confidence

/**
 * The score of a chain, 0 to 100: how much to worry now.
 *
 * Each detector counts once, with its strongest finding: w = weight(severity) × confidence. They are combined as
 * independent reasons (noisy or): 100 × (1 − Π (1 − w)). A second detector of the authority family counts half, since
 * they look at one thing. A step without a finding has no term, so a harmless event never raises the score.
 */
export function scoreOf(findings: Iterable<Finding>): number {
  const strongest = new Map<string, number>()
  for (const finding of findings) {
    const weight = weightOf(finding)
    if (weight > (strongest.get(finding.detector) ?? 0)) strongest.set(finding.detector, weight)
  }
  let calm = 1
  let exceeded = false
  for (const [detector, weight] of [...strongest].sort((a, b) => b[1] - a[1])) {
    const again = EXCEEDS.has(detector) && exceeded
    exceeded ||= EXCEEDS.has(detector)
    calm *= 1 - (again ? weight / 2 : weight)
  }
  return Math.round(100 * (1 - calm))
}

/** The severity a chain is shown with: what its score says, and never less than its strongest finding. */
export function severityOf(score: number, findings: Iterable<Pick<Finding, 'severity'>>): Severity {
  const said: Severity =
    score >= 90 ? 'critical' : score >= 65 ? 'high' : score >= 35 ? 'medium' : score > 0 ? 'low' : 'info'
  let strongest = said
  for (const { severity } of findings) strongest = worse(strongest, severity)
  return strongest
}

/** Strongest first: severity, then confidence, then detector, then id, so that the order is total. */
export function byStrength(a: Finding, b: Finding): number {
  if (a.severity !== b.severity) return isAtLeast(a.severity, b.severity) ? -1 : 1
  if (a.confidence !== b.confidence) return b.confidence - a.confidence
  return a.detector === b.detector ? (a.id < b.id ? -1 : 1) : a.detector < b.detector ? -1 : 1
}
