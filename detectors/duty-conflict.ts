import { z } from 'zod'
import {
  type ApprovalEvent,
  type Authority,
  cite,
  defineDetector,
  quiet,
  type Severity,
  type Sighting,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { type Conflict, conflictsOf, type Duty, dutiesOf, holdersOf, type OwnConflict } from './duties.ts'
import { digest, refOf } from './evidence.ts'
import { isApproved, isGranted, type Reading, readStep } from './reading.ts'

const MAX_HELD = 16
const MAX_TOLD = 12

/** A duty that somebody exercised. */
interface Held {
  readonly duty: Duty
  readonly holders: readonly string[]
  readonly resource: string | null
  /** What the task was given names the tool. */
  readonly isGranted: boolean
  readonly ref: StepRef
}

/** Keeps 16 duties and 12 conflicts that were told. At its bounds about 12 kB. */
interface State {
  readonly held: readonly Held[]
  readonly told: readonly string[]
}

type Options = { conflicts: readonly OwnConflict[]; common: boolean }

export const dutyConflict = defineDetector<State, Options>({
  id: 'duty-conflict',
  version: 1,
  about: {
    title: 'One agent did what has to be kept apart',
    severity: 'high',
    maturity: 'incubating',
    why: 'Who asks does not approve, who says where money goes does not send it, who writes code does not deploy it. One agent that does both needs nobody else to go wrong.',
    misses: [
      'two agents that act as one, with credentials of their own',
      'the two duties in different workflows, or where the event names none',
      'tools whose names do not say what they do, unless the operator lists them in `conflicts`',
      'duties that the task was given both of: that is told low, unless the operator lists them',
      'secrets read and mail sent by one agent: by itself that stays low',
    ],
    respond: [
      'Have a person look at the second deed before its effect is final.',
      'Give the two duties to two agents, with an approval between them.',
      'Where one agent has to hold both, name both tools in what its task is given.',
    ],
    needs: ['agent.id', 'tool_call.name', 'approval.approver'],
    references: ['https://csrc.nist.gov/glossary/term/separation_of_duty'],
    frameworks: ['ASI03', 'ASI02', 'NHI5', 'MAESTRO-6', 'MEASURE'],
  },
  reads: ['chain'],
  wants: ['tool_call', 'credential', 'approval'],
  options: z.strictObject({
    /** The operator's own: names of tools of which no agent should use one from each list. */
    conflicts: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(60),
          first: z.array(z.string().min(1)).min(1),
          second: z.array(z.string().min(1)).min(1),
        }),
      )
      .max(32)
      .default([]),
    /** Whether the conflicts that hold everywhere are told as well. */
    common: z.boolean().default(true),
  }),
  init: () => ({ held: [], told: [] }),
  fold(state, step, { conflicts, common }, { authority }) {
    const { event } = step
    if (step.link !== undefined) return quiet(state)
    if (event.kind === 'approval') return common ? answered(state, step, event) : quiet(state)
    const reading = readStep(step)
    const duties = event.outcome === 'failure' ? [] : dutiesOf(step, reading, conflicts)
    if (duties.length === 0) return quiet(state)
    if (isApproved(authority, step, reading)) return quiet(state)
    const found = conflictsOf(conflicts, common).flatMap((one) => conflictWith(state.held, one, duties, reading))
    const next = event.outcome === 'success' ? hold(state, step, duties, reading, authority) : state
    return tellAll(next, found, step, reading, authority)
  },
})

interface Found {
  readonly conflict: Conflict
  readonly first: Held
}

/** A duty held before that conflicts with one exercised now, by the same holder. */
function conflictWith(
  held: readonly Held[],
  conflict: Conflict,
  duties: readonly Duty[],
  reading: Reading,
): readonly Found[] {
  const holders = holdersOf(reading)
  const resource = reading.resource === null ? null : digest(reading.resource)
  const [a, b] = conflict.duties
  const others = duties.includes(b) ? [a] : duties.includes(a) && !conflict.isOfOneThing ? [b] : []
  const first = held.find(
    (one) =>
      others.includes(one.duty) &&
      one.holders.some((holder) => holders.includes(holder)) &&
      (!conflict.isOfOneThing || (resource !== null && one.resource === resource)),
  )
  return first === undefined ? [] : [{ conflict, first }]
}

