import type { Millis, Severity } from '../core/index.ts'
import { isLoud } from '../core/index.ts'
import { type Share, shareOf } from './interval.ts'
import type { Seen, SeenStep } from './watch.ts'

/** `resisted`: somebody tried, and did not get there. Nothing above low may be told of it. */
export type Truth = 'attack' | 'resisted' | 'benign'

/** Who found it: a detector's id, or the alerts of all of them together. */
export const ALL_DETECTORS = 'all detectors'

export interface Hit {
  readonly by: string
  readonly severity: Severity
  /** Steps of the harmed chain after the harm, up to the one that raised it; 0 when raised by then. Null: harm not known. */
  readonly delay: number | null
  /** Whether the harmful step is among its evidence; null where the harm is not known. */
  readonly cites: boolean | null
}

/** One thing to be judged: a chain, or the chains of one attack. */
export interface Unit {
  readonly name: string
  readonly truth: Truth
  readonly steps: number
  readonly hasDeniedCall: boolean
  /** Whether the step that did harm is known. */
  readonly isHarmKnown: boolean
  /** Findings and alerts of severity medium and above. */
  readonly hits: readonly Hit[]
}

/** What is true of one attack. Nothing here is known to what analysed the stream. */
export interface KnownAttack {
  readonly name: string
  /** Keys of the chains it ran through. */
  readonly chains: readonly string[]
  /** The id of the first event that did harm. */
  readonly harm?: string
}

export interface Known {
  readonly attacks: readonly KnownAttack[]
  /** Keys of chains in which an attack was resisted. */
  readonly resisted?: ReadonlySet<string>
  /** Keys of chains of which nothing is known: not judged. */
  readonly unknown?: ReadonlySet<string>
}

/** Sets what was found beside what is true: one unit for each attack, and one for every other chain. */
export function unitsOf(seen: Seen, known: Known): readonly Unit[] {
  const place = new Map<string, SeenStep>()
  for (const steps of seen.chains.values()) for (const step of steps) place.set(step.eventId, step)
  const told = toldBy(seen)
  const taken = new Set(known.unknown)
  const claimed = new Set<Told>()
  const attacks = known.attacks.map((attack): Unit => {
    const harm = attack.harm === undefined ? undefined : place.get(attack.harm)
    const chains = new Set(attack.chains)
    for (const chain of chains) taken.add(chain)
    const own = told.filter((one) => chains.has(one.chain) || (harm !== undefined && one.events.has(harm.eventId)))
    for (const one of own) claimed.add(one)
    const steps = [...chains].flatMap((chain) => seen.chains.get(chain) ?? [])
    return {
      ...sizeOf(attack.name, steps.length === 0 && harm !== undefined ? (seen.chains.get(harm.chain) ?? []) : steps),
      truth: 'attack',
      isHarmKnown: harm !== undefined,
      hits: own.map((one) => hitOf(one, harm, seen)),
    }
  })
  const others = [...seen.chains].flatMap(([chain, steps]): readonly Unit[] => {
    if (taken.has(chain)) return []
    const own = told.filter((one) => one.chain === chain && !claimed.has(one))
    return [
      {
        ...sizeOf(chain, steps),
        isHarmKnown: false,
        truth: known.resisted?.has(chain) === true ? 'resisted' : 'benign',
        hits: own.map((one) => hitOf(one, undefined, seen)),
      },
    ]
  })
  return [...attacks, ...others]
}

const sizeOf = (name: string, steps: readonly SeenStep[]): Pick<Unit, 'name' | 'steps' | 'hasDeniedCall'> => ({
  name,
  steps: steps.length,
  hasDeniedCall: steps.some(({ isDeniedCall }) => isDeniedCall),
})

interface Told {
  readonly by: string
  readonly severity: Severity
  readonly chain: string
  readonly at: Millis | null
  /** Ids of the events it cites. */
  readonly events: ReadonlySet<string>
}

