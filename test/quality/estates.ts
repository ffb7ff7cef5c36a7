import { isLoud } from '../../src/core/index.ts'
import { createEstate, type EstateLabels, type EstateOptions, labelsOf } from '../../src/estate/index.ts'
import { type Unit, unitsOf } from '../../src/lab/judge.ts'
import { chainKey, watch } from '../../src/lab/watch.ts'
import { engineParts } from '../../src/main.ts'
import { arrivalsOfEvents } from './records.ts'

export interface EstateResult {
  readonly units: readonly Unit[]
  readonly events: number
  /** Attacks by story, with the detectors that should see each. */
  readonly attacks: readonly { readonly story: string; readonly detectors: readonly string[]; readonly unit: Unit }[]
  /** Look-alikes by name, and how many of them were alerted. */
  readonly twins: readonly { readonly name: string; readonly isAlerted: boolean }[]
}

/** A generated estate, analysed without its labels, and then set beside them. */
export async function estateResult(
  options: EstateOptions,
  storyName: (story: number) => string,
): Promise<EstateResult> {
  const seen = await watch(arrivalsOfEvents(createEstate(options), 'estate'), engineParts())
  const labels: EstateLabels = labelsOf(options)
  const units = unitsOf(seen, {
    attacks: labels.attacks.map(({ name, workflowIds, harm }) => ({
      name,
      chains: workflowIds.map((id) => chainKey('default', id)),
      harm,
    })),
  })
  const loud = seen.alerts.filter(({ alert }) => isLoud(alert))
  const cited = new Set(loud.flatMap(({ alert }) => alert.evidence.map(({ eventId }) => eventId)))
  const alerted = new Set(loud.map(({ alert }) => alert.workflowId))
  return {
    units,
    events: seen.events,
    attacks: labels.attacks.flatMap(({ story, detectors }, i) => {
      const unit = units[i]
      return unit === undefined ? [] : [{ story: storyName(story), detectors, unit }]
    }),
    twins: labels.twins.map(({ name, workflowIds, lookalike }) => ({
      name,
      isAlerted: cited.has(lookalike) || workflowIds.some((id) => alerted.has(id)),
    })),
  }
}
