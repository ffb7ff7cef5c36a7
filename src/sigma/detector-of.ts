import { z } from 'zod'
import { type AnyDetector, defineDetector, type Severity, type Sighting, type TrackKind } from '../core/index.ts'
import type { Compiled } from './compile.ts'
import { MAX_CITED, MAX_GROUPS, MAX_MATCHES } from './groups.ts'
import { basesOf, type CorrelationPlan, isOpen, type Plan } from './plan.ts'
import { listOf, type SomeRule } from './rule-shape.ts'
import { dueOf, type Hit, initialOf, runDue, runStep, type State } from './run.ts'

const SEVERITY: Readonly<Record<string, Severity>> = {
  informational: 'info',
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
}
const MATURITY = { stable: 'stable', test: 'incubating', experimental: 'sandbox', deprecated: 'deprecated' } as const
const CONFIDENCE = { stable: 0.9, incubating: 0.8, sandbox: 0.6, deprecated: 0.6 } as const

/** Fields that name what a thread is keyed by. */
const THREADS: Readonly<Record<string, TrackKind>> = {
  'agent.id': 'agent',
  'credential.id': 'credential',
  'tool_call.credential_id': 'credential',
  'oauth.credential_id': 'credential',
  'handoff.credential_id': 'credential',
  'oauth.grant_id': 'grant',
}

const ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/

/** The id of a rule's detector: its name, else its title, in lower case with hyphens; null where that is none. */
export function idOf({ name, title }: SomeRule): string | null {
  const id = (name ?? title)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return ID.test(id) ? id : null
}

/** A rule as a detector of the catalogue. Its version follows from its text and that of the rules it stands on. */
export function detectorOf(id: string, { rule, plan, parts }: Compiled): AnyDetector {
  const about = aboutOf(rule, plan)
  const told = { rule, plan, severity: about.severity, confidence: CONFIDENCE[about.maturity] }
  const timed =
    plan.what === 'base' || isOpen(plan.condition)
      ? {}
      : {
          due: (state: State) => dueOf(plan, state),
          elapse(state: State, at: number) {
            const { state: next, hits } = runDue(plan, state, at)
            return { state: next, sightings: hits.map((hit) => sightingOf(hit, told)) }
          },
        }
  return defineDetector<State, object>({
    id,
    version: versionOf(parts),
    about,
    reads: [trackOf(plan)],
    wants: [...new Set(basesOf(plan).flatMap(({ kinds }) => kinds))],
    options: z.strictObject({}),
    init: () => initialOf(plan),
    fold(state, step) {
      // What a linked chain tells is a step of that chain, and is counted there.
      if (step.link !== undefined) return { state, sightings: [] }
      const { state: next, hit } = runStep(plan, state, step)
      const sightings = hit === null ? [] : [sightingOf(hit, told)]
      return next.isBounded && !state.isBounded
        ? { state: next, sightings, bounded: BOUND }
        : { state: next, sightings }
    },
    ...timed,
  })
}

const BOUND = `more than ${MAX_GROUPS} groups, ${MAX_MATCHES} matches or ${MAX_CITED} steps to cite at a time; the groups that were idle longest were let go`

interface Told {
  readonly rule: SomeRule
  readonly plan: Plan
  readonly severity: Severity
  readonly confidence: number
}

function sightingOf({ group, count, evidence, since }: Hit, { rule, plan, severity, confidence }: Told): Sighting {
  const isCorrelation = plan.what === 'correlation'
  const least = isCorrelation && isOpen(plan.condition) && plan.type.endsWith('_count') ? 'at least ' : ''
  const how = isCorrelation ? `: ${least}${counted(plan, count)} within ${plan.timespan}` : ''
  return {
    key: `${group.key}/${since}`,
    summary: `${rule.title}${how}${group.label === '' ? '' : ` (${group.label})`}`,
    severity,
    confidence,
    evidence,
    terms: isCorrelation
      ? { type: plan.type, count, timespan: plan.timespan, ...(group.label === '' ? {} : { group: group.label }) }
      : { type: 'event' },
  }
}

function counted({ type, field }: CorrelationPlan, count: number): string {
  if (type === 'event_count') return `${count} ${count === 1 ? 'event' : 'events'}`
  if (type === 'value_count') return `${count} ${count === 1 ? 'value' : 'values'} of ${field.join('.')}`
  return `${count} ${count === 1 ? 'rule' : 'rules'}${type === 'temporal_ordered' ? ' in order' : ''}`
}

/** The thread that the rule is grouped by; the chain where it is grouped by none, or by the workflow too. */
function trackOf(plan: Plan): TrackKind {
  if (plan.what === 'base') return 'chain'
  const columns = (plan.groupBy[0] ?? []).map((_, i) => plan.groupBy.map((row) => (row[i] ?? []).join('.')))
  if (columns.some((fields) => fields.every((field) => field === 'workflow_id'))) return 'chain'
  for (const fields of columns) {
    const kinds = new Set(fields.map((field) => THREADS[field]))
    const [kind] = kinds
    if (kinds.size === 1 && kind !== undefined) return kind
  }
  return 'chain'
}

function aboutOf(rule: SomeRule, plan: Plan): AnyDetector['about'] {
  const track = trackOf(plan)
  const groups = plan.what === 'correlation' ? plan.groupNames : []
  const needs = basesOf(plan).flatMap(({ fields }) => fields)
  const innocent = listOf(rule.falsepositives)
  const maturity = rule.status === undefined || rule.status === 'unsupported' ? 'incubating' : MATURITY[rule.status]
  return {
    title: rule.title,
    severity: SEVERITY[rule.level ?? 'medium'] ?? 'medium',
    maturity,
    why: rule.description ?? rule.title,
    misses: [
      `what is spread over several ${track === 'chain' ? 'workflows' : `${track}s`}`,
      ...(groups.length === 0 ? [] : [`events that do not say ${groups.join(', ')}`]),
      ...(plan.what === 'base' ? [] : [BOUND]),
    ],
    respond: [
      'Look at the steps that are cited, and at what the chain did after them.',
      ...(innocent.length === 0 ? [] : [`Rule out: ${innocent.join('; ')}.`]),
    ],
    needs: [...new Set([...needs, ...(plan.what === 'base' ? [] : plan.groupBy.flat().map((path) => path.join('.')))])],
    references: [...listOf(rule.references), ...(rule.id === undefined ? [] : [`Sigma rule ${rule.id}`])],
    frameworks: (rule.tags ?? []).flatMap(frameworkIn),
  }
}

/** `attack.t1528` → `T1528`, `atlas.aml.t0051` → `AML.T0051`, `owasp.asi03` → `ASI03`; tactics and other tags are left out. */
function frameworkIn(tag: string): readonly string[] {
  const id = /^(?:attack\.(t\d{4}(?:\.\d{3})?)|atlas\.(aml\.t\d{4}(?:\.\d{3})?)|owasp\.(asi\d\d|nhi\d\d?))$/i.exec(tag)
  return id === null ? [] : [(id[1] ?? id[2] ?? id[3] ?? '').toUpperCase()]
}

/** A number that is another when a word of the rules is: 31 bits of FNV-1a. */
function versionOf(parts: readonly SomeRule[]): number {
  let hash = 0x811c9dc5
  for (const char of JSON.stringify(parts)) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  return (hash >>> 1) + 1
}
