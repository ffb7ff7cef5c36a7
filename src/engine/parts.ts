import type { AnyDetector, Millis } from '../core/index.ts'
import type { Owns } from './mail.ts'

/** Time and size bounds of the engine. All in milliseconds or counts; see `docs/architecture.md`, *Time* and *Memory*. */
export interface Limits {
  /** How late an event may come and still take its true place. */
  readonly latenessMs: number
  /** How long a chain may be idle before it is closed; a made-up chain is split there. */
  readonly idleMs: number
  /** How far in the future of the arrival clock an event may be before it is marked `clock_skew`. */
  readonly skewMs: number
  /** Steps a track keeps for re-folding even when they are older than the lateness. */
  readonly windowMin: number
  /** Steps a track keeps at most, lateness or not. */
  readonly windowMax: number
  /** Steps sealed together: taking one from the front of a long window costs as much as taking many. */
  readonly sealAtOnce: number
  /** A long-lived thread is stored as it stands after so many more steps, so that who takes it back need not read them again. */
  readonly checkpointEvery: number
  /** Steps kept unpacked, over all chains: beyond, chains that are idle longer than the lateness are packed. */
  readonly maxHotSteps: number
  /** Packed chains kept when no store stands behind; beyond, those put away first are dropped, and that is told. */
  readonly maxPacked: number
  /** The same of packed threads, with what is known of their credentials. */
  readonly maxPackedThreads: number
  /** Sessions whose workflow is remembered when no store stands behind; beyond, those bound first are forgotten. */
  readonly maxSessions: number
  /** Ids of events remembered to tell a repeat; beyond, the older half is forgotten. */
  readonly maxSeen: number
}

export const DEFAULT_LIMITS: Limits = {
  latenessMs: 300_000,
  idleMs: 1_800_000,
  skewMs: 600_000,
  windowMin: 64,
  windowMax: 8_192,
  sealAtOnce: 64,
  checkpointEvery: 256,
  maxHotSteps: 200_000,
  maxPacked: 1_000_000,
  maxPackedThreads: 1_000_000,
  maxSessions: 1_000_000,
  maxSeen: 1_000_000,
}

export interface EngineParts {
  readonly detectors: readonly AnyDetector[]
  /** An operator's settings by detector id; a detector left out runs on its defaults. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly limits?: Partial<Limits>
  /** A store stands behind: closed chains leave memory and are asked for again through `needs`. Default false. */
  readonly isBacked?: boolean
  /**
   * Which chains, threads and sessions are folded here, where others are folded elsewhere: what concerns those goes out
   * with the commit as facts, and the watermark only moves by `finish`. Left out: all are.
   */
  readonly owns?: Owns
}

/** A detector with its options parsed, at its fixed slot in the states of a track. */
export interface Armed {
  readonly detector: AnyDetector
  readonly options: unknown
}

/** Parses every detector's options once. Throws what `options.parse` throws, on the first bad setting. */
export const arm = (parts: EngineParts): readonly Armed[] =>
  parts.detectors.map((detector) => ({
    detector,
    options: detector.options.parse(parts.settings?.[detector.id] ?? {}),
  }))

/** An instant as RFC 3339, for names and messages. Pure: it reads no clock. */
export const isoOf = (at: Millis): string => new Date(at).toISOString()
