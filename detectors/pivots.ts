import type { CredentialEvent, Step, StepRef } from '../src/core/index.ts'
import { refOf } from './evidence.ts'
import { isForAnother, type Reading, readsSecret } from './reading.ts'

/** A credential that came to hand inside the chain, and how. */
export interface Pivot {
  /** Null where a secret was read whose credential id nobody reported. */
  readonly credential: string | null
  readonly how: 'read' | 'minted' | 'assumed'
  /** A secret that was read or a key that was made stands at its beginning. */
  readonly isGrave: boolean
  /** Roles taken on one after another. */
  readonly depth: number
  readonly ref: StepRef
  /** The credential it was derived from. */
  readonly from: string | null
}

const MAX_PIVOTS = 12
const KEPT_FIRST = 6
const LASTING: ReadonlySet<string> = new Set(['api_key', 'service_account_key', 'ssh_key', 'certificate', 'password'])

/** Adds a pivot; at 12 the first six stay, and the newest replaces the oldest of the rest. */
export const addPivot = (pivots: readonly Pivot[], pivot: Pivot): readonly Pivot[] => [
  ...(pivots.length < MAX_PIVOTS ? pivots : pivots.toSpliced(KEPT_FIRST, 1)),
  pivot,
]

/** What a step brings to hand: a secret read, a key made for another, a role taken on. Null: nothing. */
export function pivotOf(step: Step, reading: Reading, pivots: readonly Pivot[]): Pivot | null {
  const { event } = step
  if (readsSecret(step, reading))
    return {
      credential: event.kind === 'credential' ? event.credential.id : null,
      how: 'read',
      isGrave: true,
      depth: 0,
      ref: refOf(step),
      from: null,
    }
  if (event.kind !== 'credential') return null
  const { id, action, parent_id: parent = null } = event.credential
  const giver = parent === null ? undefined : pivots.find(({ credential }) => credential === parent)
  if (action === 'issue' && !isLasting(event) && !isForAnother(event)) return null
  if (action !== 'issue' && action !== 'assume_role' && action !== 'exchange') return null
  return {
    credential: id,
    how: action === 'issue' ? 'minted' : 'assumed',
    isGrave: action === 'issue' || giver?.isGrave === true,
    depth: action === 'issue' ? 0 : 1 + (giver?.depth ?? 0),
    ref: refOf(step),
    from: giver === undefined ? null : parent,
  }
}

const isLasting = ({ credential }: CredentialEvent): boolean =>
  credential.type !== undefined && LASTING.has(credential.type)

/** The steps by which a pivot came to hand, from the first. */
export function pathTo(pivots: readonly Pivot[], pivot: Pivot): readonly Pivot[] {
  const path = [pivot]
  for (let from = pivot.from; from !== null && path.length < 4; ) {
    const before = pivots.find(({ credential }) => credential === from)
    if (before === undefined || path.includes(before)) break
    path.unshift(before)
    from = before.from
  }
  return path
}
