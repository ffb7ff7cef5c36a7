import { z } from 'zod'
import {
  cite,
  defineDetector,
  type Evidence,
  quiet,
  refTo,
  type Severity,
  type Step,
  type StepRef,
  sighted,
} from '../src/core/index.ts'
import { type Reading, readStep, remember } from './reading.ts'
import { anyCovers, isHighRisk } from './scope-order.ts'

const DAY = 86_400_000
const MAX_KNOWN = 128
const MAX_CITED = 20

/** What a connector was seen to do; at 128 habits it learns no more. */
interface State {
  readonly consent: StepRef | null
  readonly consentScopes: readonly string[]
  readonly lastAt: number | null
  /** Resource families that workflows asked for through this grant, and scopes they used. */
  readonly asked: readonly string[]
  readonly askedScopes: readonly string[]
  /** Uses outside workflows by resource family: how often, so that a habit is known. */
  readonly habits: Readonly<Record<string, number>>
  readonly evidence: readonly Evidence[]
}

type Options = { dormantDays: number; habit: number }

export const connectorShadowAccess = defineDetector<State, Options>({
  id: 'connector-shadow-access',
  version: 1,
  about: {
    title: 'A connector was at work where no workflow asked it to be',
    severity: 'high',
    maturity: 'incubating',
    why: "A token of an OAuth grant works whether or not a task is running. Work outside any workflow, on things no workflow asked for, is nobody's.",
    misses: [
      'shadow work on the very resources its workflows use',
      'a connector whose uses carry no credential or grant id',
      'a habit built up slowly before the harm',
    ],
    respond: [
      'Revoke the grant until its owner has explained the cited uses.',
      'List what was read or sent with it since the last workflow.',
      'Re-consent with only the scopes its workflows use.',
    ],
    needs: ['oauth.grant_id or client_id', 'tool_call.credential_id'],
    references: ['https://www.rfc-editor.org/rfc/rfc6749', 'https://attack.mitre.org/techniques/T1528/'],
    frameworks: ['ASI03', 'NHI3', 'NHI5', 'T1528'],
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
    consentScopes: [],
    lastAt: null,
    asked: [],
    askedScopes: [],
    habits: {},
    evidence: [],
  }),
  fold(state, step, options, { subject }) {
    const { event } = step
    if (event.outcome !== 'success') return quiet(state)
    if (event.kind === 'oauth' && event.oauth.action !== 'token_use') return quiet(consented(state, step))
    if (event.kind === 'credential' && (event.credential.action ?? 'use') !== 'use') return quiet(state)
    const reading = readStep(step)
    const scopes = event.kind === 'oauth' ? (event.oauth.scopes ?? []) : reading.scopes
    const family = familyOf(event.kind === 'oauth' ? (event.oauth.resource_server ?? null) : reading.resource, reading)
    if (step.attribution.rule !== 'own') return quiet(asWorkflow(state, family, scopes, event.at))
    const why = shadow(state, family, scopes, event.at, options)
    const next: State = { ...state, lastAt: event.at, habits: habitOf(state.habits, family) }
    if (why === null) return quiet(next)
    const severity = severityOf(state, reading, scopes, why)
    const evidence = [...state.evidence, cite(refTo(step), why)].slice(0, MAX_CITED)
    return sighted(
      { ...next, evidence },
      {
        key: 'shadow',
        summary: `${subject} worked on ${family} outside any workflow (${why})`,
        severity,
        confidence: 0.85,
        evidence: [...(state.consent === null ? [] : [cite(state.consent, 'consent', { context: true })]), ...evidence],
        terms: { why, uses: evidence.length, family },
        grantIds: [subject],
        credentialIds: reading.credential === null ? [] : [reading.credential],
      },
    )
  },
})

function consented(state: State, step: Step): State {
  if (step.event.kind !== 'oauth') return state
  const { action, scopes } = step.event.oauth
  const consent = state.consent ?? (action === 'consent' || action === 'grant' ? refTo(step) : null)
  return { ...state, consent, consentScopes: scopes ?? state.consentScopes }
}

function asWorkflow(state: State, family: string, scopes: readonly string[], at: number): State {
  let askedScopes = state.askedScopes
  for (const scope of scopes) askedScopes = remember(askedScopes, scope, MAX_KNOWN)
  return { ...state, lastAt: at, asked: remember(state.asked, family, MAX_KNOWN), askedScopes }
}

/** Why a use outside workflows is nobody's; null for a habit, or for what its workflows do as well. */
function shadow(
  state: State,
  family: string,
  scopes: readonly string[],
  at: number,
  { dormantDays, habit }: Options,
): string | null {
  if ((state.habits[family] ?? 0) >= habit) return null
  const since = state.lastAt ?? state.consent?.at ?? null
  if (since !== null && at - since > dormantDays * DAY) return 'dormant-grant-woke'
  if (state.askedScopes.length > 0 && scopes.some((scope) => !anyCovers(state.askedScopes, scope)))
    return 'scope-no-workflow-uses'
  return state.asked.includes(family) ? null : 'resource-no-workflow-asked-for'
}

function severityOf(state: State, reading: Reading, scopes: readonly string[], why: string): Severity {
  const isGrave =
    scopes.some(isHighRisk) ||
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
  if (resource === null) return tool ?? 'unknown'
  return resource
    .replace(/^[a-z]+:\/\//, '')
    .split('/')
    .slice(0, 2)
    .join('/')
}

function habitOf(habits: Readonly<Record<string, number>>, family: string): Readonly<Record<string, number>> {
  if (habits[family] === undefined && Object.keys(habits).length >= MAX_KNOWN) return habits
  return { ...habits, [family]: (habits[family] ?? 0) + 1 }
}
