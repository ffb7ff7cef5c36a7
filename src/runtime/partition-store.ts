import type { Owns } from '../engine/mail.ts'
import type { ChainStore, Commit, Need, Part } from '../ports/index.ts'

export interface PartitionStoreParts {
  readonly store: Pick<ChainStore, 'save' | 'load' | 'resume' | 'openThreads'>
  readonly part: Part
  /** What is folded in this partition. */
  readonly owns: Owns
  /** Sends what a stored commit has for others: facts to their owners, alerts to who listens. Called again after a failure. */
  readonly post: (commit: Commit) => Promise<void>
}

/**
 * Commits of an owner before this one that are still under way when it takes over stay below its own: their rows are
 * replaced by its, never the other way round.
 */
const SEQUENCE_GAP = 1_000_000

/** The store as one partition sees it: it goes on with what it owns, and a commit is saved once it was posted too. */
export function partitionStore({
  store,
  part,
  owns,
  post,
}: PartitionStoreParts): Pick<ChainStore, 'save' | 'load' | 'resume'> {
  const isOurs = ({ kind, tenant, subject }: Need): boolean =>
    kind !== 'group' && kind !== 'event' && kind !== 'kin' && kind !== 'heartbeat' && owns({ kind, tenant, subject })
  return {
    load: (needs) => store.load(needs),
    async resume() {
      const [{ sequence, open }, threads] = await Promise.all([store.resume(part), store.openThreads(part)])
      return { sequence: sequence + SEQUENCE_GAP, maxAt: null, open: [...open, ...threads].filter(isOurs) }
    },
    async save(commit) {
      await store.save(commit)
      await post(commit)
    },
  }
}
