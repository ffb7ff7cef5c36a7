import type { Millis, Step, StepRef } from '../src/core/index.ts'
import { refOf } from './evidence.ts'

const MAX_PRODUCERS = 4
const MAX_TEXT = 96

/** A source that said at what intervals it tells that it lives. */
export interface Producer {
  readonly source: string
  readonly intervalMs: number
  /** The last heartbeat. */
  readonly beat: StepRef
  /** When anything of it was seen last, to within a quarter of the interval. */
  readonly seenAt: Millis
  readonly isSilent: boolean
}

/** Takes in what a step says of the producers of an agent. The same list when it says nothing new. */
export function hear(producers: readonly Producer[], step: Step): readonly Producer[] {
  const { event } = step
  const source = event.source.slice(0, MAX_TEXT)
  const at = producers.findIndex((one) => one.source === source)
  const there = producers[at]
  if (event.kind !== 'heartbeat') {
    if (there === undefined || (!there.isSilent && event.at - there.seenAt < there.intervalMs / 4)) return producers
    return producers.with(at, { ...there, seenAt: event.at, isSilent: false })
  }
  const seconds = event.heartbeat?.interval_s
  // No more heartbeats are to come: it says goodbye.
  if (seconds === 0) return at < 0 ? producers : producers.toSpliced(at, 1)
  const intervalMs = seconds === undefined ? there?.intervalMs : seconds * 1_000
  if (intervalMs === undefined) return producers
  const next = { source, intervalMs, beat: refOf(step), seenAt: event.at, isSilent: false }
  return at < 0 ? [...producers, next].slice(-MAX_PRODUCERS) : producers.with(at, next)
}

/** When the first of them will have been silent for so many intervals, or null. */
export function silentAt(producers: readonly Producer[], missed: number): Millis | null {
  let first: Millis | null = null
  for (const { isSilent, seenAt, intervalMs } of producers) {
    const at = seenAt + missed * intervalMs
    if (!isSilent && (first === null || at < first)) first = at
  }
  return first
}

/** Notes the silence of those that were not heard of until a time. */
export const fallSilent = (producers: readonly Producer[], at: Millis, missed: number): readonly Producer[] =>
  producers.map((one) =>
    !one.isSilent && one.seenAt + missed * one.intervalMs <= at ? { ...one, isSilent: true } : one,
  )
