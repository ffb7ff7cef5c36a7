import { type DecodeOptions, decodeEvent } from '../../schemas/event.ts'
import {
  type DetectorCase,
  type DetectorCases,
  type DetectorEvasions,
  type Finding,
  isAtLeast,
  isLoud,
} from '../core/index.ts'
import { createEngine } from '../engine/engine.ts'
import type { EngineParts } from '../engine/parts.ts'

export interface CaseResult {
  readonly detector: string
  readonly half: 'attack' | 'twin' | 'evasion'
  readonly name: string
  /** Null when the case passed; else what was expected and what came. */
  readonly problem: string | null
}

const OPTIONS: DecodeOptions = {
  content: { key: new TextEncoder().encode('a key for cases, not a secret'), retain: false },
}

/** Runs a detector's attacks and twins through the door and the whole engine. Throws on an event that is not one. */
export const runCases = (cases: DetectorCases, parts: EngineParts): readonly CaseResult[] => [
  ...cases.attacks.map((attack) => ({
    detector: cases.detector,
    half: 'attack' as const,
    name: attack.name,
    problem: missed(findingsOf(attack, parts, cases.detector), attack),
  })),
  ...cases.twins.map((twin) => ({
    detector: cases.detector,
    half: 'twin' as const,
    name: twin.name,
    problem: loud(findingsOf(twin, parts, cases.detector)),
  })),
]

/** Runs the ways round a detector that were tried: those in vain are attacks; of the others, one that is seen by now is told. */
export const runEvasions = (evasions: DetectorEvasions, parts: EngineParts): readonly CaseResult[] => [
  ...runCases({ detector: evasions.detector, attacks: evasions.seen, twins: [] }, parts).map((result) => ({
    ...result,
    half: 'evasion' as const,
  })),
  ...evasions.unseen.map((one) => ({
    detector: evasions.detector,
    half: 'evasion' as const,
    name: one.name,
    problem:
      loud(findingsOf(one, parts, evasions.detector)) === null
        ? null
        : 'it is seen by now: move it to `seen`, and strike it from `misses`',
  })),
]

/** Every finding of one detector that stands at the end of a case. */
export function findingsOf(one: DetectorCase, parts: EngineParts, detector: string): readonly Finding[] {
  const engine = createEngine(parts)
  for (const value of one.events) {
    const decoded = decodeEvent(value, OPTIONS)
    if (!decoded.ok) throw new Error(`case "${one.name}": ${decoded.path}: ${decoded.message}`)
    engine.accept(decoded.event, { origin: null, arrivedAt: decoded.event.at })
  }
  engine.finish(one.until === undefined ? undefined : Date.parse(one.until))
  const { findings } = engine.drain()
  return findings.flatMap(({ finding, status }) =>
    status === 'open' && finding.detector === detector ? [finding] : [],
  )
}

function missed(
  findings: readonly Finding[],
  { harm, minSeverity: least = 'medium', credentialIds }: DetectorCases['attacks'][number],
): string | null {
  const citing = findings.filter(({ evidence }) => evidence.some(({ eventId }) => eventId === harm))
  const found = citing.find(({ severity }) => isAtLeast(severity, least))
  if (found !== undefined) {
    const named = found.credentialIds ?? []
    if (credentialIds === undefined || credentialIds.join() === named.join()) return null
    return `expected it to name the credentials ${credentialIds.join(', ')}, came: ${named.join(', ') || 'none'}`
  }
  const came = findings.map(
    ({ severity, evidence }) => `${severity} citing ${evidence.map(({ eventId }) => eventId).join(',')}`,
  )
  return `expected a finding of at least ${least} citing ${harm}, came: ${came.join('; ') || 'none'}`
}

function loud(findings: readonly Finding[]): string | null {
  const [first] = findings.filter(isLoud)
  return first === undefined ? null : `expected nothing above low, came: ${first.severity}: ${first.summary}`
}
