import type { Authority, Step, StepRef } from '../src/core/index.ts'
import { digest, refOf } from './evidence.ts'
import { placesOf } from './places.ts'
import { isApproved, isConsequential, isResourceGranted, type Reading } from './reading.ts'

const MAX_KNOWN = 96
const MAX_ISSUED = 24
const MAX_RECENT = 16

/** A place that a chain or agent came to for the first time. */
export interface Arrival {
  readonly kind: string
  readonly at: number
  readonly ref: StepRef
  /** Something was done there, or what lies there is sensitive. */
  readonly isGrave: boolean
}

/** Where a chain or agent has been. Knows the newest 96 places, 24 that were given, and the newest 16 arrivals. */
export interface Reach {
  /** Short names of places. */
  readonly known: readonly string[]
  readonly kinds: readonly string[]
  /** Short names of credentials made for the chain, and of agents that work was handed to. */
  readonly given: readonly string[]
  readonly recent: readonly Arrival[]
}

export const NOWHERE_YET: Reach = { known: [], kinds: [], given: [], recent: [] }

/** Takes in what was handed out openly: a fan-out of work is no spread. */
export function give(reach: Reach, { event }: Step): Reach {
  const id =
    event.kind === 'handoff'
      ? event.handoff.to_agent?.id
      : event.kind === 'credential' && (event.credential.action === 'issue' || event.credential.action === 'exchange')
        ? event.credential.id
        : undefined
  if (id === undefined || event.outcome !== 'success') return reach
  const name = digest(id)
  return reach.given.includes(name) ? reach : { ...reach, given: [...reach.given, name].slice(-MAX_ISSUED) }
}

/** The places a step came to, as `kind:name`. */
function placesReached(reach: Reach, step: Step, reading: Reading): readonly string[] {
  const own = (id: string | null): boolean => id === null || reach.given.includes(digest(id))
  const places = placesOf(step.event, reading).filter((place) => !(place.startsWith('agent:') && own(reading.agent)))
  return step.event.kind === 'tool_call' && !own(reading.credential)
    ? [...places, `credential:${reading.credential}`]
    : places
}

/** Whether a person approved the step, or the task was given what it is about. */
const isDeclared = (authority: Authority, step: Step, reading: Reading): boolean =>
  isApproved(authority, step, reading) || isResourceGranted(authority, step.event.at, reading.resource, 'any')

/** Takes in where a step went. The first place of each kind is where it stands; the others are arrivals. */
export function arrive(reach: Reach, step: Step, reading: Reading, authority: Authority, windowMs: number): Reach {
  const fresh = placesReached(reach, step, reading).filter((place) => !reach.known.includes(digest(place)))
  if (fresh.length === 0) return reach
  const kindOf = (place: string): string => place.slice(0, place.indexOf(':'))
  const arrivals = isDeclared(authority, step, reading)
    ? []
    : fresh
        .filter((place) => reach.kinds.includes(kindOf(place)))
        .map((place) => ({
          kind: kindOf(place),
          at: step.event.at,
          ref: refOf(step),
          isGrave: isConsequential(reading) || reading.sensitivity === 'restricted',
        }))
  return {
    ...reach,
    known: [...reach.known, ...fresh.map(digest)].slice(-MAX_KNOWN),
    kinds: [...new Set([...reach.kinds, ...fresh.map(kindOf)])],
    recent: [...reach.recent.filter(({ at }) => step.event.at - at <= windowMs), ...arrivals].slice(-MAX_RECENT),
  }
}