/** Takes in the duties of a step: the first of each duty and holder, and of each thing asked for. At 16 the oldest goes. */
function hold(state: State, step: Step, duties: readonly Duty[], reading: Reading, authority: Authority): State {
  const holders = holdersOf(reading)
  if (holders.length === 0) return state
  const resource = reading.resource === null ? null : digest(reading.resource)
  const fresh = duties
    .filter(
      (duty) =>
        !state.held.some(
          (one) =>
            one.duty === duty &&
            holders.every((holder) => one.holders.includes(holder)) &&
            (duty !== 'request' || one.resource === resource),
        ),
    )
    .map((duty) => ({ duty, holders, resource, isGranted: isGranted(authority, reading), ref: refOf(step) }))
  return fresh.length === 0 ? state : { ...state, held: [...state.held, ...fresh].slice(-MAX_HELD) }
}

function tellAll(state: State, found: readonly Found[], step: Step, reading: Reading, authority: Authority) {
  const granted = isGranted(authority, reading)
  const isTried = step.event.outcome !== 'success'
  const told = new Set(state.told)
  const sightings: Sighting[] = []
  for (const { conflict, first } of found) {
    const isGiven = granted && first.isGranted && !conflict.isOwn && !conflict.isOfOneThing
    const severity: Severity = isTried || isGiven ? 'low' : conflict.severity
    const key = `${conflict.name}:${first.holders[0]}`
    // A try, or what was given, must not hide the deed that comes after it.
    const id = `${key}:${severity}`
    if (told.has(id) || told.has(`${key}:${conflict.severity}`) || told.size >= MAX_TOLD) continue
    told.add(id)
    sightings.push(tell(key, conflict, first.ref, step, severity))
  }
  return sightings.length === 0 ? quiet(state) : { state: { ...state, told: [...told] }, sightings }
}

const tell = (
  key: string,
  { name }: Pick<Conflict, 'name'>,
  first: StepRef,
  step: Step,
  severity: Severity,
): Sighting => ({
  key,
  summary: `${step.event.agent?.id ?? 'one agent'} did both: ${name}`,
  severity,
  confidence: severity === 'low' ? 0.5 : 0.8,
  evidence: [cite(first, 'first-duty'), cite(refOf(step), 'second-duty')],
  terms: { conflict: name },
})

/** A request for approval, and its answer: nobody approves what they asked for. */
function answered(state: State, step: Step, event: ApprovalEvent) {
  const { action, approver, approval_id: id } = event.approval
  const agent = event.agent
  if (action === 'request' && agent !== undefined) {
    const names = [agent.id, agent.name, agent.workload_id].filter((one) => one !== undefined)
    const holders = names.map((one) => `a${digest(one)}`)
    const resource = digest(id ?? 'an approval')
    if (state.held.some((one) => one.duty === 'ask' && one.resource === resource)) return quiet(state)
    const asked: Held = { duty: 'ask', holders, resource, isGranted: false, ref: refOf(step) }
    return quiet({ ...state, held: [...state.held, asked].slice(-MAX_HELD) })
  }
  if (action !== 'approve' || approver === undefined || event.outcome !== 'success') return quiet(state)
  const asked = state.held.findLast((one) => one.duty === 'ask' && (id === undefined || one.resource === digest(id)))
  if (asked === undefined || !asked.holders.includes(`a${digest(approver.id)}`)) return quiet(state)
  const key = `approved itself:${asked.resource}`
  if (state.told.includes(key) || state.told.length >= MAX_TOLD) return quiet(state)
  return sighted(
    { ...state, told: [...state.told, key] },
    {
      ...tell(key, { name: 'request and approve' }, asked.ref, step, 'high'),
      summary: `${approver.id} approved what it had asked for itself`,
    },
  )
}
