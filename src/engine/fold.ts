import type { Authority, Context, Coverage, Finding, Millis, Sighting, Step, TrackId } from '../core/index.ts'
import type { Armed } from './parts.ts'
import type { Readers } from './readers.ts'
import { sign } from './sign.ts'

/** What is known after a step: detector states by slot, and the authority. Shared by steps that changed neither. */
export interface Fold {
  readonly states: readonly unknown[]
  readonly authority: Authority
}

/** A finding; one that absence made is held back until the watermark has passed `dueAt`. */
export interface Found {
  readonly finding: Finding
  readonly dueAt: Millis | null
}

export const NOTHING_FOUND: readonly Found[] = []

/** A detector may move its own deadline on; so often in one go and no more. */
const MAX_TURNS = 8
const MAX_FAULTS = 8

/** Runs the detectors of one track. A detector that throws keeps its state, and the track goes on without it. */
export class Folder {
  readonly readers: Readers
  readonly #id: TrackId
  readonly #key: string
  faults: Coverage[] | null = null

  constructor(id: TrackId, key: string, readers: Readers) {
    this.#id = id
    this.#key = key
    this.readers = readers
  }

  /** The states after a step; `found` gets what was sighted. */
  step(states: readonly unknown[], step: Step, authority: Authority, found: Found[]): readonly unknown[] {
    const slots = this.readers.wanting.get(step.event.kind)
    if (slots === undefined) return states
    const context = this.contextOf(authority)
    let next = states
    for (const slot of slots) {
      const armed = this.readers.armed[slot] as Armed
      const state = this.#fold(armed, states[slot], step, context, found)
      if (state === states[slot]) continue
      if (next === states) next = states.slice()
      ;(next as unknown[])[slot] = state
    }
    return next
  }

  /** The states after every deadline before a time has been judged; `found` gets what was sighted. */
  timers(states: readonly unknown[], before: Millis, authority: Authority, found: Found[]): readonly unknown[] {
    let next = states
    for (const slot of this.readers.timed) {
      const armed = this.readers.armed[slot] as Armed
      for (let turn = 0; turn < MAX_TURNS; turn += 1) {
        const due = this.#due(armed, next[slot])
        if (due === null || due >= before) break
        const state = this.#elapse(armed, next[slot], due, this.contextOf(authority), found)
        if (state === next[slot]) break
        if (next === states) next = states.slice()
        ;(next as unknown[])[slot] = state
      }
    }
    return next
  }

  /** The earliest deadline any detector waits for, or null. */
  nextDue(states: readonly unknown[]): Millis | null {
    let next: Millis | null = null
    for (const slot of this.readers.timed) {
      const due = this.#due(this.readers.armed[slot] as Armed, states[slot])
      if (due !== null && (next === null || due < next)) next = due
    }
    return next
  }

  contextOf(authority: Authority): Context {
    return { track: this.#id.kind, subject: this.#id.subject, authority }
  }

  #fold(armed: Armed, state: unknown, step: Step, context: Context, found: Found[]): unknown {
    try {
      const verdict = armed.detector.fold(state, step, armed.options, context)
      const { sightings, bounded } = verdict
      if (sightings.length > 0)
        for (const sighting of sightings) found.push(this.#sign(sighting, armed, null, step.event.at))
      if (bounded !== undefined) this.#lose('bounded', armed.detector.id, step.event.at, bounded)
      return verdict.state
    } catch (error) {
      this.#fault(armed.detector.id, step.event.at, error)
      return state
    }
  }

  #elapse(armed: Armed, state: unknown, due: Millis, context: Context, found: Found[]): unknown {
    try {
      const verdict = armed.detector.elapse?.(state, due, armed.options, context)
      if (verdict === undefined) return state
      for (const sighting of verdict.sightings) found.push(this.#sign(sighting, armed, due, due))
      return verdict.state
    } catch (error) {
      this.#fault(armed.detector.id, due, error)
      return state
    }
  }

  #due({ detector, options }: Armed, state: unknown): Millis | null {
    try {
      return detector.due?.(state, options) ?? null
    } catch (error) {
      this.#fault(detector.id, 0, error)
      return null
    }
  }

  #sign(sighting: Sighting, { detector }: Armed, dueAt: Millis | null, at: Millis): Found {
    return { finding: sign(sighting, detector, this.#id, this.#key, at), dueAt }
  }

  #fault(detector: string, at: Millis, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#lose('fault', detector, at, `detector ${detector} threw: ${message}`)
  }

  #lose(what: 'fault' | 'bounded', detector: string, at: Millis, detail: string): void {
    this.faults ??= []
    if (this.faults.length >= MAX_FAULTS) return
    const workflowId = this.#id.kind === 'chain' ? this.#id.subject : null
    this.faults.push({ tenant: this.#id.tenant, at, workflowId, what, detector, detail })
  }
}
