import type { Commit } from '../ports/index.ts'
import type { Published } from './publisher.ts'

/** What one tenant's fold hands out with a commit, beside what is published of its chains. */
export type Drained = Required<Omit<Commit, 'sequence' | 'rejected' | 'deliveries' | keyof Published>>

/** The rows of all tenants; mostly there is one, and its rows need no copy. */
export function together(folds: readonly Drained[]): Drained {
  const [only] = folds
  if (folds.length === 1 && only !== undefined) return only
  return {
    steps: folds.flatMap(({ steps }) => steps),
    links: folds.flatMap(({ links }) => links),
    edges: folds.flatMap(({ edges }) => edges),
    credentials: folds.flatMap(({ credentials }) => credentials),
    coverage: folds.flatMap(({ coverage }) => coverage),
    checkpoints: folds.flatMap(({ checkpoints }) => checkpoints),
    facts: folds.flatMap(({ facts }) => facts),
    retold: folds.flatMap(({ retold }) => retold),
    heartbeats: folds.flatMap(({ heartbeats }) => heartbeats),
  }
}
