import { isLoud } from '../core/index.ts'
import { type Share, shareOf } from './interval.ts'
import type { RunAlert, RunResult } from './run-result.ts'

/** What is true of a set of events, in the form that `catenary generate --labels` writes. */
export interface Labels {
  readonly attacks: readonly {
    readonly name: string
    readonly workflowIds: readonly string[]
    readonly harm: string
    readonly detectors: readonly string[]
  }[]
}

/** How well one version tells attacks from the rest, at severity medium and above. */
export interface LabelFigures {
  /** Attacks with an alert on one of their chains, or one that cites the harm. */
  readonly recall: Share
  /** Alerts that belong to an attack, of all alerts. */
  readonly precision: Share
  readonly missed: readonly string[]
}

/** All detectors together, or one of them: then only the attacks that are its to see count for recall. */
export function labelFigures({ alerts }: RunResult, { attacks }: Labels, detector?: string): LabelFigures {
  const own = detector === undefined ? attacks : attacks.filter((one) => one.detectors.includes(detector))
  const loud = alerts.filter((alert) => isLoud(alert) && (detector === undefined || alert.detectors.includes(detector)))
  const isOf = (alert: RunAlert, attack: Labels['attacks'][number]): boolean =>
    attack.workflowIds.includes(alert.workflowId) || alert.events.includes(attack.harm)
  const missed = own.filter((attack) => !loud.some((alert) => isOf(alert, attack)))
  return {
    recall: shareOf(own.length - missed.length, own.length),
    precision: shareOf(loud.filter((alert) => attacks.some((attack) => isOf(alert, attack))).length, loud.length),
    missed: missed.map(({ name }) => name),
  }
}
