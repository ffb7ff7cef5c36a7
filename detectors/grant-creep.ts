import { z } from 'zod'
import {
  cite,
  defineDetector,
  type Evidence,
  type OauthBody,
  quiet,
  type Severity,
  type Step,
  sighted,
} from '../src/core/index.ts'
import { changeOfApp, learnApp, NO_APP, type OauthApp } from './app-changes.ts'
import { type Cited, citeMore, NOTHING_CITED, refOf, withContext } from './evidence.ts'
import { type Growth, grow, type Holding, MAX_TEXT, take } from './holdings.ts'
import { isConsent, reachOf } from './oauth-apps.ts'
import { anyCovers, isHighRisk } from './scope-order.ts'

const MAX_HOLDINGS = 6

/**
 * Knows what 6 holders were given (one, in the thread of a grant), the one that changed longest ago gives way; what was
 * given of the app in all; cites 12 steps. At its bounds about 32 kB.
 */
interface State extends Cited {
  readonly holdings: readonly Holding[]
  readonly app: OauthApp
}

type Options = { steps: number }

export const grantCreep = defineDetector<State, Options>({
  id: 'grant-creep',
  version: 1,
  about: {
    title: 'A grant grew beyond what was first consented to',
    severity: 'high',
    maturity: 'incubating',
    why: 'Nobody who clicks yes to one more scope looks at the sum. Small consents add up to power that would have been refused if it had been asked for at once; an app that changes after consent was never consented to.',
    misses: [
      'a grant that is revoked and given anew, wider: that is a new consent',
      'growth over several grants of one person to one app',
      'growth that an admin approved without looking',
      'consents that happened before the first event',
      'an app whose changes no event reports',
    ],
    respond: [
      'Compare what the grant holds with what it was first given for; cut it back to that.',
      'Ask the person who consented last what for.',
      'If the app changed: ask its publisher, and have an admin consent anew.',
    ],
    needs: ['oauth.action consent or scope_change', 'oauth.scopes', 'oauth.grant_id or oauth.user'],
    references: ['https://www.rfc-editor.org/rfc/rfc6749#section-6', 'https://www.rfc-editor.org/rfc/rfc9700'],
    frameworks: ['ASI03', 'NHI3', 'NHI5', 'T1098.003', 'T1528', 'MAESTRO-6', 'MAESTRO-7', 'MEASURE'],
  },
  reads: ['grant'],
  wants: ['oauth'],
  options: z.strictObject({
    /** So many consents that each added something, none of them by an admin, are creep. */
    steps: z.int().min(2).default(3),
  }),
  init: () => ({ holdings: [], app: NO_APP, ...NOTHING_CITED }),
  fold(state, step, options, { subject }) {
    const { event } = step
    if (event.kind !== 'oauth' || event.outcome !== 'success') return quiet(state)
    const { oauth } = event
    if (oauth.action === 'app_register' || oauth.action === 'app_update') return ofApp(state, step, oauth, subject)
    // In the thread of an app, grants with threads of their own only tell what the app was given in all.
    if (oauth.grant_id !== undefined && oauth.grant_id !== subject) return quiet(withApp(state, oauth))
    const next = withApp(state, oauth)
    if (oauth.action === 'revoke') return quiet(without(next, oauth))
    if (isConsent(oauth)) return consented(next, step, oauth, options, subject)
    return tokenOf(next, step, oauth, subject)
  },
})

const withApp = (state: State, oauth: OauthBody): State => {
  const app = learnApp(state.app, oauth)
  return app === state.app ? state : { ...state, app }
}

const holderOf = ({ user }: OauthBody, subject: string, clientId: string): string =>
  subject === clientId ? (user ?? '').slice(0, MAX_TEXT) : ''

function without(state: State, oauth: OauthBody): State {
  const who = oauth.grant_id === undefined ? (oauth.user ?? '').slice(0, MAX_TEXT) : ''
  const holdings = state.holdings.filter((one) => one.who !== who)
  return holdings.length === state.holdings.length ? state : { ...state, holdings }
}

