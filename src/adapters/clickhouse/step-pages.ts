import type { ClickHouseClient } from '@clickhouse/client'
import { trackKey } from '../../core/index.ts'
import type { ListQuery, Page, StepQuery, StepRow, ThreadName } from '../../ports/index.ts'
import { chunksOf } from './chunks.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { conditionsOf, type Filters } from './list-filters.ts'
import { pageOf } from './list-page.ts'
import { type Params, select } from './select.ts'
import { STEP_COLUMNS, type StoredStep, stepOfRow } from './step-row.ts'
import { allOf, equal } from './text-conditions.ts'

const TIME = "fromUnixTimestamp64Nano({nanos:Int64}, 'UTC')"

/** The steps of one chain, in event-time order. */
export function stepsOfChain(
  client: ClickHouseClient,
  { tenant, workflowId }: { readonly tenant: string; readonly workflowId: string },
  query: StepQuery,
): Promise<Page<StepRow>> {
  const where = 'tenant = {tenant:String} AND workflow_id = {workflow:String}'
  return page(client, { name: 'steps', where, params: { tenant, workflow: workflowId } }, query)
}

/** How a step shows that it is of a thread. The thread's key is on steps of threads that some detector reads. */
const OF_THREAD: Readonly<Record<ThreadName['kind'], string>> = {
  agent: 'agent_id = {id:String}',
  credential: '(credential_id = {id:String} OR parent_credential_id = {id:String} OR has(threads, {key:String}))',
  grant: '(grant_id = {id:String} OR client_id = {id:String} OR has(threads, {key:String}))',
}

/** The steps of one agent, credential or grant in any chain, in event-time order. */
export function stepsOfThread(
  client: ClickHouseClient,
  { tenant, kind, id }: ThreadName & { readonly tenant: string },
  query: StepQuery,
): Promise<Page<StepRow>> {
  const where = `tenant = {tenant:String} AND ${OF_THREAD[kind]}`
  const params = { tenant, id, key: trackKey({ kind, tenant, subject: id }) }
  return scatteredPage(client, { name: `${kind}-steps`, where, params }, query)
}

interface Source {
  /** The list's name in cursors. */
  readonly name: string
  readonly where: string
  readonly params: Params
}

type Place = Pick<StoredStep, 'nanos' | 'workflow_id' | 'source' | 'event_id'>
type PlaceParts = readonly (string | number)[]

const partsOf = ({ nanos, workflow_id, source, event_id }: Place): PlaceParts => [nanos, workflow_id, source, event_id]

const placeOf = (source: Source, cursor: string | undefined): PlaceParts | null =>
  cursor === undefined ? null : readCursor(source.name, ['nanos', 'text', 'text', 'text'], cursor)

const pageIn = (source: Source, rows: readonly StoredStep[], limit: number): Page<StepRow> =>
  pageOf(rows, limit, stepOfRow, (row) => writeCursor(source.name, partsOf(row)))

async function page(client: ClickHouseClient, source: Source, { limit, cursor }: StepQuery): Promise<Page<StepRow>> {
  const after = placeOf(source, cursor)
  const rows = await select<StoredStep>(
    client,
    `SELECT ${STEP_COLUMNS} FROM steps FINAL PREWHERE ${source.where}${after === null ? '' : ` AND ${AFTER}`}
    ORDER BY ${IN_TIME} LIMIT {limit:UInt32}`,
    { ...source.params, limit: limit + 1, ...(after === null ? {} : afterParams(after)) },
  )
  return pageIn(source, rows, limit)
}

/**
 * A page of steps that stand in many chains, all over the table: where they stand is looked up first, in columns that take
 * little to read, and then read. What was replaced or has gone since is found and does not count, so a page may take several
 * looks.
 */
async function scatteredPage(
  client: ClickHouseClient,
  source: Source,
  { limit, cursor }: StepQuery,
): Promise<Page<StepRow>> {
  const rows: StoredStep[] = []
  let after = placeOf(source, cursor)
  for (;;) {
    const bounds = after === null ? {} : afterParams(after)
    const since = after === null ? '' : ` AND ${AFTER}`
    const found: readonly Place[] = await select<Place>(
      client,
      `SELECT toString(toUnixTimestamp64Nano(time)) AS nanos, workflow_id, source, event_id FROM steps
      WHERE ${source.where}${since} ORDER BY ${IN_TIME} LIMIT {limit:UInt32}`,
      { ...source.params, ...bounds, limit: limit + 1 },
    )
    const [places] = chunksOf(found, ({ workflow_id }) => workflow_id)
    const last = places?.at(-1)
    if (places === undefined || last === undefined) break
    const standing = await select<StoredStep>(
      client,
      `SELECT ${STEP_COLUMNS} FROM steps FINAL PREWHERE tenant = {tenant:String} AND workflow_id IN {workflows:Array(String)} WHERE ${source.where}${since} AND ${UNTIL}
      ORDER BY ${IN_TIME}`,
      { ...source.params, ...bounds, ...untilParams(last), workflows: places.map(({ workflow_id }) => workflow_id) },
    )
    rows.push(...standing)
    const isAll = found.length <= limit && places.length === found.length
    if (isAll || rows.length > limit) break
    after = partsOf(last)
  }
  return pageIn(source, rows, limit)
}

