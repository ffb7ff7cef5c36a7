import { z } from 'zod'
import {
  type Context,
  cite,
  defineDetector,
  type Evidence,
  type Grade,
  quiet,
  type Severity,
  type Sighting,
  type Step,
  sighted,
} from '../src/core/index.ts'
import { type Across, foldThread, NOBODY } from './across-workflows.ts'
import { addEvidence, digest, refOf } from './evidence.ts'
import { isCode } from './lasting.ts'
import { addPivot, type Pivot, pathTo, pivotOf } from './pivots.ts'
import { isStrong, newPlaces, type Place, placesOf } from './places.ts'
import { awsWord, isApproved, isGranted, isGrantedThere, type Reading, readStep, remember } from './reading.ts'

const MAX_PLACES = 24
const MAX_CREDENTIALS = 24
const MAX_HOSTS = 64

/**
 * Stands in 24 places and 24 credentials, holds 12 pivots, cites 12 steps: at its bounds it takes in no more places, and
 * keeps the first pivots and the newest. At its bounds about 12 kB.
 */
interface State {
  readonly places: readonly Place[]
  readonly credentials: readonly string[]
  readonly pivots: readonly Pivot[]
  readonly hops: readonly Evidence[]
  /** Short names of machines taken over. */
  readonly hosts: readonly string[]
  /** Threads only. */
  readonly across: Across
}

type Options = { minHosts: number; withinMs: number }

