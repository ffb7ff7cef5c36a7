import type { TopicNames } from '../../adapters/kafka/keys.ts'
import type { Outlet } from '../../adapters/kafka/outlet.ts'
import { type InputRecord, inputRecord, messagesOf } from '../../adapters/kafka/record-of.ts'
import { type Arrival, type ChainStore, type Commit, NO_ROWS } from '../../ports/index.ts'
import type { Verdict } from '../../runtime/pipeline.ts'
import { type RejectedParts, rejectedRow } from '../../runtime/rejected-row.ts'

export interface HttpIngestParts extends RejectedParts {
  readonly names: TopicNames
  readonly outlet: Outlet
  readonly store: Pick<ChainStore, 'save'>
}

/**
 * What comes over HTTP in a cluster: events go the way of all others, to the topics by their key, and what was refused is
 * stored, so that nothing is lost. Resolves when brokers and store have it; throws what they throw.
 */
export const httpIngest =
  ({ names, outlet, store, ...parts }: HttpIngestParts) =>
  async (arrivals: readonly Arrival[]): Promise<readonly Verdict[]> => {
    const records: InputRecord[] = []
    const rejected: Commit['rejected'][number][] = []
    for (const arrival of arrivals)
      if (arrival.ok) records.push(inputRecord(arrival.event, arrival.wire, names))
      else rejected.push(rejectedRow(arrival, parts))
    await outlet.send(messagesOf(records))
    // No other commit replaces these rows, so any sequence will do.
    if (rejected.length > 0) await store.save({ ...NO_ROWS, sequence: 1, rejected })
    return arrivals.map(({ ok }) => (ok ? 'accepted' : 'rejected'))
  }
