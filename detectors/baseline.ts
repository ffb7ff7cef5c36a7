import type { Millis } from '../src/core/index.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Fewer chains than this much of one, decayed, is never. */
const KNOWN = 0.25

/** What is counted by name. */
export type Counted = 'tool' | 'transition' | 'resource' | 'zone' | 'destination' | 'credential' | 'hour'

/** What a chain may be new in: something it does, or that it is one of more in an hour than ever. */
export type Dimension = Counted | 'rate'

export const DIMENSIONS: readonly Counted[] = [
  'tool',
  'transition',
  'resource',
  'zone',
  'destination',
  'credential',
  'hour',
]

/** How many names of a dimension are kept; at the bound the one with the least weight by then gives way. */
const MOST: Readonly<Record<Counted, number>> = {
  tool: 32,
  transition: 48,
  resource: 32,
  zone: 12,
  destination: 24,
  credential: 12,
  hour: 12,
}

/** A name, the number of chains that showed it, halved each half-life, and the day of the last of them. */
type Count = readonly [name: string, weight: number, day: number]

/** What is normal for one agent: in how many of its chains each thing was seen, lately more than long ago. Plain JSON. */
export interface Baseline {
  readonly version: string | null
  /** When the first chain that teaches began. */
  readonly since: Millis | null
  /** Chains that are over, those of them that taught, and those of this version of the agent: up to 1,000 each. */
  readonly chains: number
  readonly taught: number
  readonly ofVersion: number
  /** The share of its chains that did something new, of late. */
  readonly newsRate: number
  /** The most things one chain touched; forgotten slowly. */
  readonly breadth: number
  readonly rate: Rate
  readonly counts: Readonly<Record<Counted, readonly Count[]>>
}

/** How many chains an agent begins in an hour. */
export interface Rate {
  /** The hour of the last one, counted from the epoch. */
  readonly hour: number
  /** Begun in that hour so far. */
  readonly begun: number
  /** The most in any hour before; forgotten slowly. */
  readonly most: number
}

export const NO_BASELINE: Baseline = {
  version: null,
  since: null,
  chains: 0,
  taught: 0,
  ofVersion: 0,
  newsRate: 0,
  breadth: 0,
  rate: { hour: 0, begun: 0, most: 0 },
  counts: { tool: [], transition: [], resource: [], zone: [], destination: [], credential: [], hour: [] },
}

/** The names of a dimension with their weight by then, the weightiest first, then by name. */
export const countsNow = ({ counts }: Baseline, dimension: Counted, at: Millis, halfLifeDays: number) =>
  counts[dimension]
    .map((one) => ({ name: one[0], weight: rounded(faded(one, dayOf(at), halfLifeDays)), lastDay: one[2] * DAY }))
    .sort((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1))

/** A feature of a step: `tool:files.read`. */
export type Feature = `${Counted}:${string}`

/** Something new: a feature, or `rate:12 chains an hour`. */
export type News = `${Dimension}:${string}`

export const dimensionOf = <Of extends Dimension>(news: `${Of}:${string}`): Of => news.slice(0, news.indexOf(':')) as Of
export const nameOf = (news: News): string => news.slice(news.indexOf(':') + 1)

const dayOf = (at: Millis): number => Math.floor(at / DAY)

const faded = ([, weight, day]: Count, today: number, halfLifeDays: number): number =>
  weight * 2 ** (-Math.max(0, today - day) / halfLifeDays)

/** Whether the agent, or an earlier version of it, did this before. */
export function isKnown({ counts }: Baseline, feature: Feature, at: Millis, halfLifeDays: number): boolean {
  const dimension: Counted = dimensionOf(feature)
  const name = nameOf(feature)
  const there = counts[dimension].find(([one]) => one === name)
  if (there !== undefined) return faded(there, dayOf(at), halfLifeDays) >= KNOWN
  // A dimension that was never told, or that overflows with ever new names, tells nothing by one more. An agent that has
  // sent nothing anywhere has no destinations, though its producer would tell them.
  const isUntold = counts[dimension].length === 0 && dimension !== 'destination'
  return isUntold || counts[dimension].length >= MOST[dimension]
}

