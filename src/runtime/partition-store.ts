import type { Owns } from '../engine/mail.ts'
import type { ChainStore, Commit, Need, Part } from '../ports/index.ts'

export interface PartitionStoreParts {
  readonly store: Pick<ChainStore, 'save' | 'load' | 'resume' | 'openThreads'>
  readonly part: Part
  /** What is folded in this partition. */
  readonly owns: Owns
  /** Of the claim that the partition is folded under; see `Claim`. */
  readonly epoch: number
  /** Sends what a stored commit has for others: facts to their owners, alerts to who listens. Called again after a failure. */
  readonly post: (commit: Commit) => Promise<void>
}

/**
 * Commits in a second at most, as it were: an epoch is no lower than the clock's seconds. So a commit of an owner before this
 * one that is still under way when it takes over stays below its own, though nothing of that owner be stored: its rows are
 * replaced by this one's, never the other way round. Small enough that the number of a decision, a multiple, stays exact.
 */
const COMMITS_AN_EPOCH = 500

/** The store as one partition sees it: it goes on with what it owns, and a commit is saved once it was posted too. */
export function partitionStore({
  store,
  part,
  owns,
  epoch,
  post,
}: PartitionStoreParts): Pick<ChainStore, 'save' | 'load' | 'resume'> {
  const isOurs = ({ kind, tenant, subject }: Need): boolean =>
    kind !== 'group' && kind !== 'event' && kind !== 'kin' && kind !== 'heartbeat' && owns({ kind, tenant, subject })
  return {
    load: (needs, readers) => store.load(needs, readers),
    async resume() {
      const [resume, threads] = await Promise.all([store.resume(part), store.openThreads(part)])
      const sequence = Math.max(resume.sequence, epoch * COMMITS_AN_EPOCH)
      return { ...resume, sequence, open: [...resume.open, ...threads].filter(isOurs) }
    },
    async save(commit) {
      await store.save(commit)
      await post(commit)
    },
  }
}