export const lateralMovement = defineDetector<State, Options>({
  id: 'lateral-movement',
  version: 3,
  about: {
    title: 'An identity crossed to where it had no standing',
    severity: 'high',
    maturity: 'incubating',
    why: 'A credential found, read, minted or assumed inside a chain opened a zone, host, account, owner or agent the chain had no standing in.',
    misses: [
      'a secret that reached the agent by a channel no event reports',
      'a crossing within one zone that uses no new credential',
      'a role taken on that this agent never took on before: habits are not kept, so one role alone stays low',
      'a credential whose use is not reported with its id and which follows no reported secret read',
      'a crossing whose calls name no credential, or one that was never seen',
      'a secret read in one workflow and used by the same agent in another, or where the event names no workflow',
      'a key used later than `withinMs` after the secret was read, where the read does not name it',
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
    frameworks: ['ASI03', 'NHI2', 'T1021.007', 'T1550.001', 'T1078.004', 'NHI8', 'AML.T0012', 'MAESTRO-4', 'MEASURE'],
  },
  reads: ['chain', 'credential'],
  wants: ['tool_call', 'credential', 'oauth', 'handoff'],
  options: z.strictObject({
    /** Distinct hosts taken over in one chain before it is more than one administrator's errand. */
    minHosts: z.int().positive().default(2),
    /** For how long after a secret was read an unknown credential is taken to be it. */
    withinMs: z.int().positive().default(1_800_000),
  }),
  init: () => ({ places: [], credentials: [], pivots: [], hops: [], hosts: [], across: NOBODY }),
  fold(state, step, options, context) {
    if (step.event.outcome !== 'success' || step.link !== undefined) return quiet(state)
    if (context.track === 'chain') return foldChain(state, step, options, context)
    const { across, sightings } = foldThread(state.across, step, context.subject)
    return { state: across === state.across ? state : { ...state, across }, sightings }
  },
})

function foldChain(state: State, step: Step, options: Options, { authority }: Context) {
  const { event } = step
  if (event.kind === 'handoff') return quiet(stand(state, agentPlace(event.handoff.to_agent?.id), null))
  if (event.kind === 'oauth') return quiet(stand(state, [], event.oauth.credential_id ?? null))
  const reading = readStep(step)
  // A function's new code moves nobody; privilege-persistence tells it.
  if (awsWord(step, 'effect') === 'takeover' && !isCode(reading.tool ?? '')) {
    const isExpected = isApproved(authority, step, reading) || isGranted(authority, reading)
    return isExpected ? quiet(state) : takeover(state, step, reading, options)
  }
  const pivot = pivotOf(step, reading, state.pivots)
  if (pivot !== null) {
    const isOwn = pivot.how !== 'read' && (isApproved(authority, step, reading) || isGranted(authority, reading))
    return quiet(isOwn ? stand(state, [], pivot.credential) : { ...state, pivots: addPivot(state.pivots, pivot) })
  }
  if (event.kind === 'credential') return quiet(stand(state, [], reading.credential))
  const places = placesOf(event, reading)
  const crossing = crossingOf(state, step, reading, places, options)
  if (crossing === null || isApproved(authority, step, reading)) return quiet(standing(state, reading, places))
  if (isGrantedThere(authority, step, reading)) return quiet(state)
  if (isGranted(authority, reading) && !(crossing.isDirect && crossing.isStrong)) return quiet(state)
  const hops = addEvidence(
    state.hops,
    null,
    cite(refOf(step), 'reach', { grade: crossing.isDirect ? 'derived' : 'inferred' }),
  )
  return sighted({ ...state, hops }, tell(state.pivots, crossing, hops, reading))
}

/**
 * Where the chain stood before anything came to hand is its standing. Once a pivot is held, only what its own credentials
 * open is added.
 */
function standing(state: State, { credential }: Reading, places: readonly Place[]): State {
  const isOwn = credential !== null && state.credentials.includes(credential)
  return state.pivots.length > 0 && !isOwn ? state : stand(state, places, credential)
}

function stand(state: State, places: readonly Place[], credential: string | null): State {
  let known = state.places
  for (const place of places) known = remember(known, place, MAX_PLACES)
  const isPivot = credential === null || state.pivots.some((pivot) => pivot.credential === credential)
  const credentials = isPivot ? state.credentials : remember(state.credentials, credential, MAX_CREDENTIALS)
  return known === state.places && credentials === state.credentials ? state : { ...state, places: known, credentials }
}

const agentPlace = (id: string | undefined): readonly Place[] => (id === undefined ? [] : [`agent:${id.slice(0, 96)}`])

interface Crossing {
  readonly pivot: Pivot
  /** The credential in use is the pivot's own, not one that only followed it. */
  readonly isDirect: boolean
  readonly isStrong: boolean
  readonly opened: readonly Place[]
  readonly severity: Severity
}

function crossingOf(
  { pivots, credentials, places: stood }: State,
  { event }: Step,
  reading: Reading,
  places: readonly Place[],
  { withinMs }: Options,
): Crossing | null {
  const { credential } = reading
  if (credential === null || pivots.length === 0) return null
  const direct = pivots.find((pivot) => pivot.credential === credential)
  const isNear = ({ how, ref }: Pivot): boolean => how === 'read' && ref.at <= event.at && event.at - ref.at <= withinMs
  const pivot = direct ?? (credentials.includes(credential) ? undefined : pivots.findLast(isNear))
  if (pivot === undefined) return null
  const opened = newPlaces(places, stood)
  const strong = isStrong(reading)
  if (opened.length === 0 && !strong) return null
  const severity = severityOf(pivot, opened, strong)
  return { pivot, isDirect: direct !== undefined, isStrong: strong, opened, severity }
}

/** Taking on a role is daily work for many agents: without another sign it is only worth noting. */
function severityOf({ isGrave, depth }: Pivot, opened: readonly Place[], strong: boolean): Severity {
  const isElsewhere = opened.some((place) => !place.startsWith('agent:'))
  if (!isGrave) return depth > 1 && opened.some((place) => place.startsWith('account:')) ? 'medium' : 'low'
  if (!strong) return isElsewhere ? 'medium' : 'low'
  return opened.length > 0 ? 'high' : 'medium'
}

const ROLES: Readonly<Record<Pivot['how'], string>> = {
  read: 'secret-read',
  minted: 'credential-made',
  assumed: 'role-assumed',
}

function tell(pivots: readonly Pivot[], crossing: Crossing, hops: readonly Evidence[], reading: Reading): Sighting {
  const { pivot, opened, severity, isDirect } = crossing
  const path = pathTo(pivots, pivot)
  const grade: Grade = 'derived'
  const where = opened[0]?.replace(':', ' ') ?? reading.resource ?? 'a place'
  return {
    key: `pivot:${pivot.ref.eventId}`,
    summary: `${pivot.ref.label} brought a credential that opened ${where} where the chain had no standing`,
    severity,
    confidence: isDirect ? 0.95 : 0.85,
    evidence: [...path.map(({ ref, how }) => cite(ref, ROLES[how], path.length > 1 ? { grade } : {})), ...hops],
    terms: {
      how: pivot.how,
      newZone: opened.some((place) => place.startsWith('zone:')),
      opened: opened.join(', '),
      zone: reading.zone ?? '',
      sensitivity: reading.sensitivity ?? '',
    },
    credentialIds: [...new Set([pivot.credential, reading.credential].filter((id) => id !== null))],
  }
}

/** Calls that put the caller onto a machine or into its code. */
function takeover(state: State, step: Step, reading: Reading, { minHosts }: Options) {
  const host = reading.resource ?? 'unknown'
  const hosts = remember(state.hosts, digest(host), MAX_HOSTS)
  const hops = addEvidence(state.hops, null, cite(refOf(step), 'takeover'))
  const severity = hosts.length >= minHosts || /SSHPublicKey/.test(reading.tool ?? '') ? 'high' : 'medium'
  const onto = hosts.length === 1 ? host : `${hosts.length} machines, last ${host}`
  return sighted(
    { ...state, hosts, hops },
    {
      key: 'takeover',
      summary: `${reading.tool} put ${reading.agent ?? 'the caller'} onto ${onto}`,
      severity,
      confidence: 0.8,
      evidence: hops,
      terms: { hosts: hosts.length, effect: 'takeover' },
      credentialIds: reading.credential === null ? [] : [reading.credential],
    },
  )
}
