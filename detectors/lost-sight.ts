import { z } from 'zod'
import {
  cite,
  defineDetector,
  type Evidence,
  type Millis,
  quiet,
  type Severity,
  type Step,
  type StepRef,
  sighted,
  worse,
} from '../src/core/index.ts'
import { MAX_CITED, refOf, withContext } from './evidence.ts'
import { count, type Gap, NO_NUMBERS, type Numbering } from './numbering.ts'
import { descend, judgeOrphans, NO_PARENTS, type Parents } from './parents.ts'
import { isStrong } from './places.ts'
import { fallSilent, hear, type Producer, silentAt } from './producers.ts'
import { isConsequential, type Reading, readStep } from './reading.ts'

const DAY = 86_400_000
const MINUTE = 60_000

/**
 * Of an agent: 4 producers, 8 runs of numbers, 4 gaps; of a chain: its first 64 step ids, 4 steps without their parent. Cites
 * 12 steps of one episode. At its bounds about 20 kB.
 */
interface State {
  readonly producers: readonly Producer[]
  readonly numbering: Numbering
  readonly parents: Parents
  /** The last work of the agent, to within a minute. */
  readonly last: StepRef | null
  readonly story: Story
}

/** One episode: what was lost, and what went on. A day without news begins another. */
interface Story {
  readonly evidence: readonly Evidence[]
  readonly severity: Severity
  readonly at: Millis
}

const NO_STORY: Story = { evidence: [], severity: 'info', at: 0 }

interface Options {
  missed: number
  run: number
  resolved: number
  waitMs: number
}

export const lostSight = defineDetector<State, Options>({
  id: 'lost-sight',
  version: 1,
  about: {
    title: 'Sight of an agent was lost while it went on working',
    severity: 'high',
    maturity: 'incubating',
    why: 'A producer that is switched off, or that tells less than it did, is how an intruder works unseen. What others still tell of the agent’s credentials shows that it has not stopped.',
    misses: [
      'a producer that never told at what interval it lives',
      'work after a shutdown that was announced',
      'work under another agent name after the producer went silent',
      'numbers that leave gaps from the start, and gaps before `run` numbers in a row',
      'a missing parent after the first 64 steps of a chain, or where a producer names parents that it never tells',
      'silence of everything at once: nothing moves time on',
    ],
    respond: [
      'Find out why the producer is silent: ask its host, not the agent.',
      'Look at the cited work that others told of while it was.',
      'If nobody can say why: revoke the agent’s credentials until it is seen again.',
    ],
    needs: ['heartbeat.interval_s, or a sequence number in attributes.sequence, or parent_step_id'],
    references: [
      'https://attack.mitre.org/techniques/T1562/',
      'https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/sequence.md',
    ],
    frameworks: ['ASI10', 'ASI08', 'MAESTRO-5', 'MEASURE', 'MANAGE'],
  },
  reads: ['agent', 'chain'],
  wants: ['workflow', 'message', 'tool_call', 'credential', 'oauth', 'handoff', 'approval', 'decision', 'heartbeat'],
  options: z.strictObject({
    /** So many heartbeats missed are silence. */
    missed: z.number().min(1).default(3),
    /** So many numbers in a row make a gap news. */
    run: z.int().positive().max(64).default(5),
    /** So many steps whose parent was told make a missing parent news. */
    resolved: z.int().positive().max(64).default(3),
    /** How long what is missing may still come, in event time. */
    waitMs: z
      .int()
      .positive()
      .default(5 * MINUTE),
  }),
  init: () => ({ producers: [], numbering: NO_NUMBERS, parents: NO_PARENTS, last: null, story: NO_STORY }),
  fold(state, step, options, { track, subject }) {
    if (track === 'chain') {
      const isGrave = step.event.outcome === 'success' && gravity(readStep(step)) === 'high'
      const parents = descend(state.parents, step, isGrave, options.resolved, options.waitMs)
      return quiet(parents === state.parents ? state : { ...state, parents })
    }
    const producers = hear(state.producers, step)
    const numbering = goesOn(count(state.numbering, step, options.run, options.waitMs), step)
    const last = works(step) ? lastOf(state.last, step) : state.last
    const isSame = producers === state.producers && numbering === state.numbering && last === state.last
    const next = isSame ? state : { ...state, producers, numbering, last }
    return works(step) ? inTheDark(next, step, subject) : quiet(next)
  },
  due({ producers, numbering, parents }, { missed }) {
    // Asked before every step of every chain and agent, most of which wait for nothing.
    let first = silentAt(producers, missed) ?? Number.POSITIVE_INFINITY
    for (const { dueAt } of numbering.gaps) first = Math.min(first, dueAt)
    for (const { dueAt } of parents.orphans) first = Math.min(first, dueAt)
    return first === Number.POSITIVE_INFINITY ? null : first
  },
  elapse(state, at, { missed, resolved }, { subject }) {
    const { parents, lost } = judgeOrphans(state.parents, at, resolved)
    const gaps = state.numbering.gaps.filter(({ dueAt }) => dueAt <= at)
    const numbering =
      gaps.length === 0
        ? state.numbering
        : { ...state.numbering, gaps: state.numbering.gaps.filter(({ dueAt }) => dueAt > at) }
    const producers = fallSilent(state.producers, at, missed)
    const next = { ...state, parents, numbering, producers }
    const told = [...gaps.map(ofGap), ...lost.map(ofOrphan)]
    if (told.length > 0) return told.reduce((verdict, loss) => report(verdict.state, loss, subject), quiet<State>(next))
    // That it is silent is coverage, and no alert: an agent may have nothing to do.
    const gone = producers.find((one, i) => one !== state.producers[i])
    return gone === undefined || state.last === null ? quiet(next) : silence(next, gone, state.last, subject)
  },
})

