import { type EventKind, NO_AUTHORITY, type TrackKind } from '../core/index.ts'
import type { Fold } from './fold.ts'
import type { Armed } from './parts.ts'
import { idOf } from './sign.ts'

/** The detectors that read one kind of track, each at its slot in the states of a fold. */
export interface Readers {
  readonly armed: readonly Armed[]
  /** The fold before the first step. States are never mutated, so all tracks of a kind begin with this one. */
  readonly initial: Fold
  /** Slots of detectors that judge absence. */
  readonly timed: readonly number[]
  /** Slots by the kind of event they want to see. */
  readonly wanting: ReadonlyMap<EventKind, readonly number[]>
}

const KINDS: readonly TrackKind[] = ['chain', 'credential', 'grant', 'agent']

/** Sorts armed detectors by the kind of track they read. */
export function readersOf(all: readonly Armed[]): Readonly<Record<TrackKind, Readers>> {
  const of = (kind: TrackKind): Readers => {
    const armed = all.filter(({ detector }) => detector.reads.includes(kind))
    const wanting = new Map<EventKind, number[]>()
    armed.forEach(({ detector }, slot) => {
      for (const wanted of detector.wants) wanting.set(wanted, [...(wanting.get(wanted) ?? []), slot])
    })
    const timed = armed.flatMap(({ detector }, slot) => (detector.due === undefined ? [] : [slot]))
    const initial = { states: armed.map(({ detector }) => detector.init()), authority: NO_AUTHORITY }
    return { armed, initial, timed, wanting }
  }
  return Object.fromEntries(KINDS.map((kind) => [kind, of(kind)])) as Record<TrackKind, Readers>
}

/**
 * Equal for equal detectors with equal settings: what one process knows by them, another may go on with. A state of another shape
 * begins otherwise, should its detector's version not tell.
 */
export const readersKey = ({ armed, initial }: Readers): string =>
  idOf(
    'readers',
    ...armed.map(({ detector, options }, slot) =>
      JSON.stringify([detector.id, detector.version, options, initial.states[slot]]),
    ),
  )
