import type { Episode } from '../episode.ts'

/** A story: the attack, and harmless episodes that look like it. Each labels itself in its episode. */
export interface Story {
  /** The hour of the day, 0 to 24, at which the attack begins in an estate of one day. */
  readonly hour: number
  /** It is told when so many days have gone by, and not in an estate that is shorter. */
  readonly days?: number
  readonly attack: (episode: Episode) => void
  readonly twins: readonly ((episode: Episode) => void)[]
}
