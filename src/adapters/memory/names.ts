import { credentialOf, parentCredentialOf } from '../../core/index.ts'
import {
  NAME_KINDS,
  type Name,
  type NameCounts,
  type NameKind,
  type NameQuery,
  type NameSearch,
  type StepRow,
} from '../../ports/index.ts'
import { compareText } from './order.ts'
import { pageOf, type SortKey } from './page.ts'
import { keyOf } from './shelf.ts'
import type { Shelves } from './shelves.ts'
import { resourceOf, toolOf } from './step-names.ts'

/** See `NameSearch`. */
export function nameSearch(shelves: Shelves): NameSearch {
  const found = (query: Pick<NameQuery, 'tenant' | 'words' | 'kinds'>): readonly Name[] =>
    namesIn(shelves.steps.all()).filter((name) => isAsked(name, query))
  return {
    names: async (query) =>
      pageOf(
        {
          name: 'names',
          items: found(query),
          keyOf: ({ lastAt, name, kind, tenant }): SortKey => [lastAt, name, kind, tenant],
          compare: lastFirst,
        },
        query,
      ),
    nameCounts: async (query) => {
      const all = found(query)
      const many = NAME_KINDS.map((kind) => [kind, all.filter((name) => name.kind === kind).length])
      return Object.fromEntries(many) as unknown as NameCounts
    },
  }
}

function namesIn(steps: readonly StepRow[]): readonly Name[] {
  const names = new Map<string, Name>()
  for (const { step } of steps) {
    const { tenant, at } = step.event
    for (const [kind, name] of calledIn(step)) {
      const key = keyOf(tenant, kind, name)
      const before = names.get(key)
      const firstAt = Math.min(at, before?.firstAt ?? at)
      names.set(key, { tenant, kind, name, firstAt, lastAt: Math.max(at, before?.lastAt ?? at) })
    }
  }
  return [...names.values()]
}

function calledIn({ event }: StepRow['step']): readonly (readonly [NameKind, string])[] {
  const all: readonly (readonly [NameKind, string | null | undefined])[] = [
    ['tool', toolOf(event)],
    ['resource', resourceOf(event)],
    ['agent', event.agent?.id],
    ['credential', credentialOf(event)],
    ['credential', parentCredentialOf(event)],
  ]
  return all.flatMap(([kind, name]) =>
    name === null || name === undefined || name === '' ? [] : [[kind, name] as const],
  )
}

function isAsked({ tenant, kind, name }: Name, query: Pick<NameQuery, 'tenant' | 'words' | 'kinds'>): boolean {
  const small = name.toLowerCase()
  return (
    (query.tenant === undefined || tenant === query.tenant) &&
    (query.kinds === undefined || query.kinds.includes(kind)) &&
    query.words.every((word) => small.includes(word.toLowerCase()))
  )
}

const lastFirst = (a: SortKey, b: SortKey): number =>
  Number(b[0]) - Number(a[0]) || [1, 2, 3].reduce((before, i) => before || compareText(String(a[i]), String(b[i])), 0)