const toldBy = ({ findings, alerts }: Seen): readonly Told[] =>
  [
    ...findings.map(({ finding, chain, firstLoudAt }) => ({ one: finding, by: finding.detector, chain, firstLoudAt })),
    ...alerts.map(({ alert, chain, firstLoudAt }) => ({ one: alert, by: ALL_DETECTORS, chain, firstLoudAt })),
  ].flatMap(({ one, by, chain, firstLoudAt }) =>
    isLoud(one)
      ? [
          {
            by,
            chain,
            severity: one.severity,
            at: firstLoudAt,
            events: new Set(one.evidence.map(({ eventId }) => eventId)),
          },
        ]
      : [],
  )

function hitOf({ by, severity, at, events }: Told, harm: SeenStep | undefined, seen: Seen): Hit {
  if (harm === undefined) return { by, severity, delay: null, cites: null }
  const after = (seen.chains.get(harm.chain) ?? []).filter((step) => step.at > harm.at && at !== null && step.at <= at)
  return { by, severity, delay: at === null ? null : after.length, cites: events.has(harm.eventId) }
}

/** How well one detector, all of them together, or a baseline tells attacks from the rest. */
export interface Figures {
  readonly by: string
  /** Attacks found, of all attacks. */
  readonly recall: Share
  /** Attacks among what was alerted. Resisted ones that are alerted count against it. */
  readonly precision: Share
  /** Benign chains alerted, of all benign chains. */
  readonly benign: Share
  /** Chains with a resisted attack that were alerted, of all those. */
  readonly resisted: Share
  /** Of attacks whose harm is known: those found no later than one step after it, by something that cites it. */
  readonly inTime: Share
  /** Steps between the harm and the first alert, each found attack with known harm once, in order of size. */
  readonly delays: readonly number[]
}

/** One line for a detector's id, `ALL_DETECTORS`, or a baseline that says which units it would alert on. */
export function figuresOf(
  by: string,
  units: readonly Unit[],
  isAlerted: (unit: Unit) => boolean = ({ hits }) => hits.some((hit) => hit.by === by),
): Figures {
  const of = (truth: Truth): readonly Unit[] => units.filter((unit) => unit.truth === truth)
  const alerted = (some: readonly Unit[]): number => some.filter(isAlerted).length
  const [attacks, benign, resisted] = [of('attack'), of('benign'), of('resisted')]
  const found = alerted(attacks)
  const own = attacks.map(({ hits }) => hits.filter((hit) => hit.by === by && hit.delay !== null))
  const timed = own.filter((hits) => hits.length > 0)
  return {
    by,
    recall: shareOf(found, attacks.length),
    precision: shareOf(found, found + alerted(benign) + alerted(resisted)),
    benign: shareOf(alerted(benign), benign.length),
    resisted: shareOf(alerted(resisted), resisted.length),
    inTime: shareOf(
      timed.filter((hits) => hits.some(({ cites, delay }) => cites === true && (delay ?? Infinity) <= 1)).length,
      attacks.filter(({ isHarmKnown }) => isHarmKnown).length,
    ),
    delays: timed
      .map((hits) => Math.min(...hits.map(({ delay }) => delay ?? Infinity)))
      .filter(Number.isFinite)
      .sort((a, b) => a - b),
  }
}

/**
 * What alerting by rules without any thought would score: on everything, on the length that serves best on these very units
 * (an advantage no detector is given), and on any denied call.
 */
export function baselinesOf(units: readonly Unit[]): readonly Figures[] {
  const lengths = [...new Set(units.map(({ steps }) => steps))]
  const gain = ({ recall, benign }: Figures): number => (recall.value ?? 0) - (benign.value ?? 0)
  const longer = (least: number): Figures =>
    figuresOf(`baseline: ${least} steps or more`, units, ({ steps }) => steps >= least)
  const byLength = lengths.map(longer).sort((a, b) => gain(b) - gain(a))
  return [
    figuresOf('baseline: everything', units, () => true),
    ...byLength.slice(0, 1),
    figuresOf('baseline: any denied call', units, ({ hasDeniedCall }) => hasDeniedCall),
  ]
}
