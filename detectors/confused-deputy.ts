import { z } from 'zod'
import {
  type Authority,
  cite,
  defineDetector,
  quiet,
  type Severity,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { type Asked, type Asks, askersOf, citeAsking, listen, NOBODY_ASKED } from './askers.ts'
import { addDenial, type Denial, denialOf, holderOf, matters, pivotFrom } from './denials.ts'
import { type Cited, citeMore, digest, NOTHING_CITED, refOf } from './evidence.ts'
import { isApproved, isGranted, isResourceGranted, type Reading, readStep } from './reading.ts'

const MAX_DEEDS = 4

/** What a deputy did for one who was refused it. */
interface Deed {
  readonly deputy: string
  readonly asker: string
  readonly ref: StepRef
}

/** Keeps 12 refusals, 8 hand-offs, 16 steps and 4 deeds, and cites 12 steps. At its bounds about 24 kB. */
interface State extends Cited {
  readonly denials: readonly Denial[]
  readonly asks: Asks
  readonly deeds: readonly Deed[]
}

export const confusedDeputy = defineDetector({
  id: 'confused-deputy',
  version: 1,
  about: {
    title: 'An agent that was refused had another do it',
    severity: 'high',
    maturity: 'incubating',
    why: 'The agent has no right to the thing and asks one that has. The one that has uses its own authority for somebody who has none.',
    misses: [
      'an asker that was never refused, because it never tried',
      'a refusal in one workflow and the deed in another, or where the event names none',
      'agents that ask each other by a channel that is neither a hand-off nor a call',
      'a deed whose resource and destination are not those that were refused',
      'the asker and its deputy told under one agent id',
    ],
    respond: [
      'Stop the asking agent; what it was refused came to it all the same.',
      'Make the deputy act with the authority of who asks it (RFC 8693 `act`), not with its own alone.',
      'Check what else the deputy did for this agent.',
    ],
    needs: ['agent.id', 'outcome denied', 'handoff.to_agent, or parent_step_id'],
    references: ['https://cwe.mitre.org/data/definitions/441.html', 'https://www.rfc-editor.org/rfc/rfc8693'],
    frameworks: ['ASI03', 'ASI07', 'T1548.005', 'MAESTRO-3', 'MAESTRO-7', 'MEASURE'],
  },
  reads: ['chain'],
  wants: ['tool_call', 'credential', 'handoff'],
  options: z.strictObject({}),
  init: (): State => ({ ...NOTHING_CITED, denials: [], asks: NOBODY_ASKED, deeds: [] }),
  fold(state, step, _options, { authority }) {
    const { event } = step
    if (step.link !== undefined) return quiet(state)
    const reading = readStep(step)
    const denial = denialOf(step, reading)
    if (denial !== null) {
      const denials = addDenial(state.denials, denial)
      return quiet(denials === state.denials ? state : { ...state, denials })
    }
    if (state.denials.length === 0 || event.outcome !== 'success') return quiet(state)
    const asks = listen(state.asks, step)
    const next = asks === state.asks ? state : { ...state, asks }
    if (event.kind === 'handoff') return returned(next, step)
    const deed = deedOf(state, step, reading)
    if (deed === null || isExpected(authority, step, reading)) return quiet(next)
    return done(next, step, reading, deed, authority)
  },
})

/** A step that does what was refused to an agent that asked for it. */
function deedOf({ denials, asks }: State, step: Step, reading: Reading) {
  const { agent } = holderOf(step, reading)
  if (agent === null) return null
  for (const asked of askersOf(asks, step)) {
    const pivot = pivotFrom(
      denials.filter((one) => one.agent === asked.by),
      step,
      reading,
    )
    if (pivot !== null && pivot.denial.agent !== agent) return { asked, denial: pivot.denial, deputy: agent }
  }
  return null
}

/** A person approved it, or what the task was given names the very thing. */
const isExpected = (authority: Authority, step: Step, reading: Reading): boolean =>
  isApproved(authority, step, reading) || isResourceGranted(authority, step.event.at, reading.resource, 'named')

interface Found {
  readonly asked: Asked
  readonly denial: Denial
  readonly deputy: string
}

function done(state: State, step: Step, reading: Reading, { asked, denial, deputy }: Found, authority: Authority) {
  const severity = severityOf(denial, reading, asked.isCall, isGranted(authority, reading))
  const deed = cite(refOf(step), 'deed', { grade: 'derived' })
  const cited = citeMore(state, severity, cite(denial.ref, 'denied'), ...citeAsking(asked), deed)
  const deeds = [...state.deeds, { deputy, asker: asked.by, ref: refOf(step) }].slice(-MAX_DEEDS)
  return sighted(
    { ...state, ...cited, deeds: asked.isCall ? state.deeds : deeds },
    tell(cited, denial, reading, asked.isCall),
  )
}

/** A declared tool for what is not sensitive is how specialists work. */
function severityOf(denial: Denial, reading: Reading, isCall: boolean, granted: boolean): Severity {
  const isGrave = matters(denial, reading)
  if (granted && !isGrave) return 'low'
  return isGrave || isCall ? 'high' : 'medium'
}

const tell = ({ evidence, severity }: Cited, denial: Denial, reading: Reading, isBack: boolean) => ({
  key: 'deputy',
  summary: `${reading.agent} reached ${reading.resource ?? reading.destination ?? 'it'} for ${denial.ref.agentId}, to whom it was refused`,
  severity,
  confidence: 0.85,
  evidence,
  terms: { refused: denial.ref.label, resultReturned: isBack },
  credentialIds: reading.credential === null ? [] : [reading.credential],
})

/** The deputy hands back what it got. */
function returned(state: State, step: Step) {
  const { event } = step
  if (event.kind !== 'handoff' || event.handoff.to_agent === undefined) return quiet(state)
  const [from, to] = [digest(event.agent?.id ?? ''), digest(event.handoff.to_agent.id)]
  const deed = state.deeds.find(({ deputy, asker }) => deputy === from && asker === to)
  const denial = state.denials.find(({ agent }) => agent === to)
  if (deed === undefined || denial === undefined) return quiet(state)
  const severity = state.severity === 'low' ? 'low' : 'high'
  const cited = citeMore(
    state,
    severity,
    cite(deed.ref, 'deed', { grade: 'derived' }),
    cite(refOf(step), 'result-returned'),
  )
  const summary = `${deed.ref.agentId} did ${deed.ref.label} for ${denial.ref.agentId}, to whom it was refused, and handed back what came of it`
  return sighted(
    { ...state, ...cited, deeds: state.deeds.filter((one) => one !== deed) },
    { ...tell(cited, denial, readStep(step), true), summary, credentialIds: [] },
  )
}
