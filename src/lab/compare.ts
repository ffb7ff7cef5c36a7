import { isLoud } from '../core/index.ts'
import type { RunAlert, RunResult } from './run-result.ts'

export interface ChangedAlert {
  readonly before: RunAlert
  readonly after: RunAlert
  /** In words: `severity low → high`, `no longer scope-expansion`. Never empty. */
  readonly what: readonly string[]
}

/** What became of the alerts of one version in another. */
export interface Comparison {
  readonly gained: readonly RunAlert[]
  readonly lost: readonly RunAlert[]
  readonly changed: readonly ChangedAlert[]
  readonly same: number
  /** Gained and lost ones below medium, which the lists above do not hold. */
  readonly low: { readonly gained: number; readonly lost: number }
}

/**
 * Sets the alerts of two versions side by side. Alerts are one when they have one id; failing that, when they are of one
 * chain and one detector and cite an event in common. Those below medium on both sides are only counted.
 */
export function compare(before: RunResult, after: RunResult): Comparison {
  const pairs = pairsOf(before.alerts, after.alerts)
  const paired = new Set(pairs.flat())
  const alone = (alerts: readonly RunAlert[]): readonly RunAlert[] => alerts.filter((alert) => !paired.has(alert))
  const [lost, gained] = [alone(before.alerts), alone(after.alerts)]
  const differing = pairs.flatMap(([one, other]): readonly ChangedAlert[] => {
    const what = differences(one, other)
    return what.length > 0 && (isLoud(one) || isLoud(other)) ? [{ before: one, after: other, what }] : []
  })
  // What falls below medium is lost to whoever is woken by alerts, and what rises above it is gained.
  return {
    gained: [...gained.filter(isLoud), ...differing.filter((one) => !isLoud(one.before)).map((one) => one.after)],
    lost: [...lost.filter(isLoud), ...differing.filter((one) => !isLoud(one.after)).map((one) => one.before)],
    changed: differing.filter((one) => isLoud(one.before) && isLoud(one.after)),
    same: pairs.length - differing.length,
    low: { gained: gained.filter((one) => !isLoud(one)).length, lost: lost.filter((one) => !isLoud(one)).length },
  }
}

type Pair = readonly [before: RunAlert, after: RunAlert]

function pairsOf(before: readonly RunAlert[], after: readonly RunAlert[]): readonly Pair[] {
  const byId = new Map(after.map((alert) => [alert.id, alert]))
  const taken = new Set<RunAlert>()
  const pairs: Pair[] = []
  const take = (one: RunAlert, other: RunAlert | undefined): boolean => {
    if (other === undefined || taken.has(other)) return false
    taken.add(other)
    pairs.push([one, other])
    return true
  }
  const rest = before.filter((one) => !take(one, byId.get(one.id)))
  const left = new Map<string, RunAlert[]>()
  for (const alert of after)
    if (!taken.has(alert)) left.set(placeOf(alert), [...(left.get(placeOf(alert)) ?? []), alert])
  for (const one of rest) {
    const events = new Set(one.events)
    take(
      one,
      left.get(placeOf(one))?.find((other) => !taken.has(other) && other.events.some((event) => events.has(event))),
    )
  }
  return pairs
}

const placeOf = ({ workflowId, detector }: RunAlert): string => `${workflowId}\u0000${detector}`

function differences(before: RunAlert, after: RunAlert): readonly string[] {
  const what: string[] = []
  if (before.severity !== after.severity) what.push(`severity ${before.severity} → ${after.severity}`)
  if (before.score !== after.score) what.push(`score ${before.score} → ${after.score}`)
  for (const id of after.detectors) if (!before.detectors.includes(id)) what.push(`now ${id} too`)
  for (const id of before.detectors) if (!after.detectors.includes(id)) what.push(`no longer ${id}`)
  const more = after.events.filter((event) => !before.events.includes(event)).length
  const less = before.events.filter((event) => !after.events.includes(event)).length
  if (more + less > 0) what.push(`evidence +${more} −${less}`)
  return what
}
