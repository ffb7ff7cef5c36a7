import type { FastifyReply, FastifyRequest } from 'fastify'
import { CatenaryError, type Step } from '../core/index.ts'
import { type ChainReader, type Page, type StepRow, standingIn } from '../ports/index.ts'
import { HttpProblem, notFound } from './problems.ts'

/** A page as it is sent, with a `Link` to the next. A cursor that the store does not know is the caller's mistake. */
export async function sendPage<Row>(
  request: FastifyRequest,
  reply: FastifyReply,
  read: Promise<Page<Row>> | Page<Row>,
  write: (row: Row) => object,
): Promise<object> {
  const page = await ofList(read)
  if (page.cursor !== null) reply.header('link', `<${nextOf(request.url, page.cursor)}>; rel="next"`)
  return { items: page.items.map(write), next_cursor: page.cursor }
}

/** A page of the store. Throws the problem for a cursor that is none of its list's. */
export async function ofList<Row>(read: Promise<Page<Row>> | Page<Row>): Promise<Page<Row>> {
  try {
    return await read
  } catch (error) {
    throw error instanceof CatenaryError && error.code === 'CAT_USAGE' ? badCursor(error.message) : error
  }
}

/** What a caller is told whose cursor is none of the list's. */
export const badCursor = (message: string): HttpProblem =>
  new HttpProblem('bad-request', message, {
    errors: [{ field: 'cursor', message: 'is none of this list; give next_cursor of the page before' }],
  })

function nextOf(url: string, cursor: string): string {
  const [path = '/', query = ''] = url.split('?', 2)
  const next = new URLSearchParams(query)
  next.set('cursor', cursor)
  return `${path}?${next}`
}

/** The steps of a chain that still stand, in order, up to `most`. `isCut` when there are more. */
export function stepsOf(
  reader: ChainReader,
  tenant: string,
  workflowId: string,
  most: number,
): Promise<{ readonly rows: readonly StepRow[]; readonly isCut: boolean }> {
  return standingIn((page) => reader.steps(tenant, workflowId, page), most)
}

/** The steps of a chain, up to the step or event `until`. Throws a problem for none, and for more than `most`. */
export async function stepsUntil(
  reader: ChainReader,
  tenant: string,
  workflowId: string,
  { until, most }: { readonly until?: string | undefined; readonly most: number },
): Promise<readonly Step[]> {
  const { rows, isCut } = await stepsOf(reader, tenant, workflowId, most)
  const steps = rows.map(({ step }) => step)
  if (steps.length === 0) throw notFound('workflow', workflowId, tenant)
  if (until !== undefined) {
    const at = steps.findIndex(({ id, event }) => id === until || event.id === until)
    if (at >= 0) return steps.slice(0, at + 1)
  }
  if (isCut) throw new HttpProblem('too-long', `the chain has more than ${most} steps; stop earlier with until`)
  if (until === undefined) return steps
  throw new HttpProblem('bad-request', 'the workflow has no such step or event as until names', {
    errors: [{ field: 'until', message: 'is no step or event of this workflow' }],
  })
}
