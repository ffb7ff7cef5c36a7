import type { StepRow } from './commit.ts'
import type { Page } from './page.ts'

/** Reads one page of a list: at most `limit` items, after the place that `cursor` names. */
export type ReadPage<T> = (query: { readonly limit: number; readonly cursor?: string }) => Promise<Page<T>>

const PAGE = 1_000

/** The pages of a list, each asked for when the one before is done with. */
export async function* pagesOf<T>(read: ReadPage<T>, limit = PAGE): AsyncGenerator<Page<T>> {
  let cursor: string | null = null
  do {
    const page: Page<T> = await read({ limit, ...(cursor === null ? {} : { cursor }) })
    yield page
    cursor = page.cursor
  } while (cursor !== null)
}

/** The steps of a list that still stand, in its order, up to `most`. `isCut` when there are more. */
export async function standingIn(
  read: ReadPage<StepRow>,
  most = Number.POSITIVE_INFINITY,
): Promise<{ readonly rows: readonly StepRow[]; readonly isCut: boolean }> {
  const rows: StepRow[] = []
  for await (const { items } of pagesOf(read)) {
    for (const row of items) if (!row.isGone) rows.push(row)
    if (rows.length > most) return { rows: rows.slice(0, most), isCut: true }
  }
  return { rows, isCut: false }
}
