import type { DetectorCases } from '../../src/core/index.ts'

const all: readonly DetectorCases[] = []

/** The attacks and twins of a detector; null for one that has none. */
export const casesOf = (detector: string): DetectorCases | null => all.find((cases) => cases.detector === detector) ?? null
