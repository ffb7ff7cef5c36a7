import { Arrivals } from './arrivals.ts'
import type { EstateEvent } from './episode.ts'
import type { AttackLabel, EstateLabels, TwinLabel } from './label.ts'
import { type EstateOptions, planOf } from './plan.ts'

/** Longer than any episode reaches back before its own time. */
const REACH = 5 * 60_000

/**
 * The traffic of an invented company's agents, in the order in which it arrives: mostly the order of event time, some
 * seconds late, a few events twice. Holds in memory only what is on its way. Throws `CAT_USAGE` for an impossible size.
 */
export function* createEstate(options: EstateOptions): Generator<EstateEvent> {
  const arrivals = new Arrivals()
  let left = options.events ?? Number.POSITIVE_INFINITY
  for (const item of planOf(options)) {
    for (let sent = arrivals.takeBefore(item.at - REACH); sent !== null; sent = arrivals.takeBefore(item.at - REACH)) {
      if (left <= 0) return
      left -= 1
      yield sent.event
    }
    for (const sent of item.tell().sent) arrivals.put(sent)
  }
  for (let sent = arrivals.takeBefore(Number.POSITIVE_INFINITY); sent !== null && left > 0; left -= 1) {
    yield sent.event
    sent = arrivals.takeBefore(Number.POSITIVE_INFINITY)
  }
}

/** What is true of the estate of the same options: its attacks and its look-alikes, in the order they begin. */
export function labelsOf(options: EstateOptions): EstateLabels {
  const attacks: AttackLabel[] = []
  const twins: TwinLabel[] = []
  for (const item of planOf(options)) {
    if (!item.isLabelled) continue
    const episode = item.tell()
    attacks.push(...episode.attacks)
    twins.push(...episode.twins)
  }
  return options.events === undefined ? { attacks, twins } : whatIsLeft({ attacks, twins }, options)
}

/** Without what the cut at an exact number of events left out. */
function whatIsLeft({ attacks, twins }: EstateLabels, options: EstateOptions): EstateLabels {
  const missing = new Set([...attacks.map(({ harm }) => harm), ...twins.map(({ lookalike }) => lookalike)])
  for (const event of createEstate(options)) missing.delete(String(event['id']))
  return {
    attacks: attacks.filter(({ harm }) => !missing.has(harm)),
    twins: twins.filter(({ lookalike }) => !missing.has(lookalike)),
  }
}