/** In one hour up to twice the most so far, and two more: an agent of few chains has two at a time now and then. */
const bearable = ({ most }: Rate): number => 2 * most + 2

/** The baseline when a chain begins. An hour of far more than ever teaches no more than what would still have passed. */
export function begin(before: Baseline, at: Millis): Baseline {
  const { rate } = before
  const hour = Math.floor(at / HOUR)
  // A chain that came late is of an hour that is over.
  if (hour <= rate.hour) return { ...before, rate: { ...rate, begun: rate.begun + 1 } }
  const most = rounded(Math.max(Math.min(rate.begun, bearable(rate)), rate.most * 0.99))
  return { ...before, rate: { hour, begun: 1, most } }
}

/** That the agent begins more chains in this hour than it ever did; null where it does not. */
export const busierThanEver = ({ rate }: Baseline): News | null =>
  rate.begun > bearable(rate) ? `rate:${rate.begun} chains an hour` : null

/** What a chain that is over has to teach. */
export interface Lesson {
  readonly startedAt: Millis
  readonly at: Millis
  readonly version: string | null
  readonly features: readonly Feature[]
  readonly hadNews: boolean
  /** It was suspicious: only that there was news is learned. */
  readonly isSuspicious: boolean
}

const MAX_CHAINS = 1_000
const NEWS_WINDOW = 30

/** The baseline after one more chain. Each thing counts once a chain, however often it was done. */
export function teach(before: Baseline, lesson: Lesson, halfLifeDays: number): Baseline {
  const newsRate =
    before.newsRate + ((lesson.hadNews ? 1 : 0) - before.newsRate) / Math.min(NEWS_WINDOW, before.chains + 1)
  const chains = Math.min(MAX_CHAINS, before.chains + 1)
  if (lesson.isSuspicious) return { ...before, chains, newsRate: rounded(newsRate) }
  const isSame = lesson.version === null || lesson.version === before.version
  const today = dayOf(lesson.at)
  const counts = { ...before.counts }
  for (const dimension of DIMENSIONS) {
    const start = `${dimension}:`
    const names = lesson.features.filter((feature) => feature.startsWith(start)).map(nameOf)
    if (names.length > 0) counts[dimension] = add(before.counts[dimension], names, today, halfLifeDays, MOST[dimension])
  }
  return {
    version: isSame ? before.version : lesson.version,
    since: before.since ?? lesson.startedAt,
    chains,
    taught: Math.min(MAX_CHAINS, before.taught + 1),
    ofVersion: isSame ? Math.min(MAX_CHAINS, before.ofVersion + 1) : 1,
    newsRate: rounded(newsRate),
    breadth: rounded(Math.max(lesson.features.length, before.breadth * 0.99)),
    rate: before.rate,
    counts,
  }
}

function add(
  before: readonly Count[],
  names: readonly string[],
  today: number,
  halfLifeDays: number,
  most: number,
): readonly Count[] {
  const after = [...before]
  for (const name of names) {
    const at = after.findIndex(([one]) => one === name)
    const there = after[at]
    if (there !== undefined) {
      after[at] = [name, rounded(faded(there, today, halfLifeDays) + 1), Math.max(today, there[2])]
      continue
    }
    if (after.length >= most) after.splice(rarest(after, today, halfLifeDays), 1)
    after.push([name, 1, today])
  }
  return after
}

function rarest(counts: readonly Count[], today: number, halfLifeDays: number): number {
  let least = 0
  let weight = Number.POSITIVE_INFINITY
  counts.forEach((one, i) => {
    const now = faded(one, today, halfLifeDays)
    if (now < weight) [least, weight] = [i, now]
  })
  return least
}

/** Three decimals: enough to judge by, and short when it is stored. */
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000
