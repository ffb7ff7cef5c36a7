import { ZodError } from 'zod'
import {
  type AnyDetector,
  type Context,
  deepFreeze,
  type Millis,
  type Sighting,
  type Step,
  type Verdict,
} from '../../core/index.ts'
import { FOLD_TURNS, type Realm } from './realm.ts'
import { sightingsOf } from './shape.ts'

/** A state larger than this, as JSON, is none that a chain can carry. Characters. */
export const MAX_STATE = 65_536
/** How often it is looked at, in folds. */
const LOOK_EVERY = 64
/** So many of so many folds are too many; after that they are counted anew. */
const MAX_FAULTS = 10
const MAX_SLOW = 3
const FORGET_EVERY = 1_000

/** Why a detector of one's own no longer runs. */
export interface Aside {
  readonly detector: string
  readonly reason: 'laws' | 'throws' | 'slow' | 'unbounded'
  /** `it threw 10 times, last: …` */
  readonly detail: string
}

export interface GuardParts {
  readonly realm: Pick<Realm, 'refill' | 'isSpent'>
  /** How long one fold may take, in milliseconds. */
  readonly stepMs: number
  /** Milliseconds that only grow. */
  readonly now: () => number
  /** Told once, when it is set aside. */
  readonly onAside: (aside: Aside) => void
  /** It broke a law when it was loaded: it is set aside from the start. */
  readonly broken?: string
}

export interface Guarded {
  readonly detector: AnyDetector
  aside(): Aside | null
}

const NOTHING: readonly Sighting[] = []

/**
 * A foreign detector as the engine may run it: what it is handed is frozen, each call has so many turns and so long, what it
 * hands back is looked at. One that throws, is slow or grows is set aside for good: the step on which that happens is told as a
 * fault, and from then on it sees nothing and keeps its states, while the others go on.
 */
export function guard(foreign: AnyDetector, parts: GuardParts): Guarded {
  const watch = new Watch(foreign.id, parts)
  const { id, version, about, reads, wants } = foreign
  const initial = watch.call(() => deepFreeze(foreign.init()))
  const timed = {
    due: (state: unknown, options: unknown): Millis | null =>
      watch.aside === null ? watch.call(() => foreign.due?.(state, options) ?? null) : null,
    elapse: (state: unknown, at: Millis, options: unknown, context: Context): Verdict<unknown> =>
      watch.judge(state, () => foreign.elapse?.(state, at, options, deepFreeze(context))),
  }
  const detector: AnyDetector = {
    id,
    version,
    about: JSON.parse(JSON.stringify(about)) as AnyDetector['about'],
    reads: [...reads],
    wants: [...wants],
    options: { parse: (input) => parsedBy(foreign, input, parts.realm) },
    init: () => initial,
    fold: (state, step, options, context) =>
      watch.judge(state, () => foreign.fold(state, frozen(step), options, deepFreeze(context))),
    ...(foreign.due === undefined ? {} : timed),
  }
  if (parts.broken !== undefined) watch.setAside('laws', parts.broken)
  return { detector, aside: () => watch.aside }
}

/** Counts what a foreign detector does wrong. */
class Watch {
  readonly #id: string
  readonly #parts: GuardParts
  aside: Aside | null = null
  /** Whether the engine was told that it is set aside. */
  #isTold: boolean = false
  #faults = 0
  #slow = 0
  #folds = 0

  constructor(id: string, parts: GuardParts) {
    this.#id = id
    this.#parts = parts
  }

  setAside(reason: Aside['reason'], detail: string): void {
    if (this.aside !== null) return
    this.aside = { detector: this.#id, reason, detail }
    this.#parts.onAside(this.aside)
  }

  /** Runs foreign code within its bounds. Throws an error of this world for whatever it throws. */
  call<T>(run: () => T): T {
    const { realm, now, stepMs } = this.#parts
    const began = now()
    realm.refill(FOLD_TURNS)
    try {
      const result = run()
      if (realm.isSpent()) throw new RangeError('it took too many turns of its loops and calls')
      return result
    } catch (error) {
      this.#faults += 1
      const detail = messageOf(error)
      if (this.#faults === MAX_FAULTS) this.setAside('throws', `it threw ${MAX_FAULTS} times, last: ${detail}`)
      throw new Error(detail)
    } finally {
      const took = now() - began
      if (took > stepMs) {
        this.#slow += 1
        if (this.#slow === MAX_SLOW)
          this.setAside('slow', `it took longer than ${stepMs} ms ${MAX_SLOW} times, last ${Math.round(took)} ms`)
      }
    }
  }

  /** A fold, or what is left of it once the detector is set aside: the state as it was, and nothing sighted. */
  judge(state: unknown, run: () => unknown): Verdict<unknown> {
    if (this.aside !== null) return this.#resting(state)
    const verdict = this.call(() => plainVerdict(run()))
    this.#folds += 1
    if (this.#folds % FORGET_EVERY === 0) this.#faults = this.#slow = 0
    if (this.#folds % LOOK_EVERY === 0 && verdict.state !== state) this.#weigh(verdict.state)
    return this.aside === null ? verdict : this.#resting(state)
  }

  #weigh(state: unknown): void {
    const size = JSON.stringify(state).length
    if (size > MAX_STATE) this.setAside('unbounded', `its state grew to ${size} characters; ${MAX_STATE} are allowed`)
  }

  /** Why it was set aside is thrown once, so that the engine tells it as lost coverage. */
  #resting(state: unknown): Verdict<unknown> {
    if (this.#isTold || this.aside === null) return { state, sightings: NOTHING }
    this.#isTold = true
    throw new Error(`set aside: ${this.aside.detail}`)
  }
}

function frozen(step: Step): Step {
  deepFreeze(step.event)
  return Object.freeze(step)
}

function plainVerdict(verdict: unknown): Verdict<unknown> {
  const { state, sightings, bounded } = (verdict ?? {}) as Partial<Verdict<unknown>>
  if (state === undefined || !Array.isArray(sightings))
    throw new TypeError('it handed back no verdict; use quiet(state) or sighted(state, …)')
  const plain = { state: deepFreeze(state), sightings: sightings.length === 0 ? NOTHING : sightingsOf(sightings) }
  return bounded === undefined ? plain : { ...plain, bounded: String(bounded).slice(0, MAX_MESSAGE) }
}

/** An operator's options. A refusal is made one of this world, so that it is told like that of any detector. */
function parsedBy(foreign: AnyDetector, input: unknown, realm: Pick<Realm, 'refill'>): unknown {
  realm.refill(FOLD_TURNS)
  try {
    return foreign.options.parse(input)
  } catch (error) {
    const { issues } = error as { issues?: unknown }
    if (Array.isArray(issues)) throw new ZodError(JSON.parse(JSON.stringify(issues)) as ZodError['issues'])
    throw new ZodError([{ code: 'custom', path: [], message: messageOf(error), input: undefined }])
  }
}

const MAX_MESSAGE = 300

/** What a foreign error says; it may be of another world, or no error at all. */
export function messageOf(error: unknown): string {
  const { message } = (typeof error === 'object' && error !== null ? error : {}) as { message?: unknown }
  return (typeof message === 'string' ? message : String(error)).slice(0, MAX_MESSAGE)
}
