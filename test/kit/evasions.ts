import { runCases } from '../../src/cli/run-cases.ts'
import type { DetectorCases } from '../../src/core/index.ts'
import type { EngineParts } from '../../src/engine/parts.ts'

type Attack = DetectorCases['attacks'][number]
type Event = Attack['events'][number]
type Fields = Readonly<Record<string, unknown>>

const START = Date.parse('2026-11-20T09:00:00Z')

const at = (millis: number): string => new Date(millis).toISOString()
const timeOf = (event: Event): number => Date.parse(String(event['time']))

/** The step that does the harm, told otherwise. */
const harmAs =
  (tell: (event: Event) => readonly Event[]) =>
  (attack: Attack): Attack => ({
    ...attack,
    events: attack.events.flatMap((event) => (event['id'] === attack.harm ? tell(event) : [event])),
  })

/** The call that does the harm, told otherwise; steps that are no calls stay. */
const callAs = (tell: (call: Fields) => Fields): ((attack: Attack) => Attack) =>
  harmAs((event) => {
    const call = event['tool_call']
    return call === undefined ? [event] : [{ ...event, tool_call: tell(call as Fields) }]
  })

const without = (fields: Fields, ...names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))

function encoded(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(encoded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, encoded(one)]))
}

const resultsAs = (tell: (result: unknown) => unknown): ((attack: Attack) => Attack) => {
  const told = (event: Event): Event => {
    const call = event['tool_call'] as Fields | undefined
    return call?.['result'] === undefined ? event : { ...event, tool_call: { ...call, result: tell(call['result']) } }
  }
  return (attack) => ({ ...attack, events: attack.events.map(told) })
}

const ENVELOPE = ['time', 'source', 'tenant', 'workflow_id', 'session_id', 'agent', 'principal']

/** Thirty calls that nobody granted, of no weight, after every step. */
const flooded = (attack: Attack): Attack => ({
  ...attack,
  events: attack.events.flatMap((event, i) => [
    event,
    ...Array.from({ length: 30 }, (_, n) => ({
      ...Object.fromEntries(Object.entries(event).filter(([name]) => ENVELOPE.includes(name))),
      id: `flood-${i}-${n}`,
      time: at(timeOf(event) + n),
      kind: 'tool_call',
      outcome: 'success',
      tool_call: { name: 'clock.now', operation: 'read' },
    })),
  ]),
})

/** Ways to do the same harm and be seen less, by name. Each gives the attack as an attacker who knows of it would do it. */
export const EVASIONS = {
  'ten times slower': (attack: Attack): Attack => ({
    ...attack,
    events: attack.events.map((event) => ({ ...event, time: at(START + (timeOf(event) - START) * 10) })),
    ...(attack.until === undefined ? {} : { until: at(START + (Date.parse(attack.until) - START) * 10) }),
  }),
  'in another workflow': harmAs((event) => [{ ...event, workflow_id: 'wf-elsewhere' }]),
  'in no workflow': harmAs((event) => [without(event, 'workflow_id')]),
  'by another agent': harmAs((event) => [{ ...event, agent: { ...(event['agent'] as Fields), id: 'other-agent' } }]),
  'by a tool of another name': callAs((call) => ({ ...call, name: 'util.run' })),
  'by a tool that tells nothing': callAs((call) => ({ ...without(call, 'operation'), name: 'util.run' })),
  'with another credential': callAs((call) => ({ ...call, credential_id: 'cred-never-seen' })),
  'with no credential named': callAs((call) => without(call, 'credential_id')),
  'behind a denied try': harmAs((event) => [
    { ...event, id: `${event['id']}-denied`, outcome: 'denied', time: at(timeOf(event) - 500) },
    event,
  ]),
  'events come in reverse': (attack: Attack): Attack => ({ ...attack, events: attack.events.toReversed() }),
  'arguments in base64': callAs((call) =>
    call['arguments'] === undefined ? call : { ...call, arguments: encoded(call['arguments']) },
  ),
  'results in base64': resultsAs(encoded),
  'results in base64 twice': resultsAs((result) => encoded(encoded(result))),
  'in a flood of other calls': flooded,
} as const

export type Evasion = keyof typeof EVASIONS

/** The attacks that a detector no longer sees when they are done in this way. */
export function pastWith(
  evasion: Evasion,
  { detector, attacks }: DetectorCases,
  parts: EngineParts,
): readonly string[] {
  return runCases({ detector, attacks: attacks.map(EVASIONS[evasion]), twins: [] }, parts).flatMap(
    ({ name, problem }) => (problem === null ? [] : [name]),
  )
}
