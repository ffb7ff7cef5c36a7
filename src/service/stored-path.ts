import type { Alert, ChainSummary, Step } from '../core/index.ts'
import type { ChainReader, ListQuery, Page, StepRow, ThreadName } from '../ports/index.ts'

const PAGE = 1_000

/** Every step of a chain that still stands, in order. */
export const stepsInStore = (reader: ChainReader, tenant: string, workflowId: string): Promise<readonly Step[]> =>
  standing((query) => reader.steps(tenant, workflowId, query))

/** Every step of an agent, or about a credential or grant, in any workflow, in event-time order. */
export const threadStepsInStore = (reader: ChainReader, tenant: string, thread: ThreadName): Promise<readonly Step[]> =>
  standing((query) => reader.stepsOfThread(tenant, thread, query))

async function standing(
  read: (query: { limit: number; cursor?: string }) => Promise<Page<StepRow>>,
): Promise<readonly Step[]> {
  const steps: Step[] = []
  for await (const { step, isGone } of pages(read)) if (!isGone) steps.push(step)
  return steps
}

/** Alerts and chains of a list, page after page. */
export const alertsInStore = (reader: ChainReader, query: Omit<ListQuery, 'limit' | 'cursor'>): AsyncGenerator<Alert> =>
  pages((page) => reader.alerts({ ...query, ...page }))

export const chainsInStore = (
  reader: ChainReader,
  query: Omit<ListQuery, 'limit' | 'cursor'>,
): AsyncGenerator<ChainSummary> => pages((page) => reader.chains({ ...query, ...page }))

async function* pages<T>(read: (query: { limit: number; cursor?: string }) => Promise<Page<T>>): AsyncGenerator<T> {
  let cursor: string | null = null
  do {
    const page: Page<T> = await read({ limit: PAGE, ...(cursor === null ? {} : { cursor }) })
    yield* page.items
    cursor = page.cursor
  } while (cursor !== null)
}
