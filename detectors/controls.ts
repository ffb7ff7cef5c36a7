import type { Severity, Step } from '../src/core/index.ts'
import data from './data/controls.json' with { type: 'json' }
import { awsWord, isLook, type Reading } from './reading.ts'
import { says, wordsOf } from './words.ts'

/** What keeps watch over agents: records of what they do, whoever looks at them, rules that hold them, and what undoes their harm. */
export type Control = 'logging' | 'monitoring' | 'policy' | 'approval' | 'recovery'

/** A control that a step weakens, and how much that worries when nobody declared it. */
export interface Weakening {
  readonly control: Control
  readonly severity: Severity
}

const cloudCalls: ReadonlyMap<string, Weakening> = new Map(
  Object.entries(data).flatMap(([control, bySeverity]) =>
    Object.entries(bySeverity).flatMap(([severity, calls]) =>
      calls.map((call) => [call, { control, severity } as Weakening] as const),
    ),
  ),
)

/** Switching off, as whole words of a tool's name. */
const turnsOff = says(
  /\b(?:disable|delete|remove|stop|pause|mute|silence|suppress|bypass|skip|detach|deactivate|suspend|turn off|switch off|clear|purge|truncate|drop|wipe|erase|uninstall|exempt|override|snooze|unprotect|dismiss)\b/,
)

const CONTROLS: readonly (readonly [RegExp, Weakening])[] = [
  [
    /\b(?:audit(?: ?logs?| trails?| events?)?|access logs?|logging|log (?:groups?|sinks?|drains?|retention|forward(?:ing|er)|shipping|streams?)|cloud ?trails?|telemetry|tracing|flow logs?)\b/,
    { control: 'logging', severity: 'high' },
  ],
  [
    /\b(?:guardrails?|(?:access|security|admission|network|retention|dlp|content|egress|authorization) polic(?:y|ies)|policy (?:engine|enforcement|checks?|agent)|safety (?:filters?|settings?|checks?)|firewalls?|waf|dlp|mfa|two factor|sandbox(?:ing)?)\b/,
    { control: 'policy', severity: 'high' },
  ],
  [
    /\b(?:approval (?:rules?|gates?|steps?|requirements?|polic(?:y|ies))|approvals? required|branch protections?|required reviews?|human review)\b/,
    { control: 'approval', severity: 'high' },
  ],
  [
    /\b(?:monitor(?:s|ing)?|alert(?:s|ing|s? rules?)?|alarms?|detections?|detectors?|detection rules?|siem|edr|antivirus|watchdogs?)\b/,
    { control: 'monitoring', severity: 'medium' },
  ],
  [
    /\b(?:object locks?|vault locks?|retention locks?|(?:object|bucket|file) versioning|backup (?:vaults?|plans?|polic(?:y|ies)|schedules?|jobs?)|recovery (?:points?|vaults?)|point in time recovery|deletion protection)\b/,
    { control: 'recovery', severity: 'medium' },
  ],
]

/** Calls that are everyday work unless their importer found in their parameters what they do to records. */
const isSettling = (call: string): boolean => call.startsWith('PutBucketLifecycle')

const REMOVES: ReadonlySet<string> = new Set(['delete', 'admin', 'update'])

/**
 * The control that a call weakens; null for none. A tool says so by its name, or by what it deletes or changes; a change of
 * a control by a tool whose name does not say which way is worth noting and no more.
 */
export function weakeningOf(step: Step, reading: Reading): Weakening | null {
  const { tool, operation, resource, resourceType } = reading
  if (tool === null) return null
  if (step.event.attributes['aws'] !== undefined) {
    const call = awsWord(step, 'eventName') ?? tool.slice(tool.indexOf('.') + 1)
    return isSettling(call) && awsWord(step, 'effect') !== 'blinding' ? null : (cloudCalls.get(call) ?? null)
  }
  if (isLook(reading)) return null
  const name = wordsOf(tool)
  const isOff = turnsOff(name)
  if (!isOff && (operation === null || !REMOVES.has(operation))) return null
  const about = wordsOf(`${resourceType ?? ''} ${resource ?? ''}`)
  if (isOff) return controlIn(`${name} ${about}`)
  const found = controlIn(about)
  return found === null || operation === 'delete' || operation === 'admin' ? found : { ...found, severity: 'low' }
}

const controlIn = (words: string): Weakening | null => CONTROLS.find(([pattern]) => pattern.test(words))?.[1] ?? null
