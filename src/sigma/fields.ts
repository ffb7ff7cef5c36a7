import type { AgentEvent, EventKind } from '../core/index.ts'

/** What the contract names, by kind of event: `tool_call` → `agent.id`, `tool_call.resource.zone`, … */
export interface FieldBook {
  readonly fields: Readonly<Record<EventKind, ReadonlySet<string>>>
  /** Fields of content: only facts about them are kept. */
  readonly content: ReadonlySet<string>
}

export type Scalar = string | number | boolean

/** The facts about content that are kept as they are. */
const FACTS = ['bytes', 'signals'] as const

/** Why a field cannot be read in events of these kinds; null where it can. */
export function fieldMistake(
  field: string,
  kinds: readonly EventKind[],
  { fields, content }: FieldBook,
): string | null {
  if (/^attributes\.[^|]+$/.test(field)) return null
  const parent = field.slice(0, Math.max(0, field.lastIndexOf('.')))
  if (content.has(field))
    return `${field} is content and not kept; there are ${FACTS.map((fact) => `${field}.${fact}`).join(' and ')}`
  if (content.has(parent) && FACTS.some((fact) => field === `${parent}.${fact}`)) return null
  if (kinds.some((kind) => fields[kind].has(field))) return null
  const known = [...new Set(kinds.flatMap((kind) => [...fields[kind]]))]
  const near = nearest(field, known)
  return `there is no field ${field} in events of kind ${kinds.join(', ')}${near === null ? '' : `; did you mean ${near}?`}; docs/events.md lists them`
}

/** Everything a field holds in an event: several values where a list stands on the way; none where it is not there. */
export function valuesOf(event: AgentEvent, path: readonly string[]): readonly Scalar[] {
  let found: readonly unknown[] = [event]
  for (const name of path) {
    found = found
      .flatMap((one) => (typeof one === 'object' && one !== null ? [(one as Record<string, unknown>)[name]] : []))
      .flat()
    if (found.length === 0) return []
  }
  return found.filter(
    (one): one is Scalar => typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean',
  )
}

/** The known word that shares most of its parts with a text; null where none does. */
function nearest(text: string, known: readonly string[]): string | null {
  const parts = text.toLowerCase().split(/[._]/)
  const shared = (one: string): number => new Set(one.split(/[._]/).filter((part) => parts.includes(part))).size
  const [best] = known.toSorted((a, b) => shared(b) - shared(a) || a.length - b.length)
  return best !== undefined && shared(best) > 0 ? best : null
}
