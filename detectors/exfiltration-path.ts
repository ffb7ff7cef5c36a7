import { z } from 'zod'
import {
  type Authority,
  cite,
  defineDetector,
  type Evidence,
  type Grade,
  quiet,
  type Severity,
  type Step,
  sighted,
  type ToolCallEvent,
} from '../src/core/index.ts'
import { type Cited, citeMore, digest, NOTHING_CITED, refOf } from './evidence.ts'
import {
  carryOn,
  type Flow,
  flowsInto,
  isAbout,
  ordersIn,
  type Source,
  sentOut,
  weightOf,
  withSource,
} from './flows.ts'
import {
  type Home,
  homeOf,
  isDeclaredOutlet,
  isPayment,
  NO_HOME,
  type Outlet,
  outletOf,
  recipientsOf,
} from './outlets.ts'
import { awsWord, isApproved, isConsequential, isLook, type Reading, readStep } from './reading.ts'

const MAX_ORDERS = 32

/** Keeps 8 sources with 48 values each, 32 values that stood in orders, and cites 12 steps. At its bounds about 20 kB. */
interface State extends Cited {
  readonly home: Home
  readonly sources: readonly Source[]
  readonly orders: readonly string[]
}

type Options = { withinMs: number }

export const exfiltrationPath = defineDetector<State, Options>({
  id: 'exfiltration-path',
  version: 1,
  about: {
    title: 'Sensitive data left by a path of the chain',
    severity: 'high',
    maturity: 'incubating',
    why: 'The chain read what is confidential and then sent it to somebody outside who was not asked for. Each step alone is daily work; the path is the harm.',
    misses: [
      'data retold, drawn, enciphered, encoded more than once, or in pieces too short to show an encoding: by order alone it stays low',
      'data whose sensitivity no event tells, and secrets that no event marks as such',
      'data read in one workflow and sent in another, or where the event names none',
      'a destination that the producer calls internal, or whose domain is that of the user',
      'sending to an address that the user, or what the task was given, names',
      'a value or two of confidential data: they alone stay low',
    ],
    respond: [
      'Stop the agent, and block the destination for every agent.',
      'Work out from the evidence what was sent: compare the read with the sending.',
      'Treat secrets among it as lost, and rotate them.',
      'Tell the owner of the data.',
    ],
    needs: ['tool_call.resource.sensitivity', 'tool_call.destination', 'tool_call.arguments and result'],
    references: ['https://attack.mitre.org/techniques/T1567/', 'https://attack.mitre.org/techniques/T1537/'],
    frameworks: ['ASI02', 'NHI2', 'T1530', 'T1537', 'T1567', 'AML.T0086', 'MAESTRO-2', 'MEASURE'],
  },
  reads: ['chain'],
  wants: ['workflow', 'tool_call', 'credential'],
  options: z.strictObject({
    /** For how long after a read a sending that shares nothing with it is worth noting. */
    withinMs: z.int().positive().default(1_800_000),
  }),
  init: () => ({ ...NOTHING_CITED, home: NO_HOME, sources: [], orders: [] }),
  fold(before, step, options, { authority }) {
    if (step.link !== undefined) return quiet(before)
    const { event } = step
    const home = homeOf(before.home, step)
    const state = home === before.home ? before : { ...before, home }
    if (event.kind === 'workflow') return quiet(state)
    const reading = readStep(step)
    if (event.kind !== 'tool_call') return quiet(read(state, step, reading, []))
    const flows = flowsInto(state.sources, event)
    const outlet = outletOf(step, reading, home)
    const next = outlet === null ? read(state, step, reading, flows) : state
    if (outlet === null || isExpected(step, reading, authority)) return quiet(next)
    const out = pathOut(state, step, event, reading, outlet, flows, options)
    if (out === null) return quiet(next)
    const isGone = out.flow !== null && event.outcome === 'success'
    const sources = isGone ? sentOut(next.sources, out.flow, event) : next.sources
    return told(sources === next.sources ? next : { ...next, sources }, step, reading, out)
  },
})

