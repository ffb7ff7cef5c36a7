import { type Alert, type Authority, type Finding, NO_AUTHORITY, type TrackId } from '../core/index.ts'
import { type ChainBook, handedOutOf } from './chain-book.ts'
import type { Found } from './fold.ts'
import { adopt, type HotChain, newChain } from './hot-chain.ts'
import type { Order } from './order.ts'
import { type PackedPlaced, placedBack } from './placed.ts'
import type { Readers } from './readers.ts'
import { Track } from './track.ts'

/** States (0: as at first), authority (0: none), steps, the order it is sealed to, findings that stand. */
type PackedTrack = readonly [readonly unknown[], Authority | 0, number, Order | 0, readonly Found[]]

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

function packed({ base, baseLength, sealedUntil, sealed, folder }: Track): PackedTrack {
  const { states } = folder.readers.initial
  return [
    base.states.map((state, slot) => (state === states[slot] ? 0 : state)),
    base.authority === NO_AUTHORITY ? 0 : base.authority,
    baseLength,
    sealedUntil === null ? 0 : orderOnly(sealedUntil),
    sealed === null ? [] : [...sealed.values()],
  ]
}

function unpackInto(track: Track, [states, authority, length, until, found]: PackedTrack): void {
  const { initial } = track.folder.readers
  track.base = {
    states: states.map((state, slot) => (state === 0 ? initial.states[slot] : state)),
    authority: authority === 0 ? NO_AUTHORITY : authority,
  }
  track.baseLength = length
  track.sealedUntil = until === 0 ? null : until
  if (found.length > 0) track.sealed = new Map(found.map((one) => [one.finding.id, one]))
}

const orderOnly = ({ at, ns, rank, id, source }: Order): Order => ({ at, ns, rank, id, source })
