import type { Authority } from './authority.ts'
import type { EventKind, Millis } from './event.ts'
import type { Severity, Sighting } from './finding.ts'
import type { Step } from './step.ts'

/** What a fold is keyed by: a workflow's chain, or a thread of what outlives a workflow. */
export type TrackKind = 'chain' | 'credential' | 'grant' | 'agent'

/** What a reader needs to trust, tune or refuse a detector. Every field is shown on the detector's page. */
export interface About {
  readonly title: string
  /** The severity of its plainest sighting; a sighting may differ. */
  readonly severity: Severity
  readonly maturity: 'sandbox' | 'incubating' | 'stable' | 'deprecated'
  readonly why: string
  /** What it is known not to see. Never empty. */
  readonly misses: readonly string[]
  /** What the person who gets the alert should do, in order. Never empty. */
  readonly respond: readonly string[]
  /** Event fields without which it says "not evaluated". */
  readonly needs: readonly string[]
  readonly references: readonly string[]
  /** Ids in `detectors/data/frameworks.json`: `ASI03`, `NHI5`, `T1528`, `AML.T0053`, … */
  readonly frameworks: readonly string[]
}

export interface Verdict<State> {
  readonly state: State
  readonly sightings: readonly Sighting[]
  /** What was let go of at a bound with this step, told as lost coverage. Left out: nothing. */
  readonly bounded?: string
}

/** What the engine knows beside the step. */
export interface Context {
  readonly track: TrackKind
  /** `workflow id` of a chain; the id of the credential, grant or agent of a thread. */
  readonly subject: string
  /** The chain's authority before this step. On threads: nothing granted. */
  readonly authority: Authority
}

/**
 * A pure, incremental reading of one chain or thread.
 *
 * `State` is plain JSON of bounded size: it is stored with the chain, survives restarts and rebalances, and is thrown
 * away when `version` changes. `fold` never mutates its arguments, never awaits, never looks at a clock.
 */
export interface Detector<State, Options> {
  readonly id: string
  readonly version: number
  readonly about: About
  readonly reads: readonly TrackKind[]
  /** The kinds it wants to see; the engine shows it no others. */
  readonly wants: readonly EventKind[]
  /** Parses the operator's settings, filling defaults. Throws on a bad setting, at start. */
  readonly options: { parse(input: unknown): Options }
  init(): State
  fold(state: State, step: Step, options: Options, context: Context): Verdict<State>
  /** The event time at which absence should be judged, or null. Asked after every fold. */
  due?(state: State, options: Options): Millis | null
  /** Called once with the time from `due` when no event of the track came before it. Must clear or move `due`. */
  elapse?(state: State, at: Millis, options: Options, context: Context): Verdict<State>
}

/** A detector whose own types are nobody else's business. Methods are compared bivariantly, so no `any` is needed. */
export type AnyDetector = Detector<unknown, unknown>

/** Checks nothing at run time; it lets TypeScript infer `State` and `Options` from one literal. */
export const defineDetector = <State, Options>(detector: Detector<State, Options>): Detector<State, Options> => detector

const NOTHING: readonly Sighting[] = []

/** Nothing to report; remember this. */
export const quiet = <State>(state: State): Verdict<State> => ({ state, sightings: NOTHING })

/** Remember this, and report that. */
export const sighted = <State>(state: State, ...sightings: readonly Sighting[]): Verdict<State> => ({
  state,
  sightings,
})

/** A case of a detector's test: events of the contract as a producer would send them, folded by the whole engine. */
export interface DetectorCase {
  readonly name: string
  /** Contract events as plain objects (`id`, `time`, `kind`, …), in arrival order. */
  readonly events: readonly Readonly<Record<string, unknown>>[]
  /** Moves the end-of-input watermark on, as `analyze --until`; RFC 3339. */
  readonly until?: string
}

/** Both halves of a detector's test. An attack must raise an alert of this detector that cites `harm`; a twin none. */
export interface DetectorCases {
  readonly detector: string
  readonly attacks: readonly (DetectorCase & {
    /** Event id that the finding must cite. */
    readonly harm: string
    readonly minSeverity?: Severity
    /** The credentials that the finding has to name, and no others; left out: not looked at. */
    readonly credentialIds?: readonly string[]
  })[]
  /** Harmless look-alikes: no finding of this detector at severity medium or above. */
  readonly twins: readonly DetectorCase[]
  /**
   * Ways to do the attacks (by the names of the test kit's evasions) that some attack still gets past the detector by, each
   * with the miss that owns up to it. Every other way has to be seen in every attack. Left out: not tried.
   */
  readonly evades?: Readonly<Record<string, string>>
}

/** Ways round a detector that were tried, as events that an attacker who knows it would cause. */
export interface DetectorEvasions {
  readonly detector: string
  /** Tried in vain: the detector sees the attack all the same, and cites `harm`. */
  readonly seen: DetectorCases['attacks']
  /** Those that work: nothing at severity medium or above. Each is owned up to by the words of one of `about.misses`. */
  readonly unseen: readonly (DetectorCase & { readonly miss: string })[]
}
