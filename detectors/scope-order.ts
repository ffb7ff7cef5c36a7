import { type AuthorizationDetail, accessLevelOf, globMatches } from '../src/core/index.ts'
import aws from './data/scopes/aws.json' with { type: 'json' }
import github from './data/scopes/github.json' with { type: 'json' }
import google from './data/scopes/google.json' with { type: 'json' }
import kubernetes from './data/scopes/kubernetes.json' with { type: 'json' }
import microsoftGraph from './data/scopes/microsoft-graph.json' with { type: 'json' }
import salesforce from './data/scopes/salesforce.json' with { type: 'json' }
import slack from './data/scopes/slack.json' with { type: 'json' }

/** Each provider's own order of scopes, lower-cased: what a scope implies, and which give power over others. */
const providers: readonly {
  readonly implies: Readonly<Record<string, readonly string[]>>
  readonly highRisk: readonly string[]
}[] = [aws, github, google, kubernetes, microsoftGraph, salesforce, slack]

/** Verbs after a resource that do what others do too. */
const verbs: Readonly<Record<string, readonly string[]>> = kubernetes.verbs

const implied = new Map<string, readonly string[]>(providers.flatMap(({ implies }) => Object.entries(implies)))
const highRisk = providers.flatMap((provider) => provider.highRisk)

/** Answers given before. Scopes are few, and the same few are asked about at every step. */
const covered = new Map<string, boolean>()
const risky = new Map<string, boolean>()
const MAX_KNOWN = 5_000
const MAX_KEY = 512

/** Whether holding `granted` is enough where `wanted` is asked for. Unknown scopes cover only themselves. */
export function scopeCovers(granted: string, wanted: string): boolean {
  return granted === wanted || recalled(covered, `${granted}\u0000${wanted}`, () => covers(granted, wanted))
}

/** Whether any of the granted scopes is enough. */
export const anyCovers = (granted: readonly string[], wanted: string): boolean =>
  granted.some((one) => scopeCovers(one, wanted))

/** Whether a scope gives power over others' data, identities or settings. */
export const isHighRisk = (scope: string): boolean =>
  recalled(
    risky,
    scope,
    () =>
      scope === '*' ||
      scope === '*:*' ||
      highRisk.some((pattern) => globMatches(pattern, scope.toLowerCase())) ||
      /(?:^|[.:/_-])(?:admin|owner|full|root)(?:$|[.:/_-])/i.test(scope),
  )

/** The same of a permission as RFC 9396 writes it, by its actions and privileges. */
export const isHighRiskDetail = ({ type, actions = [], privileges = [] }: AuthorizationDetail): boolean =>
  [type, ...actions, ...privileges].some(isHighRisk)

/** Whether a scope says by itself that it lets its holder read and nothing else. */
export const isReadOnly = (scope: string): boolean =>
  /(?:^|[.:/_-])(?:read|readonly|view|list|get)(?:$|[.:/_-])|:(?:get|list|describe|head)[a-z]*\*?$/i.test(scope) &&
  !/write|modify|edit|manage|admin|owner|full|delete|send/i.test(scope)

function recalled(known: Map<string, boolean>, key: string, answer: () => boolean): boolean {
  if (key.length > MAX_KEY) return answer()
  const before = known.get(key)
  if (before !== undefined) return before
  if (known.size >= MAX_KNOWN) known.clear()
  const now = answer()
  known.set(key, now)
  return now
}

function covers(granted: string, wanted: string): boolean {
  if (globMatches(granted, wanted)) return true
  const [have, want] = [granted.toLowerCase(), wanted.toLowerCase()]
  if (globMatches(have, want)) return true
  if (impliedBy(have).some((one) => globMatches(one, want))) return true
  if (want.startsWith(`${have}:`) && !/:(?:read|readonly)$/.test(have)) return true
  return levelCovers(have, want) || verbCovers(have, want)
}

/** Everything a scope implies by its provider's hierarchy, transitively. */
function impliedBy(scope: string): readonly string[] {
  const all: string[] = []
  const queue = [...(implied.get(scope) ?? [])]
  for (let next = queue.shift(); next !== undefined && all.length < 500; next = queue.shift()) {
    if (all.includes(next)) continue
    all.push(next)
    queue.push(...(implied.get(next) ?? []))
  }
  return all
}

/** `pods:deletecollection` covers `pods:delete`; `apps/*:patch` covers `apps/deployments:update`. */
function verbCovers(have: string, want: string): boolean {
  const [a, b] = [have.lastIndexOf(':'), want.lastIndexOf(':')]
  const verb = have.slice(a + 1)
  const more = a > 0 && Object.hasOwn(verbs, verb) ? (verbs[verb] ?? []) : []
  return b > 0 && more.includes(want.slice(b + 1)) && globMatches(have.slice(0, a), want.slice(0, b))
}

/** `x:admin` covers `x:write` covers `x:read`, with `.`, `:` or `/` before the level. */
function levelCovers(have: string, want: string): boolean {
  const [a, b] = [split(have), split(want)]
  return a !== null && b !== null && a.base === b.base && a.level >= b.level
}

function split(scope: string): { readonly base: string; readonly level: number } | null {
  const at = Math.max(scope.lastIndexOf(':'), scope.lastIndexOf('.'), scope.lastIndexOf('/'))
  const level = at < 0 ? null : accessLevelOf(scope.slice(at + 1))
  return level === null ? null : { base: scope.slice(0, at), level }
}
