import { z } from 'zod'
import {
  type Context,
  cite,
  defineDetector,
  type Evidence,
  type Grade,
  quiet,
  refTo,
  type Severity,
  type Sighting,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { awsWord, isApproved, isGranted, type Reading, readStep, readsSecret, remember } from './reading.ts'

const MAX_PIVOTS = 32
const MAX_SEEN = 128
const MAX_HOPS = 20

/** A credential that came to hand inside the chain, and how. */
interface Pivot {
  readonly credential: string | null
  readonly zone: string | null
  readonly how: 'read' | 'minted' | 'assumed'
  readonly ref: StepRef
}

/** At its bounds it forgets nothing it holds, but takes in no more pivots, zones or hops. */
interface State {
  readonly zones: readonly string[]
  readonly credentials: readonly string[]
  readonly pivots: readonly Pivot[]
  readonly hops: readonly Evidence[]
  readonly hosts: readonly string[]
  readonly readers: readonly { readonly workflowId: string; readonly agent: string | null; readonly ref: StepRef }[]
}

type Options = { minHosts: number }

export const lateralMovement = defineDetector<State, Options>({
  id: 'lateral-movement',
  version: 1,
  about: {
    title: 'An identity crossed to where it had no standing',
    severity: 'high',
    maturity: 'incubating',
    why: 'A credential found, read, minted or assumed inside a chain opened a zone, host or account the chain was never given.',
    misses: [
      'a secret that reached the agent by a channel no event reports',
      'a crossing within one zone that uses no new credential',
      'a credential whose use is not reported with its id and which follows no reported secret read',
    ],
    respond: [
      'Revoke the credential that made the crossing, then every session derived from it.',
      'Read the step that brought the credential: who asked for it, and was that asked of the agent?',
      'List what was reached with it and treat each as exposed.',
    ],
    needs: ['tool_call.credential_id or credential.id', 'tool_call.resource.zone'],
    references: [
      'https://attack.mitre.org/tactics/TA0008/',
      'https://www.usenix.org/conference/usenixsecurity21/presentation/ho',
    ],
    frameworks: ['ASI03', 'NHI2', 'T1021.007', 'T1550.001', 'T1078.004'],
  },
  reads: ['chain', 'credential'],
  wants: ['tool_call', 'credential'],
  options: z.strictObject({
    /** Distinct hosts taken over in one chain before it is more than one administrator's errand. */
    minHosts: z.int().positive().default(2),
  }),
  init: () => ({ zones: [], credentials: [], pivots: [], hops: [], hosts: [], readers: [] }),
  fold: (state, step, options, context) =>
    context.track === 'chain' ? foldChain(state, step, options, context) : foldThread(state, step, context),
})

function foldChain(state: State, step: Step, options: Options, context: Context) {
  if (step.event.outcome !== 'success' || step.link !== undefined) return quiet(state)
  const reading = readStep(step)
  const isExpected = isApproved(context.authority, step, reading)
  if (awsWord(step, 'effect') === 'takeover')
    return takeover(state, step, reading, options, isExpected || isGranted(context.authority, reading))
  const pivot = pivotOf(step, reading)
  if (pivot !== null) {
    const isOwn = isExpected || isGranted(context.authority, reading)
    return quiet(
      isOwn && pivot.how !== 'read'
        ? standing(state, reading)
        : { ...state, pivots: state.pivots.length < MAX_PIVOTS ? [...state.pivots, pivot] : state.pivots },
    )
  }
  const crossing = isExpected ? null : crossingOf(state, reading, step)
  if (crossing === null) return quiet(standing(state, reading))
  const hops =
    state.hops.length < MAX_HOPS ? [...state.hops, cite(refTo(step), 'reach', { grade: crossing.grade })] : state.hops
  return sighted({ ...state, hops }, tell(crossing.pivot, hops, reading, crossing))
}

/** Where the chain stood before anything came to hand is its standing; once a pivot is held, nothing is added. */
function standing(state: State, { zone, credential }: Reading): State {
  if (state.pivots.length > 0) return state
  const zones = zone === null ? state.zones : remember(state.zones, zone, MAX_SEEN)
  const credentials = credential === null ? state.credentials : remember(state.credentials, credential, MAX_SEEN)
  return zones === state.zones && credentials === state.credentials ? state : { ...state, zones, credentials }
}

function pivotOf(step: Step, reading: Reading): Pivot | null {
  const { event } = step
  if (readsSecret(step, reading))
    return {
      credential: event.kind === 'credential' ? event.credential.id : null,
      zone: reading.zone,
      how: 'read',
      ref: refTo(step),
    }
  if (event.kind !== 'credential') return null
  const how = event.credential.action === 'assume_role' || event.credential.action === 'exchange' ? 'assumed' : null
  return how === null ? null : { credential: event.credential.id, zone: reading.zone, how, ref: refTo(step) }
}

interface Crossing {
  readonly pivot: Pivot
  readonly grade: Grade
  readonly severity: Severity
  readonly newZone: boolean
}

function crossingOf(state: State, reading: Reading, { event }: Step): Crossing | null {
  const { credential, zone, sensitivity, scopes } = reading
  if (credential === null || state.pivots.length === 0) return null
  const direct = state.pivots.find((pivot) => pivot.credential === credential)
  const isKnown = state.credentials.includes(credential)
  const read =
    direct ?? (isKnown ? undefined : state.pivots.findLast((pivot) => pivot.how === 'read' && pivot.ref.at <= event.at))
  if (read === undefined) return null
  const newZone = zone !== null && !state.zones.includes(zone)
  const isStrong =
    sensitivity === 'restricted' ||
    sensitivity === 'confidential' ||
    scopes.some((scope) => /admin|\*|:all|full/i.test(scope)) ||
    reading.isExternal
  if (!newZone && !isStrong) return null
  // Taking on a role is daily work for many agents: without another sign it is only worth noting.
  const severity = read.how === 'assumed' ? 'low' : newZone && isStrong ? 'high' : 'medium'
  return { pivot: read, grade: direct === undefined ? 'inferred' : 'derived', severity, newZone }
}

function tell(
  pivot: Pivot,
  hops: readonly Evidence[],
  reading: Reading,
  { severity, newZone, grade }: Crossing,
): Sighting {
  return {
    key: `pivot:${pivot.ref.eventId}`,
    summary: `${pivot.ref.label} brought a credential that opened ${reading.zone ?? reading.resource ?? 'a place'} where the chain had no standing`,
    severity,
    confidence: grade === 'derived' ? 0.95 : 0.85,
    evidence: [cite(pivot.ref, pivot.how === 'read' ? 'secret-read' : 'role-assumed'), ...hops],
    terms: { how: pivot.how, newZone, zone: reading.zone ?? '', sensitivity: reading.sensitivity ?? '' },
    credentialIds: [pivot.credential, reading.credential].filter((id) => id !== null),
  }
}

/** Calls that put the caller onto a machine or into its code. */
function takeover(state: State, step: Step, reading: Reading, { minHosts }: Options, isExpected: boolean) {
  if (isExpected) return quiet(state)
  const host = reading.resource ?? 'unknown'
  const hosts = remember(state.hosts, host, MAX_SEEN)
  const hops = state.hops.length < MAX_HOPS ? [...state.hops, cite(refTo(step), 'takeover')] : state.hops
  const severity = hosts.length >= minHosts || /SSHPublicKey/.test(reading.tool ?? '') ? 'high' : 'medium'
  const summary = `${reading.tool} put ${reading.agent ?? 'the caller'} onto ${hosts.length === 1 ? host : `${hosts.length} machines, last ${host}`}`
  return sighted(
    { ...state, hosts, hops },
    {
      key: 'takeover',
      summary,
      severity,
      confidence: 0.8,
      evidence: hops,
      terms: { hosts: hosts.length, effect: 'takeover' },
      credentialIds: reading.credential === null ? [] : [reading.credential],
    },
  )
}

/** A credential read in one workflow and used in another, by another agent. */
function foldThread(state: State, step: Step, context: Context) {
  if (step.event.outcome !== 'success' || step.link !== undefined) return quiet(state)
  const { event } = step
  const agent = event.agent?.id ?? null
  const workflowId = step.attribution.workflowId
  if (event.kind === 'credential' && event.credential.id === context.subject && event.credential.action === 'read')
    return quiet({
      ...state,
      readers:
        state.readers.length < MAX_PIVOTS ? [...state.readers, { workflowId, agent, ref: refTo(step) }] : state.readers,
    })
  const isUse =
    event.kind === 'tool_call' || (event.kind === 'credential' && (event.credential.action ?? 'use') === 'use')
  if (!isUse || agent === null) return quiet(state)
  const owned = state.credentials.includes(agent)
  const reader = state.readers.find((one) => one.workflowId !== workflowId && one.agent !== agent)
  if (reader === undefined || owned)
    return quiet(
      state.readers.length > 0 ? state : { ...state, credentials: remember(state.credentials, agent, MAX_SEEN) },
    )
  return sighted(state, {
    key: `across:${workflowId}`,
    summary: `${agent} used ${context.subject}, which ${reader.agent ?? 'another agent'} had read in workflow ${reader.workflowId}`,
    severity: 'high',
    confidence: 0.9,
    evidence: [cite(reader.ref, 'secret-read', { grade: 'derived' }), cite(refTo(step), 'reach', { grade: 'derived' })],
    terms: { how: 'read', acrossWorkflows: true },
    credentialIds: [context.subject],
  })
}
