import type { Alert, ChainSummary, Step } from '../core/index.ts'
import {
  type ListQuery,
  type PathReader,
  pagesOf,
  type ReadPage,
  type StepRow,
  standingIn,
  type ThreadName,
} from '../ports/index.ts'

/** Every step of a chain that still stands, in order. */
export const stepsInStore = (reader: PathReader, tenant: string, workflowId: string): Promise<readonly Step[]> =>
  standing((query) => reader.steps(tenant, workflowId, query))

/** Every step of an agent, or about a credential or grant, in any workflow, in event-time order. */
export const threadStepsInStore = (reader: PathReader, tenant: string, thread: ThreadName): Promise<readonly Step[]> =>
  standing((query) => reader.stepsOfThread(tenant, thread, query))

const standing = async (read: ReadPage<StepRow>): Promise<readonly Step[]> =>
  (await standingIn(read)).rows.map(({ step }) => step)

/** Alerts and chains of a list, page after page. */
export const alertsInStore = (reader: PathReader, query: Omit<ListQuery, 'limit' | 'cursor'>): AsyncGenerator<Alert> =>
  itemsOf((page) => reader.alerts({ ...query, ...page }))

export const chainsInStore = (
  reader: PathReader,
  query: Omit<ListQuery, 'limit' | 'cursor'>,
): AsyncGenerator<ChainSummary> => itemsOf((page) => reader.chains({ ...query, ...page }))

async function* itemsOf<T>(read: ReadPage<T>): AsyncGenerator<T> {
  for await (const { items } of pagesOf(read)) yield* items
}
