import { CatenaryError } from '../core/index.ts'
import { ROLE_NAMES } from './company.ts'
import { CONNECTORS, openConnectors, synchronise } from './connectors.ts'
import { Episode, NOISE, type Noise } from './episode.ts'
import { seedOf } from './random.ts'
import { DEMO_STORIES, innocentOwners, STORIES_OF_ALL } from './stories/index.ts'
import type { Story } from './stories/story.ts'
import { TASKS } from './tasks/index.ts'

/** What an estate is made of. Equal options give equal estates, byte for byte. */
export interface EstateOptions {
  readonly seed: number
  /** Milliseconds since the epoch. */
  readonly startAt: number
  readonly hours: number
  /** How many tasks are given to agents, about; 340 where neither this nor `events` is given. */
  readonly workflows?: number
  readonly noise?: Partial<Noise>
  /** `office`, as where left out: busy by day; `steady`: as many tasks in every hour. */
  readonly rhythm?: 'office' | 'steady'
  /** `demo`: the seven of the bundled estate, as where left out; `all`: those of every detector. */
  readonly stories?: 'demo' | 'all'
  /** Exactly so many events, cut off where the last one stands. At least 2,000 hold each of the seven whole, 4,000 all. */
  readonly events?: number
}

/** Something that takes place at a time: told when its turn comes, and forgotten. */
export interface Item {
  readonly at: number
  readonly isLabelled: boolean
  /** Tells the item's events. Each call tells the same. */
  tell(): Episode
}

const MINUTE = 60_000
const DAY_MINUTES = 24 * 60
const HEARTBEAT_MINUTES = 30
const WORKFLOWS_A_TEAM = 320
const WORKFLOWS_AN_ATTACK = 350
const EVENTS_A_WORKFLOW = 17
const EVENTS_AN_HOUR_A_TEAM = 45
const TWIN_EVERY = 4
/** No look-alike begins after this share of the time, so that all that is labelled has an end. */
const LABELLED_UNTIL = 0.8

/** How busy each hour of the day is, from midnight. */
const BUSY = [2, 2, 3, 3, 2, 3, 4, 6, 9, 12, 12, 11, 9, 11, 12, 11, 9, 7, 5, 4, 4, 3, 3, 2] as const

/** How much of everything an estate holds. */
export function sizeOf({ workflows, events, hours }: EstateOptions): {
  readonly workflows: number
  readonly teams: number
} {
  if (!(hours > 0) || !((workflows ?? events ?? 1) > 0))
    throw new CatenaryError(
      'CAT_USAGE',
      'an estate needs hours, and workflows or events, above 0; give positive numbers',
    )
  const many =
    events === undefined
      ? (workflows ?? 340)
      : Math.max(events / (EVENTS_A_WORKFLOW + (hours * EVENTS_AN_HOUR_A_TEAM) / WORKFLOWS_A_TEAM), 1)
  return { workflows: Math.ceil(many), teams: Math.max(1, Math.round(many / WORKFLOWS_A_TEAM)) }
}

/** All that takes place, minute by minute; within a minute in no order. */
export function* planOf(options: EstateOptions): Generator<Item> {
  const { seed, startAt, hours } = options
  const { workflows, teams } = sizeOf(options)
  const minutes = Math.ceil(hours * 60)
  const share = shareOf(startAt, minutes, options.rhythm === 'steady' ? [1] : BUSY)
  const isAll = options.stories === 'all'
  const stories = (isAll ? STORIES_OF_ALL : DEMO_STORIES).filter(({ days = 0 }) => hours > days * 24)
  const noise = noiseOf(options)
  // Owners first: a day has fewer turns than there are look-alikes, and each owner is the only one of what it owns.
  const looks = [...(isAll ? innocentOwners : []), ...lookalikesOf(stories)]
  const attacks = attacksOf(stories, workflows, minutes)
  const salt = seedOf(seed, 7)
  let made = 0
  const item = (minute: number, team: number, isLabelled: boolean, act: (episode: Episode) => void): Item => {
    made += 1
    const stem = (Math.imul(made, 0x9e3779b1) ^ salt) >>> 0
    const own = seedOf(seed, made)
    const at = startAt + minute * MINUTE + (own % MINUTE)
    const place = {
      stem: stem.toString(16).padStart(8, '0'),
      seed: own,
      team,
      at,
      stretch: Math.min(1, hours / 24),
      noise,
    }
    return { at, isLabelled, tell: () => told(new Episode(place), act) }
  }
  let next = 0
  for (let minute = 0; minute < minutes; minute += 1) {
    for (let team = 0; team < teams; team += 1)
      for (const tick of ticksAt(minute, team)) yield item(minute, team, tick.isLabelled, tick.act)
    for (const { act, team } of attacks.get(minute) ?? []) yield item(minute, team % teams, true, act)
    for (; next < Math.floor(workflows * (share[minute] ?? 1)); next += 1) {
      const twin =
        minute < minutes * LABELLED_UNTIL && next % TWIN_EVERY === 1
          ? looks[Math.floor(next / TWIN_EVERY) % looks.length]
          : undefined
      const act = twin ?? TASKS[seedOf(seed, next, 3) % TASKS.length]
      if (act !== undefined) yield item(minute, seedOf(seed, next, 5) % teams, twin !== undefined, act)
    }
  }
}

