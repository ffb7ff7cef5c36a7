import { ownerKeyOf } from '../../engine/mail.ts'
import { type ForwardingParts, startForwarding } from '../forwarding/forwarding.ts'
import type { Partition } from './partition.ts'
import type { Partitions } from './partitions.ts'

export interface ClusterForwardingParts extends Omit<ForwardingParts, 'owns'> {
  /** The partition of a key. */
  readonly partitionOf: (key: string) => number
  /** The partitions that the group gave this process. */
  readonly given: Pick<Partitions, 'numbers'>
}

/** What is delivered by a member of the group: what was told in the partitions that it folds. */
export interface ClusterForwarding {
  /** A partition was brought back; what its owner before left is delivered from now on. */
  opened(partition: Pick<Partition, 'claim' | 'pipeline'>): void
  close(): Promise<void>
}

/** Delivers what was told in partitions that are given to this process and open. */
export function clusterForwarding(parts: ClusterForwardingParts): ClusterForwarding {
  const { partitionOf, given, ...rest } = parts
  const open = new Set<number>()
  const forwarding = startForwarding({
    ...rest,
    owns: ({ tenant, workflowId }) => {
      const number = partitionOf(ownerKeyOf({ kind: 'chain', tenant, subject: workflowId }))
      return open.has(number) && given.numbers.includes(number)
    },
  })
  return {
    opened({ claim, pipeline }) {
      open.add(claim.partition)
      pipeline.onCommit(forwarding.committed)
      forwarding.reread()
    },
    close: forwarding.close,
  }
}