const IN_TIME = 'time, workflow_id, source, event_id'

/** The bound on `time` alone is for the index, which does not see through the tuple. */
const AFTER = `time >= ${TIME} AND (time > ${TIME} OR
  (workflow_id, source, event_id) > ({afterWorkflow:String}, {afterSource:String}, {afterEvent:String}))`

const UNTIL = `(${IN_TIME}) <= (fromUnixTimestamp64Nano({untilNanos:Int64}, 'UTC'), {untilWorkflow:String}, {untilSource:String}, {untilEvent:String})`

const untilParams = ({ nanos, workflow_id, source, event_id }: Place): Params => ({
  untilNanos: nanos,
  untilWorkflow: workflow_id,
  untilSource: source,
  untilEvent: event_id,
})

const afterParams = ([nanos = '0', workflow = '', from = '', event = '']: PlaceParts): Params => ({
  nanos,
  afterWorkflow: workflow,
  afterSource: from,
  afterEvent: event,
})

const STEP_FILTERS: Filters = {
  agent: equal('agent_id'),
  principal: (at) => `${equal('principal_id')(at)} AND principal_type != ''`,
  credential: (at) => `${equal('credential_id')(at)} OR ${equal('parent_credential_id')(at)}`,
  tool: equal('tool'),
  resource: equal('resource_id'),
  workflow: equal('workflow_id'),
}

/** A bound of the index first, which does not see through a tuple of all. */
const AFTER_KEPT = `tenant >= {afterTenant:String} AND (tenant, workflow_id) >= ({afterTenant:String}, {afterWorkflow:String})
  AND (tenant, workflow_id, time, source, event_id) > ({afterTenant:String}, {afterWorkflow:String}, ${TIME}, {afterSource:String}, {afterEvent:String})`

/** Steps of any chain in the order they are kept in: by tenant, workflow, time. */
export async function stepsBy(client: ClickHouseClient, query: ListQuery): Promise<Page<StepRow>> {
  const { conditions, params } = conditionsOf(query, 'time', { filters: STEP_FILTERS })
  const after =
    query.cursor === undefined ? null : readCursor('all-steps', ['text', 'text', 'nanos', 'text', 'text'], query.cursor)
  const [tenant = '', ...place] = after ?? []
  const [workflow = '', nanos = '', ...rest] = place
  const all = allOf([...conditions, ...(after === null ? [] : [AFTER_KEPT])])
  const rows = await select<StoredStep>(
    client,
    `SELECT ${STEP_COLUMNS} FROM steps FINAL WHERE ${all}
    ORDER BY tenant, workflow_id, time, source, event_id LIMIT {limit:UInt32}`,
    {
      ...params,
      limit: query.limit + 1,
      ...(after === null ? {} : { afterTenant: tenant, ...afterParams([nanos, workflow, ...rest]) }),
    },
  )
  return pageOf(rows, query.limit, stepOfRow, (row) =>
    writeCursor('all-steps', [row.tenant, row.workflow_id, row.nanos, row.source, row.event_id]),
  )
}

const LOAD_PAGE = 5_000

/** All steps of one tenant that `where` picks, read page by page in the order they are kept in. */
export async function allSteps(client: ClickHouseClient, where: string, params: Params): Promise<readonly StepRow[]> {
  const steps: StepRow[] = []
  let last: StoredStep | undefined
  do {
    const rows: StoredStep[] = await select<StoredStep>(
      client,
      `SELECT ${STEP_COLUMNS} FROM steps FINAL WHERE tenant = {tenant:String} AND ${where}
      ${last === undefined ? '' : `AND workflow_id >= {afterWorkflow:String} AND (workflow_id, time, source, event_id) > ({afterWorkflow:String}, ${TIME}, {afterSource:String}, {afterEvent:String})`}
      ORDER BY workflow_id, time, source, event_id LIMIT ${LOAD_PAGE}`,
      {
        ...params,
        ...(last === undefined ? {} : afterParams([last.nanos, last.workflow_id, last.source, last.event_id])),
      },
    )
    for (const row of rows) steps.push(stepOfRow(row))
    last = rows.length === LOAD_PAGE ? rows.at(-1) : undefined
  } while (last !== undefined)
  return steps
}