function noiseOf({ noise }: EstateOptions): Noise {
  const all = { ...NOISE, ...noise }
  if (Object.values(all).every((share) => share >= 0 && share <= 1)) return all
  throw new CatenaryError(
    'CAT_USAGE',
    'shares of late, repeated and failing events lie between 0 and 1; give such numbers',
  )
}

function told(episode: Episode, act: (episode: Episode) => void): Episode {
  act(episode)
  return episode
}

/** Every look-alike of every story in turn, so that each comes as often as the others. */
const lookalikesOf = (stories: readonly Story[]): Story['twins'] =>
  Array.from({ length: Math.max(...stories.map(({ twins }) => twins.length)) }, (_, i) =>
    stories.flatMap(({ twins }) => twins[i] ?? []),
  ).flat()

/** The share of all workflows that have begun when a minute is over. */
function shareOf(startAt: number, minutes: number, busy: readonly number[]): readonly number[] {
  const shares: number[] = []
  let sum = 0
  for (let minute = 0; minute < minutes; minute += 1) {
    sum += busy[new Date(startAt + minute * MINUTE).getUTCHours()] ?? 1
    shares.push(sum)
  }
  return shares.map((one) => one / sum)
}

interface Act {
  readonly act: (episode: Episode) => void
}

/** The attacks by the minute in which they begin: each story once, and once more for every 350 workflows. */
function attacksOf(
  stories: readonly Story[],
  workflows: number,
  minutes: number,
): ReadonlyMap<number, readonly (Act & { readonly team: number })[]> {
  const times = Math.max(1, Math.round(workflows / WORKFLOWS_AN_ATTACK))
  const byMinute = new Map<number, (Act & { readonly team: number })[]>()
  for (const { hour, days = 0, attack } of stories) {
    for (let time = 0; time < times; time += 1) {
      const share = times === 1 ? hour / 24 : ((time + hour / 24) / times) * LABELLED_UNTIL
      const minute = Math.max(Math.min(45, minutes >> 2), Math.floor(share * minutes))
      if (minute < days * DAY_MINUTES) continue
      byMinute.set(minute, [...(byMinute.get(minute) ?? []), { act: attack, team: time }])
    }
  }
  return byMinute
}

/** What happens by the clock: a team opens its connectors, its agents say that they live, its connectors synchronise. */
function* ticksAt(minute: number, team: number): Generator<Act & { readonly isLabelled: boolean }> {
  if (minute === team % 5) yield { act: openConnectors, isLabelled: false }
  if ((minute + team * 7) % HEARTBEAT_MINUTES === 3) yield { act: beat, isLabelled: false }
  if (minute < 25) return
  for (const [i, connector] of CONNECTORS.entries())
    if ((minute + team * 11) % connector.everyMinutes === 7 + i * 9)
      yield { act: (episode) => synchronise(episode, connector), isLabelled: true }
}

function beat(episode: Episode): void {
  for (const role of ROLE_NAMES)
    episode.outside(role, episode.at).tell('heartbeat', 'success', { interval_s: HEARTBEAT_MINUTES * 60 })
}
