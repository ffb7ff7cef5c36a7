import type { AnyDetector } from '../src/core/index.ts'
import data from './data/frameworks.json' with { type: 'json' }

/** One entry of a framework, with the version its id and title were taken from. */
export interface FrameworkEntry {
  readonly framework: string
  readonly version: string
  readonly id: string
  readonly title: string
}

/** Which detectors see an entry of a framework. */
export interface Covered extends FrameworkEntry {
  readonly detectors: readonly string[]
  /** Why none does; null where one does. */
  readonly reason: string | null
}

const entries = new Map<string, FrameworkEntry>(
  data.flatMap(({ framework, version, entries: titles }) =>
    Object.entries(titles).map(([id, title]) => [id, { framework, version, id, title }] as const),
  ),
)

/** Looks an entry up by its id; null for one unknown. */
export const frameworkOf = (id: string): FrameworkEntry | null => entries.get(id) ?? null

/** Every framework, and by which detectors each of its entries is seen, or why by none. Of ATT&CK and ATLAS only what is used. */
export const coverageOf = (detectors: readonly AnyDetector[]) =>
  data.map(({ framework, title, version, entries: titles, without }) => ({
    framework,
    title,
    version,
    entries: Object.keys(titles).flatMap((id): readonly Covered[] => {
      const entry = frameworkOf(id)
      const seenBy = detectors.filter(({ about }) => about.frameworks.includes(id)).map((one) => one.id)
      const reason = (without as Readonly<Record<string, string>>)[id] ?? null
      return entry === null ? [] : [{ ...entry, detectors: seenBy, reason }]
    }),
  }))