const works = ({ event }: Step): boolean =>
  event.outcome === 'success' &&
  (event.kind === 'tool_call' || event.kind === 'credential' || event.kind === 'oauth' || event.kind === 'handoff')

const lastOf = (last: StepRef | null, step: Step): StepRef =>
  last !== null && step.event.at - last.at < MINUTE ? last : refOf(step)

/** Notes what the agent does with its credentials after a gap. */
function goesOn(numbering: Numbering, step: Step): Numbering {
  const reading = readStep(step)
  if (!works(step) || reading.credential === null || !isConsequential(reading)) return numbering
  if (numbering.gaps.every(({ work }) => work !== null)) return numbering
  const work = refOf(step)
  return { ...numbering, gaps: numbering.gaps.map((gap) => (gap.work === null ? { ...gap, work } : gap)) }
}

/** How much a step worries that was seen by chance. */
function gravity(reading: Reading): Severity {
  if (isConsequential(reading) && isStrong(reading)) return 'high'
  return isConsequential(reading) || reading.credential !== null ? 'medium' : 'low'
}

interface Loss {
  readonly says: string
  readonly severity: Severity
  readonly confidence: number
  readonly context: readonly Evidence[]
  readonly evidence: readonly Evidence[]
  readonly terms: Readonly<Record<string, string | number | boolean>>
  readonly credential: string | null
}

/** Work that others tell of while all who should tell of it are silent. */
function inTheDark(state: State, step: Step, subject: string) {
  const [first] = state.producers
  if (first === undefined || !state.producers.every(({ isSilent }) => isSilent)) return quiet(state)
  const reading = readStep(step)
  const minutes = Math.round((step.event.at - first.seenAt) / MINUTE)
  return report(
    state,
    {
      says: `worked on while ${first.source}, which tells of it, was silent for ${minutes} min`,
      severity: gravity(reading),
      confidence: 0.8,
      context: [cite(first.beat, 'last-heartbeat', { context: true })],
      evidence: [cite(refOf(step), 'unseen-work')],
      terms: { why: 'silent', producer: first.source, minutes },
      credential: reading.credential,
    },
    subject,
  )
}

function ofGap({ from, to, missing, before, after, work, source }: Gap): Loss {
  const steps = `${missing} step${missing === 1 ? '' : 's'} left out (${from} to ${to} of ${source})`
  const isSame = work === null || work.eventId === after.eventId
  return {
    says: `is told with ${steps}${work === null ? '' : ', and went on with its credentials'}`,
    severity: work === null ? 'low' : 'medium',
    confidence: 0.7,
    context: [cite(before, 'before-gap', { context: true })],
    evidence: [cite(after, 'after-gap'), ...(isSame ? [] : [cite(work, 'work')])],
    terms: { why: 'gap', from, to, missing },
    credential: null,
  }
}

const ofOrphan = ({ ref, isStrong: isGrave }: { readonly ref: StepRef; readonly isStrong: boolean }): Loss => ({
  says: `took a step whose cause was never told (${ref.label})`,
  severity: isGrave ? 'medium' : 'low',
  confidence: 0.6,
  context: [],
  evidence: [cite(ref, 'orphan')],
  terms: { why: 'parent' },
  credential: null,
})

function silence(state: State, { source, beat }: Producer, last: StepRef, subject: string) {
  return sighted(state, {
    key: `silent ${source}`,
    summary: `${source}, which tells of ${subject}, went silent`,
    severity: 'info',
    confidence: 0.9,
    evidence: [cite(last, 'last-work', { context: true }), cite(beat, 'last-heartbeat', { context: true })].sort(
      (a, b) => a.at - b.at,
    ),
    terms: { why: 'silent', producer: source },
  })
}

function report(state: State, loss: Loss, subject: string) {
  const at = loss.evidence.at(-1)?.at ?? 0
  const before = at - state.story.at > DAY ? NO_STORY : state.story
  const severity = worse(before.severity, loss.severity)
  if (before.evidence.length >= MAX_CITED && severity === before.severity) return quiet(state)
  const evidence = [...before.evidence, ...loss.evidence].slice(0, MAX_CITED - 1)
  const last = loss.evidence.at(-1)
  if (last !== undefined && !evidence.includes(last)) evidence.push(last)
  const story: Story = { evidence, severity, at }
  return sighted(
    { ...state, story },
    {
      key: `lost ${evidence[0]?.eventId ?? ''}`,
      summary: `${subject} ${loss.says}`,
      severity,
      confidence: loss.confidence,
      evidence: withContext(loss.context, evidence),
      terms: { ...loss.terms, steps: evidence.length },
      ...(loss.credential === null ? {} : { credentialIds: [loss.credential] }),
    },
  )
}
