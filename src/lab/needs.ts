import { type AgentEvent, EVENT_KINDS } from '../core/index.ts'

/** One field that must be there, with one of these values where the need names any. */
interface Term {
  readonly path: string
  readonly values: readonly string[]
}

/** One of a detector's needs: any of the alternatives will do, each of which wants all of its terms in one event or another. */
export interface Need {
  readonly text: string
  readonly alternatives: readonly (readonly Term[])[]
}

/** Fields of the envelope that needs name without a kind before them. */
const ENVELOPE = ['outcome', 'parent_step_id', 'workflow_id', 'session_id', 'step_id', 'principal'] as const
const PARTS = new Set<string>([...EVENT_KINDS, 'agent', 'attributes', 'principal'])
/** Fields whose next word is the value that is meant. */
const VALUED = /(?:^|\.)(?:action|outcome|type)$/
const LITTLE_WORDS = new Set(['a', 'an', 'the', 'in', 'on', 'of', 'with', 'number', 'sequence', 'and', 'both', 'start'])

/**
 * Reads a need as detectors write them (`about.needs`): `oauth.grant_id or client_id`, `credential.action issue with a
 * workflow_id`, `tool_call.name and operation, credential.action issue, or oauth.action app_register`. A name without its
 * kind has the kind of the name before it.
 */
export function needOf(text: string): Need {
  let kind = ''
  let last: { path: string; values: string[] } | null = null
  const alternatives: Term[][] = []
  for (const alternative of text.split(/\s*,\s*(?:or\s+)?|\s+or\s+/)) {
    const terms: { path: string; values: string[] }[] = []
    for (const word of alternative.split(/\s+/)) {
      if (LITTLE_WORDS.has(word) || word === '') continue
      const isValue: boolean = last !== null && VALUED.test(last.path) && !word.includes('.') && !isField(word)
      if (isValue) last?.values.push(word)
      else if (/^[a-z_]+(?:\.[a-z_]+)*$/.test(word)) {
        const path = pathOf(word, kind)
        if (path === null) continue
        kind = ENVELOPE.some((one) => one === path) ? kind : (path.split('.')[0] ?? kind)
        last = { path, values: [] }
        terms.push(last)
      }
    }
    if (terms.length > 0) alternatives.push(terms)
  }
  return { text, alternatives }
}

const isField = (word: string): boolean => ENVELOPE.some((one) => one === word)

function pathOf(word: string, kind: string): string | null {
  if (isField(word) || PARTS.has(word.split('.')[0] ?? '')) return word
  return kind === '' ? null : `${kind}.${word}`
}

/** Notes which terms of some needs arrive, over a stream of events. */
export class Arrived {
  readonly #wanted = new Map<string, Term>()
  readonly #came = new Set<string>()

  constructor(needs: readonly Need[]) {
    for (const term of needs.flatMap((need) => need.alternatives.flat())) this.#wanted.set(keyOf(term), term)
  }

  see(event: AgentEvent): void {
    for (const [key, { path, values }] of this.#wanted) {
      const value = valueAt(event, path)
      if (value === undefined || value === null) continue
      if (values.length > 0 && !values.includes(String(value))) continue
      this.#came.add(key)
      this.#wanted.delete(key)
    }
  }

  /** Whether one alternative has come whole. A need without a field that is known is never missing. */
  isMet({ alternatives }: Need): boolean {
    return alternatives.length === 0 || alternatives.some((terms) => terms.every((term) => this.#came.has(keyOf(term))))
  }
}

const keyOf = ({ path, values }: Term): string => `${path}=${values.join('|')}`

function valueAt(event: AgentEvent, path: string): unknown {
  let value: unknown = event
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string, unknown>>)[part]
  }
  return value
}
