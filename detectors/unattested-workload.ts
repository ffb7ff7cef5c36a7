import { z } from 'zod'
import {
  type Attestation,
  cite,
  defineDetector,
  type Evidence,
  quiet,
  type Severity,
  type Step,
  type StepRef,
  sighted,
  worse,
} from '../src/core/index.ts'
import { MAX_CITED, refOf, withContext } from './evidence.ts'
import { readStep, remember } from './reading.ts'

const MAX_SOURCES = 8
const MAX_ISSUERS = 8
const MAX_TEXT = 96

/** Knows 8 producers and 8 issuers, the first ones, and cites the first 12 steps. At its bounds about 12 kB. */
interface State {
  /** Proofs seen, by producer and kind of event, up to what is enough. */
  readonly proofs: readonly Proofs[]
  readonly issuers: readonly string[]
  readonly last: StepRef | null
  readonly hasPosture: boolean
  readonly evidence: readonly Evidence[]
  readonly severity: Severity
}

interface Proofs {
  readonly source: string
  readonly kind: string
  readonly count: number
  /** The producer also tells of steps without a proof: one more means nothing. */
  readonly isPatchy: boolean
}

type Options = { proofs: number; graceMs: number }

export const unattestedWorkload = defineDetector<State, Options>({
  id: 'unattested-workload',
  version: 1,
  about: {
    title: 'An agent that used to prove itself acted without proof',
    severity: 'high',
    maturity: 'incubating',
    why: 'A name in a log is a claim. Where an agent proves by workload identity that it is itself, a step under its name without that proof may be anybody.',
    misses: [
      'an impostor before the agent has proved itself `proofs` times',
      'an impostor under a name of its own',
      'a producer that reports a proof it did not check',
      'told as low only: steps without proof from a producer that never reported one, and steps of which no proof and no credential is told',
      'after 12 steps without proof no more are cited; the alert stands',
    ],
    respond: [
      'Ask the operator of the agent whether it was moved or its identity was switched off.',
      'If not: revoke the credentials that the cited steps used; treat what they did as an intruder’s.',
      'Have the gateway refuse calls under this name without a verified proof.',
    ],
    needs: ['agent.attestation'],
    references: ['https://spiffe.io/docs/latest/spiffe-about/spiffe-concepts/'],
    frameworks: ['ASI03', 'ASI10', 'NHI4', 'T1078.004', 'MAESTRO-4', 'MAESTRO-6', 'MEASURE'],
  },
  reads: ['agent'],
  wants: ['tool_call', 'credential', 'oauth', 'handoff'],
  options: z.strictObject({
    /** So many proofs seen make proof the rule. */
    proofs: z.int().positive().max(1_000).default(3),
    /** How long after its expiry a proof still counts. */
    graceMs: z.int().nonnegative().default(300_000),
  }),
  init: () => ({ proofs: [], issuers: [], last: null, hasPosture: false, evidence: [], severity: 'info' }),
  fold(state, step, options, { subject }) {
    const { event } = step
    if (event.outcome !== 'success') return quiet(state)
    const attestation = event.agent?.attestation
    if (attestation !== undefined && isProof(attestation) && !isExpired(attestation, event.at, options.graceMs))
      return proved(state, step, attestation, options, subject)
    const why = unproved(state, step, attestation, options)
    const next = attestation === undefined ? patchy(state, step, options.proofs) : state
    if (why === null) return quiet(next)
    return why.severity === 'info' ? posture(next, why, step, subject) : report(next, why, step, subject)
  },
})

const STRONG: ReadonlySet<string> = new Set(['spiffe-x509', 'spiffe-jwt', 'oidc', 'mtls', 'cloud-iam'])

const isProof = ({ type, verified }: Attestation): boolean => STRONG.has(type) && verified !== false

function isExpired({ expires_at }: Attestation, at: number, graceMs: number): boolean {
  const end = expires_at === undefined ? Number.NaN : Date.parse(expires_at)
  return !Number.isNaN(end) && at > end + graceMs
}

const isOf =
  ({ event }: Step) =>
  ({ source, kind }: Proofs): boolean =>
    source === event.source.slice(0, MAX_TEXT) && kind === event.kind

