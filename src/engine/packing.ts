import { type Alert, type Authority, type Finding, NO_AUTHORITY, type TrackId } from '../core/index.ts'
import { type ChainBook, handedOutOf } from './chain-book.ts'
import type { Found } from './fold.ts'
import { adopt, type HotChain, newChain } from './hot-chain.ts'
import type { Order } from './order.ts'
import { type PackedPlaced, placedBack } from './placed.ts'
import type { Readers } from './readers.ts'
import { type Sealed, Track } from './track.ts'

/** States (0: as at first), authority (0: none), steps, the order it is sealed to, findings that stand, steps checkpointed. */
type PackedTrack = readonly [readonly unknown[], Authority | 0, number, Order | 0, readonly Found[], number?]

type PackedBook = Omit<ChainBook, 'tenant' | 'workflowId' | 'handedOut' | 'ends'> & {
  readonly ends: readonly PackedPlaced[]
}

/**
 * Puts a chain away as text. Every step is sealed by it: only do so when no step that may still come in time can stand
 * before the last. Calls that wait for their result are forgotten; the result is then a step of its own.
 */
export function packChain({ track, book, children }: HotChain): string {
  track.sealAll()
  const { tenant: _tenant, workflowId: _workflow, handedOut, ...rest } = book
  const told = handedOut === null ? 0 : [[...handedOut.findings.values()], [...handedOut.alerts.values()]]
  return JSON.stringify([packed(track), rest, [...children], told])
}

export function unpackChain(text: string, tenant: string, workflowId: string, readers: Readers): HotChain {
  const chain = newChain(tenant, workflowId, readers)
  const [track, book, children, told] = JSON.parse(text) as [
    PackedTrack,
    PackedBook,
    string[],
    0 | [Finding[], Alert[]],
  ]
  unpackInto(chain.track, track)
  Object.assign(chain.book, book, { ends: book.ends.map(placedBack) })
  for (const child of children) adopt(chain, child)
  if (told === 0) return chain
  const { findings, alerts } = handedOutOf(chain.book)
  for (const finding of told[0]) findings.set(finding.id, finding)
  for (const alert of told[1]) alerts.set(alert.id, alert)
  return chain
}

/** Puts a thread away as text; see `packChain`. */
export function packThread(track: Track): string {
  track.sealAll()
  return JSON.stringify(packed(track))
}

export function unpackThread(text: string, id: TrackId, readers: Readers): Track {
  const track = new Track(id, readers)
  unpackInto(track, JSON.parse(text) as PackedTrack)
  return track
}

/** What a thread's sealed steps left, as text: see `CheckpointRow`. */
export const checkpointText = (track: Track): string => JSON.stringify(packed(track))

/** What one detector knew then, and the place of the last step; null where it knew nothing yet. */
export function knownBy(text: string, slot: number): { readonly state: unknown; readonly until: Order } | null {
  const [states, , , until] = JSON.parse(text) as PackedTrack
  const state = states[slot]
  return state === undefined || state === 0 || until === 0 ? null : { state, until }
}

/** Puts a thread on what its steps left up to a checkpoint; those that it has within it go. */
export function putOnCheckpoint(track: Track, text: string): void {
  track.putOn(sealedOf(track, JSON.parse(text) as PackedTrack))
  track.checkpointed = track.baseLength
}

function packed({ base, baseLength, sealedUntil, sealed, folder, checkpointed }: Track): PackedTrack {
  const { states } = folder.readers.initial
  return [
    base.states.map((state, slot) => (state === states[slot] ? 0 : state)),
    base.authority === NO_AUTHORITY ? 0 : base.authority,
    baseLength,
    sealedUntil === null ? 0 : orderOnly(sealedUntil),
    sealed === null ? [] : [...sealed.values()],
    ...(checkpointed === 0 ? ([] as const) : ([checkpointed] as const)),
  ]
}

function unpackInto(track: Track, from: PackedTrack): void {
  track.putOn(sealedOf(track, from))
  track.checkpointed = from[5] ?? 0
}

function sealedOf({ folder }: Track, [states, authority, length, until, found]: PackedTrack): Sealed {
  const { initial } = folder.readers
  const base = {
    states: states.map((state, slot) => (state === 0 ? initial.states[slot] : state)),
    authority: authority === 0 ? NO_AUTHORITY : authority,
  }
  return {
    base,
    length,
    until: until === 0 ? null : until,
    found: found.length === 0 ? null : new Map(found.map((one) => [one.finding.id, one])),
  }
}

const orderOnly = ({ at, ns, rank, id, source }: Order): Order => ({ at, ns, rank, id, source })