function consented(state: State, step: Step, oauth: OauthBody, { steps }: Options, subject: string) {
  const who = holderOf(oauth, subject, oauth.client_id)
  const before = state.holdings.find((one) => one.who === who)
  const { holding, growth } = before === undefined ? take(who, oauth, refOf(step)) : grow(before, oauth, refOf(step))
  if (holding === before) return quiet(state)
  const others = state.holdings.filter((one) => one.who !== who)
  const next = { ...state, holdings: [...others, holding].slice(-MAX_HOLDINGS) }
  if (growth === null) return quiet(next)
  const severity = severityOf(growth, oauth, steps)
  if (severity === null) return quiet(next)
  const says = `grew by ${growth.scopes.slice(0, 4).join(', ')} (${growth.steps} consents that added something since it began with ${holding.base.slice(0, 4).join(', ')})`
  const grown = holding.grown.map((ref) => cite(ref, 'growth'))
  const first = cite(holding.first, 'first-consent', { context: true })
  return report(next, { role: 'growth', says, severity, confidence: 0.8, growth }, [first, ...grown], step, oauth)
}

/** How much a growth worries; null for the one more scope that apps ask for when they need it. */
function severityOf({ steps, power }: Growth, { first_party }: OauthBody, enough: number): Severity | null {
  const isCreep = steps >= enough
  if (!power && !isCreep) return null
  if (first_party === true) return 'low'
  return power && steps >= 2 ? 'high' : 'medium'
}

const TOKENS: ReadonlySet<string> = new Set(['token_issue', 'token_refresh', 'token_exchange'])

/** A token with more than anyone consented to: it can only come of a change of the app, or of the server. */
function tokenOf(state: State, step: Step, oauth: OauthBody, subject: string) {
  if (!TOKENS.has(oauth.action) || oauth.scopes === undefined) return quiet(state)
  const who = holderOf(oauth, subject, oauth.client_id)
  const holding = state.holdings.find((one) => one.who === who)
  const given = [...(holding?.base ?? []), ...(holding?.current ?? [])]
  if (holding === undefined || holding.isCut || given.length === 0) return quiet(state)
  const beyond = oauth.scopes.filter((scope) => !anyCovers(given, scope) && reachOf([scope]) !== 'identity')
  if (beyond.length === 0) return quiet(state)
  const power = beyond.some(isHighRisk)
  const growth: Growth = { scopes: beyond, power, steps: holding.steps }
  const says = `has a token with ${beyond.slice(0, 4).join(', ')}, which nobody consented to`
  const first = cite(holding.first, 'first-consent', { context: true })
  const why = {
    role: 'token-beyond-consent',
    says,
    severity: power ? 'high' : 'medium',
    confidence: 0.75,
    growth,
  } as const
  return report(state, why, [first, cite(refOf(step), why.role)], step, oauth)
}

function ofApp(state: State, step: Step, oauth: OauthBody, subject: string) {
  const change = subject === oauth.client_id ? changeOfApp(state.app, oauth) : null
  const next = withApp(state, oauth)
  if (change === null) return quiet(next)
  const growth: Growth = { scopes: change.scopes, power: change.scopes.some(isHighRisk), steps: 0 }
  return report(next, { ...change, growth }, [cite(refOf(step), change.role)], step, oauth)
}

interface Why {
  readonly role: string
  readonly says: string
  readonly severity: Severity
  readonly confidence: number
  readonly growth: Growth
}

function report(state: State, why: Why, cited: readonly Evidence[], step: Step, oauth: OauthBody) {
  const context = cited.filter((one) => one.context === true)
  const told = citeMore(state, why.severity, ...cited.filter((one) => one.context !== true))
  const { evidence, severity } = told
  const name = (oauth.app_name ?? oauth.client_id).slice(0, MAX_TEXT)
  return sighted(
    { ...state, ...told },
    {
      key: 'creep',
      summary: `the grant of ${name} ${why.says}`,
      severity,
      confidence: why.confidence,
      evidence: withContext(context, evidence),
      terms: {
        why: why.role,
        added: why.growth.scopes.slice(0, 8).join(' ').slice(0, 256),
        steps: why.growth.steps,
        power: why.growth.power,
        user: (oauth.user ?? '').slice(0, MAX_TEXT),
      },
      grantIds: [oauth.grant_id ?? oauth.client_id],
      ...(step.event.kind === 'oauth' && oauth.credential_id !== undefined
        ? { credentialIds: [oauth.credential_id] }
        : {}),
    },
  )
}
