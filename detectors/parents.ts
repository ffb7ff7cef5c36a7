import type { Millis, Step, StepRef } from '../src/core/index.ts'
import { digestHalf, refOf } from './evidence.ts'

const MAX_IDS = 64
const MAX_ORPHANS = 4

/** A step whose parent was not seen yet. */
export interface Orphan {
  readonly parent: string
  readonly ref: StepRef
  readonly isStrong: boolean
  readonly dueAt: Millis
}

/** Knows the ids of a chain's first 64 steps, as digests; beyond, it judges no more. About 1 kB, and its orphans. */
export interface Parents {
  readonly ids: string
  readonly count: number
  /** Steps whose parent was there. */
  readonly resolved: number
  /** This chain's producer names parents that it does not tell. */
  readonly isPatchy: boolean
  readonly orphans: readonly Orphan[]
}

export const NO_PARENTS: Parents = { ids: ' ', count: 0, resolved: 0, isPatchy: false, orphans: [] }

/** Takes in a step of a chain. The same when it is known, or tells of no parents. */
export function descend(parents: Parents, step: Step, isStrong: boolean, enough: number, waitMs: number): Parents {
  if (parents.isPatchy) return parents
  const name = digestHalf(step.id)
  if (parents.count >= MAX_IDS) return parents.orphans.length === 0 ? parents : arrive(parents, name)
  const isKnown = parents.ids.includes(` ${name} `)
  let next = isKnown ? parents : arrive({ ...parents, ids: `${parents.ids}${name} `, count: parents.count + 1 }, name)
  const parentId = step.event.parent_step_id
  if (parentId === undefined || isKnown) return next
  const parent = digestHalf(parentId)
  if (next.ids.includes(` ${parent} `)) {
    if (next.resolved < enough) next = { ...next, resolved: next.resolved + 1 }
    return next
  }
  if (next.orphans.some((one) => one.parent === parent)) return next
  const orphan: Orphan = { parent, ref: refOf(step), isStrong, dueAt: step.event.at + waitMs }
  return { ...next, orphans: [...next.orphans, orphan].slice(-MAX_ORPHANS) }
}

/** A parent that comes after its child. */
function arrive(parents: Parents, name: string): Parents {
  if (parents.orphans.length === 0) return parents
  const orphans = parents.orphans.filter(({ parent }) => parent !== name)
  return orphans.length === parents.orphans.length ? parents : { ...parents, orphans }
}

/** Judges the orphans that are due: those of a chain whose parents are told otherwise are given back. */
export function judgeOrphans(parents: Parents, at: Millis, enough: number) {
  const due = parents.orphans.filter(({ dueAt }) => dueAt <= at)
  if (due.length === 0) return { parents, lost: [] }
  if (parents.resolved < enough) return { parents: { ...NO_PARENTS, isPatchy: true }, lost: [] }
  return { parents: { ...parents, orphans: parents.orphans.filter(({ dueAt }) => dueAt > at) }, lost: due }
}
