import { z } from 'zod'
import {
  type AuthorizationDetail,
  cite,
  defineDetector,
  detailsAllow,
  detailsCover,
  quiet,
  type Severity,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { type Cited, citeMore, NOTHING_CITED, refOf } from './evidence.ts'
import { countUse, type Habits, isHabit } from './habits.ts'
import { type Reading, readStep, remember } from './reading.ts'
import { anyCovers, isHighRisk, isHighRiskDetail } from './scope-order.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const MAX_ASKED = 32
const MAX_TEXT = 96
const MAX_DETAILS = 16
/** Characters of one permission, as JSON. */
const MAX_DETAIL = 256

/**
 * Knows 32 families of resources, 32 scopes and 16 permissions that workflows asked for, and 32 habits outside them; learns no
 * more families, and forgets the rarest habit. Cites 12 steps. At its bounds about 20 kB.
 */
interface State extends Cited {
  readonly consent: StepRef | null
  /** The last use, to within an hour. */
  readonly lastAt: number | null
  /** Resource families that workflows asked for through this grant, and scopes they used. */
  readonly asked: readonly string[]
  readonly askedScopes: readonly string[]
  readonly askedDetails: readonly AuthorizationDetail[]
  /** Uses outside workflows by resource family. */
  readonly habits: Habits
}

type Options = { dormantDays: number; habit: number }

export const connectorShadowAccess = defineDetector<State, Options>({
  id: 'connector-shadow-access',
  version: 4,
  about: {
    title: 'A connector was at work where no workflow asked it to be',
    severity: 'high',
    maturity: 'incubating',
    why: "A token of an OAuth grant works whether or not a task is running. Work outside any workflow, on things no workflow asked for, is nobody's.",
    misses: [
      'shadow work on the very resources its workflows use',
      'a connector whose uses carry no credential or grant id',
      'a habit built up slowly before the harm',
      'shadow work told under the id of a workflow',
    ],
    respond: [
      'Revoke the grant until its owner has explained the cited uses.',
      'List what was read or sent with it since the last workflow.',
      'Re-consent with only the scopes its workflows use.',
    ],
    needs: ['oauth.grant_id or client_id', 'tool_call.credential_id'],
    references: ['https://www.rfc-editor.org/rfc/rfc6749', 'https://attack.mitre.org/techniques/T1528/'],
    frameworks: ['ASI03', 'NHI3', 'NHI5', 'T1528', 'MAESTRO-6', 'MAESTRO-7', 'MEASURE'],
  },
  reads: ['grant'],
  wants: ['oauth', 'tool_call', 'credential'],
  options: z.strictObject({
    /** Idle for longer, a grant is dormant, and its waking up is news. */
    dormantDays: z.number().positive().default(30),
    /** So many like uses before make it a habit. */
    habit: z.int().positive().default(3),
  }),
  init: () => ({
    consent: null,
    lastAt: null,
    asked: [],
    askedScopes: [],
    askedDetails: [],
    habits: {},
    ...NOTHING_CITED,
  }),
  fold(state, step, options, { subject }) {
    const { event } = step
    if (event.outcome !== 'success') return quiet(state)
    if (event.kind === 'oauth' && event.oauth.action !== 'token_use') return quiet(consented(state, step))
    if (event.kind === 'credential' && (event.credential.action ?? 'use') !== 'use') return quiet(state)
    const use = useOf(step)
    if (step.attribution.rule !== 'own') return quiet(asWorkflow(state, use, event.at))
    const why = shadow(state, use, event.at, options)
    const next = outside(state, use, event.at, options)
    if (why === null) return quiet(next)
    const cited = citeMore(state, severityOf(state, use, why), cite(refOf(step), why))
    const { evidence, severity } = cited
    return sighted(
      { ...next, ...cited },
      {
        key: 'shadow',
        summary: `${subject} worked on ${use.family} outside any workflow (${why})`,
        severity,
        confidence: 0.85,
        evidence: [...(state.consent === null ? [] : [cite(state.consent, 'consent', { context: true })]), ...evidence],
        terms: { why, uses: evidence.length, family: use.family },
        grantIds: [subject],
        credentialIds: use.reading.credential === null ? [] : [use.reading.credential],
      },
    )
  },
})

interface Use {
  readonly reading: Reading
  readonly family: string
  readonly scopes: readonly string[]
  readonly details: readonly AuthorizationDetail[]
}

function useOf(step: Step): Use {
  const { event } = step
  const reading = readStep(step)
  if (event.kind !== 'oauth')
    return { reading, family: familyOf(reading.resource, reading), scopes: reading.scopes, details: reading.details }
  const { resource_server = null, scopes = [], authorization_details: details = [] } = event.oauth
  return { reading, family: familyOf(resource_server, reading), scopes, details }
}

function consented(state: State, step: Step): State {
  if (step.event.kind !== 'oauth' || state.consent !== null) return state
  const { action } = step.event.oauth
  return action === 'consent' || action === 'grant' ? { ...state, consent: refOf(step) } : state
}

function asWorkflow(state: State, { family, scopes, details }: Use, at: number): State {
  let askedScopes = state.askedScopes
  for (const scope of scopes) askedScopes = remember(askedScopes, scope.slice(0, MAX_TEXT), MAX_ASKED)
  const askedDetails = details.reduce(learnDetail, state.askedDetails)
  const asked = remember(state.asked, family, MAX_ASKED)
  const lastAt = lastOf(state, at)
  return asked === state.asked &&
    askedScopes === state.askedScopes &&
    askedDetails === state.askedDetails &&
    lastAt === state.lastAt
    ? state
    : { ...state, asked, askedScopes, askedDetails, lastAt }
}

/** Takes in a permission that workflows use, unless those before it hold it. */
const learnDetail = (
  known: readonly AuthorizationDetail[],
  one: AuthorizationDetail,
): readonly AuthorizationDetail[] =>
  known.length >= MAX_DETAILS || JSON.stringify(one).length > MAX_DETAIL || detailsCover(known, one)
    ? known
    : [...known, one]

function outside(state: State, { family }: Use, at: number, { habit }: Options): State {
  const habits = countUse(state.habits, family, habit)
  const lastAt = lastOf(state, at)
  return habits === state.habits && lastAt === state.lastAt ? state : { ...state, habits, lastAt }
}

const lastOf = ({ lastAt }: State, at: number): number => (lastAt !== null && at - lastAt < HOUR ? lastAt : at)

/** Why a use outside workflows is nobody's; null for a habit, or for what its workflows do as well. */
function shadow(
  state: State,
  { family, scopes, details }: Use,
  at: number,
  { dormantDays, habit }: Options,
): string | null {
  const since = state.lastAt ?? state.consent?.at ?? null
  if (since !== null && at - since > dormantDays * DAY) return 'dormant-grant-woke'
  const { askedScopes, askedDetails } = state
  const newScopes = askedScopes.length === 0 ? [] : scopes.filter((scope) => !anyCovers(askedScopes, scope))
  const newDetails = askedDetails.length === 0 ? [] : details.filter((one) => !detailsAllow(askedDetails, one))
  if (isHabit(state.habits, family, habit)) {
    // A habit is of a resource; it is no licence for scopes that no workflow uses and that reach far.
    const isWider = newScopes.some(isHighRisk) || newDetails.some(isHighRiskDetail)
    return isWider ? 'scope-no-workflow-uses' : null
  }
  if (newScopes.length + newDetails.length > 0) return 'scope-no-workflow-uses'
  return state.asked.includes(family) ? null : 'resource-no-workflow-asked-for'
}

function severityOf(state: State, { reading, scopes, details }: Use, why: string): Severity {
  const isGrave =
    scopes.some(isHighRisk) ||
    details.some(isHighRiskDetail) ||
    reading.isExternal ||
    reading.sensitivity === 'restricted' ||
    reading.sensitivity === 'confidential'
  // With no workflow seen yet there is nothing to compare with: a new connector's first days.
  const isCold = state.asked.length === 0 && why !== 'dormant-grant-woke'
  if (isCold) return isGrave && state.evidence.length > 0 ? 'medium' : 'low'
  return isGrave ? 'high' : 'medium'
}

/** The part of a resource that stays the same from use to use: its first two path segments, or the tool. */
function familyOf(resource: string | null, { tool }: Reading): string {
  if (resource === null) return (tool ?? 'unknown').slice(0, MAX_TEXT)
  return resource
    .replace(/^[a-z]+:\/\//, '')
    .split('/', 2)
    .join('/')
    .slice(0, MAX_TEXT)
}
