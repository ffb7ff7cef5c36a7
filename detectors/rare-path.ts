import { z } from 'zod'
import {
  cite,
  defineDetector,
  type Evidence,
  type Millis,
  quiet,
  type Step,
  sighted,
  type Verdict,
} from '../src/core/index.ts'
import {
  type Baseline,
  begin,
  busierThanEver,
  type Dimension,
  dimensionOf,
  isKnown,
  type News,
  NO_BASELINE,
  nameOf,
  teach,
} from './baseline.ts'
import { refOf } from './evidence.ts'
import {
  chainName,
  chainOf,
  extend,
  featuresOf,
  isSuspect,
  NO_CHAINS,
  type OpenChain,
  type OpenChains,
  suspect,
} from './open-chains.ts'

const DAY = 86_400_000
const MAX_EVIDENCE = 4
const MAX_CITED_CHAINS = 16

/**
 * What is normal for one agent (`Baseline`: at most 172 names), the 8 chains it is at work in, with 32 features and 4 cited
 * steps each, and the 16 last suspects. At its bounds about 48 kB; of an ordinary agent about 4 kB.
 */
export interface State {
  readonly baseline: Baseline
  readonly chains: OpenChains
}

export interface Options {
  chains: number
  days: number
  halfLifeDays: number
  idleMs: number
  points: number
  newsRate: number
  versionChains: number
}

/** How much it says that a chain is new in this; a transition, an hour or a rate by itself says little. */
const POINTS: Readonly<Record<Dimension, number>> = {
  tool: 1,
  destination: 1,
  zone: 1,
  resource: 0.5,
  credential: 0.5,
  transition: 0.25,
  hour: 0.25,
  rate: 0.5,
}

export const rarePath = defineDetector<State, Options>({
  id: 'rare-path',
  version: 3,
  about: {
    title: 'An agent did what it never did before',
    severity: 'low',
    maturity: 'sandbox',
    why: 'An agent repeats itself. A chain with tools, places, destinations and credentials that none of its chains ever had, or one of more in an hour than ever, is a change of its job, or somebody else at work. It supports what other detectors see, and is never more than low by itself.',
    misses: [
      'an agent without `chains` chains over `days` days',
      'an agent that does something new in more than `newsRate` of its chains',
      'poisoning by one new thing a chain, each below `points`',
      'an agent whose newest version has not run `versionChains` chains',
      'harm done by what the agent does every day',
      'more names in a dimension than are kept: that dimension then says nothing',
      'what other agents of its kind do is not looked at, nor how fast it works within a chain',
      'more chains in an hour than ever, up to twice the most it has had and two more, or grown to in that manner from hour to hour',
      'a chain that only another detector found suspicious still teaches',
      'a job that changes for good is told again in each chain until `newsRate` is passed: what was told never becomes normal',
    ],
    respond: [
      'Read the new steps in the evidence beside an ordinary chain of the agent.',
      'Ask its owner whether its job changed; if so, nothing is to be done.',
    ],
    needs: ['agent.id', 'tool_call.name'],
    references: ['https://www.usenix.org/conference/usenixsecurity21/presentation/ho'],
    frameworks: ['ASI10', 'ASI02', 'MAESTRO-3', 'MAESTRO-5', 'MEASURE'],
  },
  reads: ['agent'],
  wants: ['tool_call', 'credential', 'oauth', 'handoff', 'workflow'],
  options: z.strictObject({
    /** So many chains, over so many days, make a baseline; before, it says nothing. */
    chains: z.int().positive().default(20),
    days: z.number().nonnegative().default(3),
    /** What was not done for so long counts half. */
    halfLifeDays: z.number().positive().default(30),
    /** A chain without a step for so long is over. */
    idleMs: z.int().positive().default(1_800_000),
    /** News in one chain: a tool, a zone or a destination 1; a resource, a credential or more chains in an hour than ever 0.5; a transition or an hour 0.25. */
    points: z.number().positive().default(2),
    /** An agent with news in more of its chains than this is one that always has news. */
    newsRate: z.number().min(0).max(1).default(0.2),
    /** So many chains a new version of the agent is given to settle in. */
    versionChains: z.int().nonnegative().default(5),
  }),
  init: () => ({ baseline: NO_BASELINE, chains: NO_CHAINS }),
  fold(state, step, options, { subject }) {
    const { event } = step
    if (event.kind === 'workflow') return quiet(event.workflow.action === 'start' ? state : ended(state, step, options))
    if (event.outcome !== 'success') return quiet(state)
    const { chain, others, over } = chainOf(state.chains, step, options.idleMs)
    const isSuspicious = isSuspect(state.chains, chain.name)
    const learned = over.reduce((known, one) => learn(known, state.chains, one, options), state.baseline)
    const isNew = !state.chains.open.includes(chain)
    const baseline = isNew ? begin(learned, event.at) : learned
    const { tool, features } = featuresOf(step, chain.tool)
    const fresh = features.filter((one) => !chain.features.includes(one))
    const next = extend(chain, step, features, tool)
    const busier = isNew ? busierThanEver(baseline) : null
    const news: readonly News[] = [
      ...fresh.filter((one) => !isKnown(baseline, one, event.at, options.halfLifeDays)),
      ...(busier === null ? [] : [busier]),
    ]
    const told = news.length === 0 ? next : withNews(next, news, step)
    const isSame = told === chain && !isNew && over.length === 0
    const suspects =
      isSuspicious || !isOdd(told, baseline, options)
        ? state.chains.suspects
        : suspect(state.chains.suspects, chain.name)
    if (isSame && suspects === state.chains.suspects) return quiet(state)
    const after: State = { baseline, chains: { open: [...others, told], suspects } }
    return news.length === 0 || !suspects.includes(chain.name) ? quiet(after) : report(after, told, subject)
  },
})