function proved(state: State, step: Step, { issuer, verified }: Attestation, { proofs }: Options, subject: string) {
  const there = state.proofs.find(isOf(step))
  const count = Math.min(proofs, (there?.count ?? 0) + 1)
  const known = issuer === undefined ? state.issuers : remember(state.issuers, issuer.slice(0, MAX_TEXT), MAX_ISSUERS)
  const isNew = known !== state.issuers
  const wasRule = state.proofs.some((one) => one.count >= proofs)
  let next = known === state.issuers ? state : { ...state, issuers: known }
  if (there === undefined && state.proofs.length < MAX_SOURCES)
    next = { ...next, proofs: [...next.proofs, fresh(step, count, false)], last: refOf(step) }
  else if (there !== undefined && there.count !== count)
    next = { ...next, proofs: next.proofs.map((one) => (one === there ? { ...one, count } : one)), last: refOf(step) }
  if (!isNew || !wasRule || state.issuers.length === 0) return quiet(next)
  const says = `proved itself by ${issuer}, which never vouched for it before`
  return report(next, { role: 'other-issuer', says, severity: verified === true ? 'low' : 'medium' }, step, subject)
}

const fresh = ({ event }: Step, count: number, isPatchy: boolean): Proofs => ({
  source: event.source.slice(0, MAX_TEXT),
  kind: event.kind,
  count,
  isPatchy,
})

/** Notes that a producer tells of steps without a proof, so that the next one is no news. */
function patchy(state: State, step: Step, enough: number): State {
  const there = state.proofs.find(isOf(step))
  if (there === undefined)
    return state.proofs.length >= MAX_SOURCES ? state : { ...state, proofs: [...state.proofs, fresh(step, 0, true)] }
  // Once proof is the rule, a step without one is news each time.
  if (there.isPatchy || there.count >= enough) return state
  return { ...state, proofs: state.proofs.map((one) => (one === there ? { ...one, isPatchy: true } : one)) }
}

interface Why {
  readonly role: string
  readonly says: string
  readonly severity: Severity
}

/** What a step without a proof means. Null: nothing, its producer never told how this agent proves itself. */
function unproved(state: State, step: Step, attestation: Attestation | undefined, { proofs }: Options): Why | null {
  const isRule = state.proofs.some((one) => one.count >= proofs)
  const isRuleHere = state.proofs.some(
    (one) => one.count >= proofs && one.source === step.event.source.slice(0, MAX_TEXT),
  )
  const least = (severity: Severity): Severity => (isRuleHere ? severity : 'low')
  if (attestation === undefined) {
    const here = state.proofs.find(isOf(step))
    if (here === undefined || here.count < proofs || here.isPatchy) return null
    const severity = readStep(step).credential === null ? 'low' : 'medium'
    return { role: 'no-proof-told', says: 'acted with no word of a proof', severity }
  }
  if (isProof(attestation))
    return { role: 'expired-proof', says: 'acted on a proof that had expired', severity: isRule ? 'medium' : 'low' }
  if (!isRule) return { role: 'posture', says: 'never proves that it is itself', severity: 'info' }
  if (STRONG.has(attestation.type))
    return { role: 'not-verified', says: 'showed a proof that was not verified', severity: least('high') }
  return attestation.type === 'shared-secret'
    ? {
        role: 'shared-secret',
        says: 'acted on a shared secret instead of its workload identity',
        severity: least('medium'),
      }
    : { role: 'no-proof', says: 'acted without proof', severity: least('high') }
}

/** An agent that never proves itself is told once, and is no alert. */
function posture(state: State, why: Why, step: Step, subject: string) {
  if (state.hasPosture) return quiet(state)
  return sighted(
    { ...state, hasPosture: true },
    {
      key: 'posture',
      summary: `${subject} ${why.says}`,
      severity: 'info',
      confidence: 0.9,
      evidence: [cite(refOf(step), why.role, { context: true })],
      terms: { why: why.role, attestation: step.event.agent?.attestation?.type ?? '' },
    },
  )
}

function report(state: State, why: Why, step: Step, subject: string) {
  const severity = worse(state.severity, why.severity)
  if (state.evidence.length >= MAX_CITED && severity === state.severity) return quiet(state)
  const evidence = [...state.evidence.slice(0, MAX_CITED - 1), cite(refOf(step), why.role)]
  const last = state.last === null ? [] : [cite(state.last, 'last-proof', { context: true })]
  const { credential } = readStep(step)
  return sighted(
    { ...state, evidence, severity },
    {
      key: 'unattested',
      summary: `${subject} ${why.says}`,
      severity,
      confidence: why.role === 'no-proof-told' ? 0.65 : 0.9,
      evidence: withContext(last, evidence),
      terms: { why: why.role, attestation: step.event.agent?.attestation?.type ?? '', steps: evidence.length },
      ...(credential === null ? {} : { credentialIds: [credential] }),
    },
  )
}