/** Takes in what a step read, and what it made of what was read before. */
function read(state: State, step: Step, reading: Reading, flows: readonly Flow[]): State {
  const { event } = step
  const carried = event.kind === 'tool_call' ? carryOn(state.sources, step, event, flows) : state.sources
  const sources = withSource(carried, step, reading)
  const found = event.kind === 'tool_call' ? ordersIn(event.tool_call.result) : []
  const fresh = found.filter((one) => !state.orders.includes(one))
  const orders = fresh.length === 0 ? state.orders : [...state.orders, ...fresh].slice(-MAX_ORDERS)
  return sources === state.sources && orders === state.orders ? state : { ...state, sources, orders }
}

/** A person approved it, the task was given that destination, or the user named whom to send to. */
function isExpected(step: Step, reading: Reading, authority: Authority): boolean {
  if (isApproved(authority, step, reading) || isDeclaredOutlet(authority, step.event.at, reading)) return true
  return recipientsOf(step).some((one) => authority.asked.includes(one))
}

interface Out {
  /** Null where what is sent is the very thing the call is about. */
  readonly flow: Flow | null
  readonly outlet: Outlet
  readonly severity: Severity
}

/** What goes out by a call, and how much that worries; null where nothing is known to. */
function pathOut(
  { sources, orders }: State,
  step: Step,
  event: ToolCallEvent,
  reading: Reading,
  outlet: Outlet,
  flows: readonly Flow[],
  { withinMs }: Options,
): Out | null {
  const recipients = recipientsOf(step)
  const told = (flow: Flow | null, plain: Severity): Out => ({
    flow,
    outlet,
    severity: event.outcome !== 'success' ? 'low' : outlet === 'external' ? plain : lower(plain),
  })
  if (isItself(step, reading)) return told(null, 'high')
  const known = reading.resource === null ? null : digest(reading.resource)
  const same = sources.find(({ resource }) => resource !== null && resource === known)
  if (same !== undefined && isConsequential(reading) && !isPayment(step, reading.destinationType))
    return told({ source: same, how: 'reference', shared: 0 }, 'high')
  const flow = flows.find((one) => !isAbout(one, recipients, orders))
  if (flow !== undefined) return told(flow, weightOf(flow))
  const last = sources.findLast(({ ref }) => event.at - ref.at <= withinMs)
  const isOrderOnly = flows.length === 0 && outlet === 'external' && isConsequential(reading)
  return last === undefined || !isOrderOnly || reading.operation === 'read'
    ? null
    : told({ source: last, how: 'order', shared: 0 }, 'low')
}

const lower = (severity: Severity): Severity => (severity === 'high' ? 'medium' : 'low')

const STORES: ReadonlySet<string> = new Set(['snapshot', 'db-snapshot', 'image', 'bucket', 'object', 'table', 'volume'])

/** The call itself hands sensitive data, or a whole store of data, to the outside. */
function isItself(step: Step, reading: Reading): boolean {
  const { sensitivity, isExternal, destinationType, resourceType } = reading
  if (!isExternal || isPayment(step, destinationType)) return false
  if (isLook(reading)) return false
  if (awsWord(step, 'effect') === 'sharing') return resourceType !== null && STORES.has(resourceType)
  return sensitivity === 'restricted' || sensitivity === 'confidential'
}

function told(state: State, step: Step, reading: Reading, { flow, outlet, severity }: Out) {
  const isTried = step.event.outcome !== 'success'
  const grade: Grade = flow === null ? 'reported' : flow.how === 'order' ? 'inferred' : 'derived'
  const sent = cite(refOf(step), isTried ? 'tried-egress' : 'egress', { grade })
  const path: readonly Evidence[] =
    flow === null
      ? []
      : [
          cite(flow.source.ref, 'sensitive-read', flow.how === 'order' ? { context: true } : {}),
          ...flow.source.hops.map((ref) => cite(ref, 'carried', { grade: 'derived' })),
        ]
  const cited = citeMore(state, severity, ...path, sent)
  const what = flow === null ? (reading.resource ?? 'what it is about') : flow.source.ref.label
  return sighted(
    { ...state, ...cited },
    {
      key: 'path',
      summary: `${reading.tool} ${isTried ? 'tried to send' : 'sent'} ${what} to ${reading.destination ?? 'the outside'}`,
      severity: cited.severity,
      confidence: severity === 'low' ? 0.4 : 0.85,
      evidence: cited.evidence,
      terms: {
        how: flow?.how ?? 'itself',
        shared: flow?.shared ?? 0,
        level: flow?.source.level ?? reading.sensitivity ?? '',
        external: outlet === 'external',
      },
    },
  )
}