/** A chain that is over teaches what it did. */
function learn(baseline: Baseline, chains: OpenChains, chain: OpenChain, { points, halfLifeDays }: Options): Baseline {
  const { startedAt, at, version, features, news } = chain
  const hadNews = weightOf(news) >= points
  return teach(
    baseline,
    { startedAt, at, version, features, hadNews, isSuspicious: isSuspect(chains, chain.name) },
    halfLifeDays,
  )
}

function ended(state: State, step: Step, options: Options): State {
  const name = chainName(step)
  const chain = state.chains.open.find((one) => one.name === name)
  if (chain === undefined) return state
  const open = state.chains.open.filter((one) => one !== chain)
  return { baseline: learn(state.baseline, state.chains, chain, options), chains: { ...state.chains, open } }
}

const withNews = (chain: OpenChain, news: readonly News[], step: Step): OpenChain => ({
  ...chain,
  news: [...chain.news, ...news].slice(0, MAX_CITED_CHAINS),
  evidence: addStep(chain.evidence, cite(refOf(step), 'new-to-agent', { grade: 'inferred' })),
})

const addStep = (evidence: readonly Evidence[], one: Evidence): readonly Evidence[] => [
  ...evidence.slice(0, MAX_EVIDENCE - 1),
  one,
]

const weightOf = (news: readonly News[]): number => news.reduce((sum, feature) => sum + POINTS[dimensionOf(feature)], 0)

/** Why a chain of the agent is not judged by its baseline yet; null where it is. */
export function coldBecause(baseline: Baseline, at: Millis, options: Options): string | null {
  const { chains, since, version, ofVersion, newsRate } = baseline
  if (chains < options.chains || since === null) return `${chains} of ${options.chains} chains were seen`
  if (at - since < options.days * DAY) return `it is known for less than ${options.days} days`
  if (newsRate > options.newsRate) return `it does something new in more than ${options.newsRate} of its chains`
  return version !== null && ofVersion < options.versionChains
    ? `its version ${version} ran ${ofVersion} of ${options.versionChains} chains`
    : null
}

/** Whether a chain's news is more than an agent like this has now and then. */
function isOdd({ news, version, at, features }: OpenChain, baseline: Baseline, options: Options): boolean {
  if (coldBecause(baseline, at, options) !== null) return false
  const isNewVersion = version !== null && version !== baseline.version && baseline.version !== null
  if (isNewVersion) return false
  const isBroad = features.length > 2 * baseline.breadth
  return weightOf(news) + (isBroad ? 1 : 0) >= options.points
}

function report(state: State, { news, evidence }: OpenChain, subject: string): Verdict<State> {
  const what = [...new Set(news.map(dimensionOf))].sort()
  const gravest = news.toSorted((a, b) => POINTS[dimensionOf(b)] - POINTS[dimensionOf(a)])
  const { chains, since } = state.baseline
  const last = evidence.at(-1)
  return sighted(state, {
    key: `rare ${last?.workflowId ?? ''}`,
    summary: `${subject} never did this in ${chains} chains: ${gravest
      .slice(0, 4)
      .map((one) => `${dimensionOf(one)} ${nameOf(one)}`)
      .join(', ')}`,
    severity: 'low',
    confidence: Math.min(0.7, 0.3 + 0.1 * weightOf(news)),
    evidence,
    terms: {
      new: what.join(','),
      names: gravest.slice(0, 6).join(' ').slice(0, 256),
      chains,
      days: since === null || last === undefined ? 0 : Math.floor((last.at - since) / DAY),
    },
  })
}
