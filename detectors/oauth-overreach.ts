import { z } from 'zod'
import {
  cite,
  defineDetector,
  type OauthBody,
  quiet,
  type Severity,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { type Cited, citeMore, NOTHING_CITED, refOf } from './evidence.ts'
import { isConsent, isForAll, isOffline, isTrusted, lookAlike, type Reach, reachOf } from './oauth-apps.ts'
import { cutAll, rememberAll } from './reading.ts'
import { anyCovers } from './scope-order.ts'

const DAY = 86_400_000
const MAX_SCOPES = 32
const MAX_USERS = 32
const MAX_TEXT = 96

/** Knows 32 scopes, the 32 people who consented last, 32 scopes an admin gave, and cites 12 steps. At its bounds about 26 kB. */
interface State extends Cited {
  readonly registered: StepRef | null
  /** All scopes that anyone consented to, and those an admin consented to for all. */
  readonly known: readonly string[]
  readonly admitted: readonly string[]
  readonly users: readonly User[]
}

interface User {
  readonly id: string
  readonly ref: StepRef
}

interface Options {
  newDays: number
  burstUsers: number
  burstMs: number
  slowUsers: number
  changeHoursUtc: [number, number] | null
}

export const oauthOverreach = defineDetector<State, Options>({
  id: 'oauth-overreach',
  version: 1,
  about: {
    title: 'An OAuth app was given more than it should have',
    severity: 'high',
    maturity: 'incubating',
    why: 'A consent hands out standing access without a password, and outlives a password change. Far-reaching scopes for an app nobody vouches for, a name that imitates another, or many people consenting at once is how accounts are phished.',
    misses: [
      'an app whose publisher is verified and that misuses what it was given',
      'one campaign under several client ids',
      'scopes that a task does not need but that reach no power',
      'admin consents at odd hours, unless `changeHoursUtc` is set',
      'an app that calls itself first-party where its authorization server reports it so',
      'fewer people than `slowUsers`, one at a time, for an app that asks for data and not to work offline',
    ],
    respond: [
      'Revoke the grants in the evidence, and the tokens issued under them.',
      'Ask the people who consented how they came to the consent page.',
      'Look at what the app read since; block its client id for the tenant.',
      'Let people consent to verified publishers and low-risk scopes only.',
    ],
    needs: ['oauth.action consent', 'oauth.scopes', 'oauth.publisher_verified or oauth.first_party'],
    references: [
      'https://www.rfc-editor.org/rfc/rfc9700',
      'https://learn.microsoft.com/en-us/defender-office-365/detect-and-remediate-illicit-consent-grants',
    ],
    frameworks: ['ASI03', 'NHI3', 'NHI5', 'T1528', 'T1550.001', 'MAESTRO-6', 'MAESTRO-7', 'MEASURE'],
  },
  reads: ['grant'],
  wants: ['oauth'],
  options: z.strictObject({
    /** An app registered so many days ago is new. */
    newDays: z.number().positive().default(7),
    /** So many people consenting within `burstMs` are a burst. */
    burstUsers: z.int().min(2).default(5),
    burstMs: z.int().positive().default(3_600_000),
    /** So many people, however slowly, for an app whose publisher is not verified. */
    slowUsers: z.int().min(2).max(MAX_USERS).default(10),
    /** The hours, UTC, in which an admin may consent: from, to. Null: any. */
    changeHoursUtc: z
      .tuple([z.int().min(0).max(24), z.int().min(0).max(24)])
      .nullable()
      .default(null),
  }),
  init: () => ({ registered: null, known: [], admitted: [], users: [], ...NOTHING_CITED }),
  fold(state, step, options, { subject }) {
    const { event } = step
    if (event.kind !== 'oauth' || event.outcome !== 'success') return quiet(state)
    const { oauth } = event
    if (oauth.action === 'app_register')
      return quiet(state.registered === null ? { ...state, registered: refOf(step) } : state)
    // Consents to one app are judged together, in the thread of the app.
    if (subject !== oauth.client_id || !isConsent(oauth)) return quiet(state)
    if (oauth.first_party === true || isAgain(state, oauth)) return quiet(state)
    const next = consent(state, oauth, step)
    const why = judge(next, oauth, step, options)
    return why === null ? quiet(next) : report(next, why, oauth, step)
  },
})

const userOf = ({ user }: OauthBody): string => (user ?? '').slice(0, MAX_TEXT)

/** The same person once more for the same scopes, or scopes that an admin gave to all. */
function isAgain({ known, admitted, users }: State, oauth: OauthBody): boolean {
  const scopes = oauth.scopes ?? []
  if (admitted.length > 0 && scopes.every((scope) => anyCovers(admitted, scope))) return true
  return users.some(({ id }) => id === userOf(oauth)) && scopes.every((scope) => anyCovers(known, scope))
}

function consent(state: State, oauth: OauthBody, step: Step): State {
  const scopes = cutAll(oauth.scopes ?? [], MAX_TEXT)
  const known = rememberAll(state.known, scopes, MAX_SCOPES)
  const admitted = isForAll(oauth) ? rememberAll(state.admitted, scopes, MAX_SCOPES) : state.admitted
  const id = userOf(oauth)
  const others = state.users.filter((one) => one.id !== id)
  const users = [...others, { id, ref: refOf(step) }].slice(-MAX_USERS)
  return { ...state, known, admitted, users }
}

interface Overreach {
  readonly role: string
  readonly says: string
  readonly severity: Severity
  readonly confidence: number
  /** The consents of others that make it what it is. */
  readonly with: readonly StepRef[]
}

function judge(state: State, oauth: OauthBody, { event }: Step, options: Options): Overreach | null {
  const trusted = isTrusted(oauth)
  const reach = reachOf(oauth.scopes ?? [])
  if (trusted !== true) {
    const imitated = lookAlike(oauth.app_name)
    const severity = reach === 'identity' ? 'medium' : 'high'
    if (imitated !== null)
      return { role: 'look-alike', says: `is named to be taken for ${imitated}`, severity, confidence: 0.85, with: [] }
    if (reach !== 'identity') {
      const many = manyUsers(state, trusted, reach, event.at, options)
      if (many !== null) return many
    }
  }
  const severity = severityOf(state, oauth, event.at, options)
  if (severity === null) return null
  const isAdmin = oauth.consent_type === 'admin'
  const says = `was given ${reach === 'power' ? 'far-reaching scopes' : 'data'}${isAdmin ? ' by an admin for all' : ''}${trusted === false ? ', and nobody vouches for its publisher' : ''}`
  return { role: isAdmin ? 'admin-consent' : 'consent', says, severity, confidence: 0.8, with: [] }
}

/** Many people who consent in a burst, or drop by drop to an app that is known to be nobody's. */
function manyUsers(
  { users }: State,
  trusted: boolean | null,
  reach: Reach,
  at: number,
  { burstUsers, burstMs, slowUsers }: Options,
): Overreach | null {
  const named = users.filter(({ id }) => id !== '')
  const recent = named.filter(({ ref }) => at - ref.at <= burstMs)
  const severity = trusted === false || reach === 'power' ? 'high' : 'medium'
  // An app that many people had before is one that people come to, some of them in the same hour.
  const isPopular = trusted !== false && named.length - recent.length >= burstUsers
  if (recent.length >= burstUsers && !isPopular)
    return {
      role: 'consent-in-burst',
      says: `was consented to by ${recent.length} people within ${Math.round(burstMs / 60_000)} min`,
      severity,
      confidence: 0.85,
      with: recent.map(({ ref }) => ref),
    }
  if (trusted !== false || named.length < slowUsers) return null
  const says = `was consented to by ${named.length} people, and nobody vouches for its publisher`
  return { role: 'consent-of-many', says, severity, confidence: 0.8, with: named.map(({ ref }) => ref) }
}

/** How much one consent worries by itself; null for not at all. */
function severityOf({ registered }: State, oauth: OauthBody, at: number, options: Options): Severity | null {
  const trusted = isTrusted(oauth)
  const reach = reachOf(oauth.scopes ?? [])
  const isAdmin = oauth.consent_type === 'admin'
  const isNew = registered !== null && at - registered.at <= options.newDays * DAY
  if (reach === 'identity') return null
  if (reach === 'power') {
    if (trusted === false) return isAdmin ? 'critical' : 'high'
    const isOdd = isAdmin && isOutside(at, options.changeHoursUtc)
    if (trusted === true) return isOdd ? 'medium' : null
    if (isAdmin && (isOdd || isNew)) return 'high'
    return isAdmin || isNew || isOffline(oauth) ? 'medium' : 'low'
  }
  if (trusted !== false) return null
  return isNew || isAdmin || isOffline(oauth) ? 'medium' : 'low'
}

function isOutside(at: number, hours: readonly [number, number] | null): boolean {
  if (hours === null) return false
  const [from, to] = hours
  const hour = Math.floor(at / 3_600_000) % 24
  return from <= to ? hour < from || hour >= to : hour < from && hour >= to
}

function report(state: State, why: Overreach, oauth: OauthBody, step: Step) {
  const told = citeMore(state, why.severity, ...why.with.map((ref) => cite(ref, why.role)), cite(refOf(step), why.role))
  const { evidence, severity } = told
  const registered = state.registered === null ? [] : [cite(state.registered, 'registration', { context: true })]
  const scopes = oauth.scopes ?? []
  return sighted(
    { ...state, ...told },
    {
      key: 'overreach',
      summary: `${(oauth.app_name ?? oauth.client_id).slice(0, MAX_TEXT)} ${why.says}`,
      severity,
      confidence: why.confidence,
      evidence: [...registered, ...evidence],
      terms: {
        why: why.role,
        reach: reachOf(scopes),
        scopes: scopes.slice(0, 8).join(' ').slice(0, 256),
        offline: isOffline(oauth),
        verified: String(oauth.publisher_verified ?? 'unknown'),
        people: state.users.length,
      },
      grantIds: [oauth.grant_id ?? oauth.client_id],
      ...(oauth.credential_id === undefined ? {} : { credentialIds: [oauth.credential_id] }),
    },
  )
}
