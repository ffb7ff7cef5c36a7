import { z } from 'zod'
import {
  type Authority,
  cite,
  defineDetector,
  globMatches,
  quiet,
  type Sighting,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { digest, MAX_CITED, refOf } from './evidence.ts'
import { isApproved, isGranted, type Reading, readStep, readsSecret, remember } from './reading.ts'

const MAX_SECRETS = 256
const MAX_USED = 24

/** A secret that was asked for: the first 12 with their steps, the rest by number alone. */
interface Asked {
  /** Short names of the secret and of its credential, to know it again. */
  readonly id: string
  readonly credential: string | null
  readonly ref: StepRef
  readonly done: boolean
}

/** Counts to 256 distinct secrets and cites 12; at its bounds about 14 kB. */
interface State {
  readonly asked: readonly Asked[]
  /** Short names of the secrets counted beyond those cited: given, and asked for in vain. */
  readonly given: readonly string[]
  readonly refused: readonly string[]
  readonly listed: StepRef | null
  /** All that match a pattern were read at once. */
  readonly isBulk: boolean
  /** Short names of credentials that were used. */
  readonly used: readonly string[]
}

type Options = { minSecrets: number; minAfterList: number; minRefused: number }

export const secretHarvest = defineDetector<State, Options>({
  id: 'secret-harvest',
  version: 2,
  about: {
    title: 'Many secrets read in one chain',
    severity: 'high',
    maturity: 'incubating',
    why: 'An agent needs the one or two secrets of its task. One that reads many, lists and then reads, or reads what it never uses, is collecting.',
    misses: [
      'fewer secrets than `minSecrets`',
      'one secret a workflow, spread over many workflows',
      'secrets inside documents that no event marks as such',
      'an unused secret, where uses are reported without the id of the credential',
      'secrets that bear the name of the agent: they are taken for its own configuration',
    ],
    respond: [
      'Stop the identity that reads, then rotate every secret it read, the most sensitive first.',
      'Look for later use of those secrets by anyone.',
    ],
    needs: ['credential.action read, or tool_call.resource.type secret'],
    references: ['https://attack.mitre.org/techniques/T1555/006/'],
    frameworks: ['ASI03', 'NHI2', 'T1555.006', 'AML.T0098', 'MAESTRO-2', 'MAESTRO-6', 'MEASURE'],
  },
  reads: ['chain'],
  wants: ['credential', 'tool_call', 'workflow'],
  options: z.strictObject({
    /** Distinct secrets in one chain, beyond those its task declared, from which it is a harvest. */
    minSecrets: z.int().min(2).default(4),
    /** The same after the chain listed secrets first. */
    minAfterList: z.int().min(2).default(3),
    /** Distinct secrets asked for from which even a chain that was given none of them is a sweep and no mistake. */
    minRefused: z.int().min(2).default(12),
  }),
  init: () => ({ asked: [], given: [], refused: [], listed: null, isBulk: false, used: [] }),
  fold(state, step, options, { authority }) {
    if (step.link !== undefined) return quiet(state)
    if (step.event.kind === 'workflow') return atEnd(state, step)
    const reading = readStep(step)
    if (reading.operation === 'list') return quiet(listed(state, step, reading))
    if (!readsSecret(step, reading)) return quiet(used(state, reading))
    const id = reading.resource ?? reading.credential
    if (id === null || isOwn(id, step) || isDeclared(id, step, reading, authority)) return quiet(state)
    const counted = withSecret(state, id, step, reading)
    if (counted === state) return quiet(state)
    const isDone = step.event.outcome === 'success'
    const next = isDone && id.includes('*') ? { ...counted, isBulk: true } : counted
    const sighting = harvest(next, options, isDone)
    return sighting === null ? quiet(next) : sighted(next, sighting)
  },
})

const SECRETS = /secret|credential|vault|parameter|password|api.?key/i

function listed(state: State, step: Step, { tool, resourceType }: Reading): State {
  if (state.listed !== null || step.event.outcome !== 'success') return state
  return SECRETS.test(`${tool} ${resourceType}`) ? { ...state, listed: refOf(step) } : state
}

/** An agent's own configuration bears its name or names it as owner. */
function isOwn(id: string, { event }: Step): boolean {
  const agent = event.agent
  if (agent === undefined) return false
  const owner = event.kind === 'credential' ? event.credential.resource?.owner : undefined
  if (owner !== undefined && owner === agent.id) return true
  return id.split(/[/:]/).some((part) => part === agent.id || (part !== '' && part === agent.name))
}

function isDeclared(id: string, step: Step, reading: Reading, authority: Authority): boolean {
  if (isApproved(authority, step, reading)) return true
  if (authority.grants.some(({ resources }) => resources?.some((pattern) => globMatches(pattern, id)))) return true
  return isGranted(authority, reading) && authority.task !== null && /rotat/i.test(authority.task)
}

/** Counts a secret once; one refused before and given now counts as given. The same state when it is known. */
function withSecret(state: State, name: string, step: Step, { credential }: Reading): State {
  const id = digest(name)
  const done = step.event.outcome === 'success'
  const before = state.asked.find((one) => one.id === id)
  if (before !== undefined) {
    if (before.done || !done) return state
    const now = { ...before, ref: refOf(step), done }
    return { ...state, asked: state.asked.map((one) => (one === before ? now : one)) }
  }
  if (state.given.includes(id) || (!done && state.refused.includes(id))) return state
  if (state.asked.length < MAX_CITED) {
    const asked = { id, credential: credential === null ? null : digest(credential), ref: refOf(step), done }
    return { ...state, asked: [...state.asked, asked] }
  }
  return done
    ? { ...state, given: remember(state.given, id, MAX_SECRETS) }
    : { ...state, refused: remember(state.refused, id, MAX_SECRETS) }
}

function harvest(state: State, options: Options, done: boolean): Sighting | null {
  const { minSecrets, minAfterList, minRefused } = options
  const { isBulk } = state
  const got = state.asked.filter((one) => one.done)
  const given = got.length + state.given.length
  const all = state.asked.length + state.given.length + state.refused.length
  // Reading "all that match" in one call is as many secrets as there are.
  const enough = isBulk || given >= (state.listed === null ? minSecrets : minAfterList)
  if (!(enough && done) && all < minSecrets) return null
  const cited = enough && got.length > 0 ? got : state.asked
  const afterListing = state.listed === null ? '' : ' after listing them'
  const what = isBulk ? 'All secrets that match a pattern were' : `${given} secrets were`
  return {
    key: 'harvest',
    summary: enough ? `${what} read${afterListing}` : `${all} secrets were asked for, ${given} given`,
    severity: enough ? (given >= 2 * minSecrets || isBulk ? 'high' : 'medium') : all >= minRefused ? 'medium' : 'low',
    confidence: 0.85,
    evidence: [
      ...(state.listed === null ? [] : [cite(state.listed, 'listing', { context: true })]),
      ...cited.map(({ ref }) => cite(ref, 'secret-read')),
    ],
    terms: { secrets: all, given, listed: state.listed !== null, bulk: isBulk },
  }
}

function used(state: State, { credential, operation }: Reading): State {
  if (credential === null || operation === 'issue' || operation === 'revoke') return state
  const next = remember(state.used, digest(credential), MAX_USED)
  return next === state.used ? state : { ...state, used: next }
}

/** At the task's end: secrets that nothing used, where the chain reports with what its calls were made. */
function atEnd(state: State, { event }: Step) {
  if (event.kind !== 'workflow' || event.workflow.action === 'start') return quiet(state)
  if (state.used.length === 0 || state.used.length >= MAX_USED) return quiet(state)
  const unused = state.asked.filter(
    ({ done, credential }) => done && credential !== null && !state.used.includes(credential),
  )
  if (unused.length === 0) return quiet(state)
  return sighted(state, {
    key: 'unused',
    summary: `${unused.length === 1 ? '1 secret was' : `${unused.length} secrets were`} read and never used by the task`,
    severity: 'low',
    confidence: 0.6,
    evidence: unused.map(({ ref }) => cite(ref, 'unused-secret')),
    terms: { unused: unused.length },
  })
}
