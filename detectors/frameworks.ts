import data from './data/frameworks.json' with { type: 'json' }

/** One entry of a framework, with the version its id and title were taken from. */
export interface FrameworkEntry {
  readonly framework: string
  readonly version: string
  readonly id: string
  readonly title: string
}

const entries = new Map<string, FrameworkEntry>(
  data.flatMap(({ framework, version, entries: titles }) =>
    Object.entries(titles).map(([id, title]) => [id, { framework, version, id, title }] as const),
  ),
)

/** Looks an entry up by its id; null for one unknown. */
export const frameworkOf = (id: string): FrameworkEntry | null => entries.get(id) ?? null
