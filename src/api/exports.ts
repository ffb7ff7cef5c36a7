import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { alertDetail } from '../../schemas/api/alert.ts'
import { chainDetail } from '../../schemas/api/chain.ts'
import {
  AlertExportQuery,
  ChainExportQuery,
  type ExportFormat,
  listQuery,
  StepExportQuery,
} from '../../schemas/api/query.ts'
import { stepJson } from '../../schemas/api/step.ts'
import { ALERT_COLUMNS, CHAIN_COLUMNS, type Column, csvLine, STEP_COLUMNS } from '../../schemas/export.ts'
import { type Page, pagesOf, type ReadPage } from '../ports/index.ts'
import { alertsAsked } from './alerts.ts'
import type { Api, Routes } from './parts.ts'
import { HttpProblem } from './problems.ts'
import { answers } from './responses.ts'
import { endOf, sendChunks } from './streams.ts'

const tags = ['exports']
const PAGE = 1_000
/** Exports at once: each reads the store as fast as its client takes what was read. */
const MAX_AT_ONCE = 4
const RETRY_S = 10

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
}

interface Exported<Row> {
  readonly name: string
  readonly format: ExportFormat
  readonly columns: readonly Column<Row>[]
  readonly json: (row: Row) => object
  readonly read: ReadPage<Row>
}

/** `/v1/exports`: whole lists as files, streamed. */
export function addExports(app: Routes, api: Api): void {
  const send = senderOf(api)
  const { reader, frameworkOf } = api
  app.get(
    '/v1/exports/chains',
    { exposeHeadRoute: false, schema: schema('exportChains', 'Chains as a file', ChainExportQuery) },
    ({ query: { format, ...query } }, reply) => {
      const asked = listQuery({ ...query, limit: PAGE })
      const read: ReadPage<Parameters<typeof chainDetail>[0]> = (page) => reader.chains({ ...asked, ...page })
      return send(reply, { name: 'chains', format, columns: CHAIN_COLUMNS, json: chainDetail, read })
    },
  )
  app.get(
    '/v1/exports/alerts',
    { exposeHeadRoute: false, schema: schema('exportAlerts', 'Alerts as a file', AlertExportQuery) },
    async ({ query: { format, ...query } }, reply) => {
      const asked = await alertsAsked(api, { ...query, limit: PAGE })
      const read: ReadPage<Parameters<typeof alertDetail>[0]> = (page) => reader.alerts({ ...asked, ...page })
      const json = (alert: Parameters<typeof alertDetail>[0]): object => alertDetail(alert, frameworkOf)
      return send(reply, { name: 'alerts', format, columns: ALERT_COLUMNS, json, read })
    },
  )
  app.get(
    '/v1/exports/steps',
    { exposeHeadRoute: false, schema: schema('exportSteps', 'Steps as a file', StepExportQuery) },
    ({ query: { format, ...query } }, reply) => {
      const asked = listQuery({ ...query, limit: PAGE })
      const read: ReadPage<Parameters<typeof stepJson>[0]> = (page) => reader.stepsBy({ ...asked, ...page })
      return send(reply, { name: 'steps', format, columns: STEP_COLUMNS, json: stepJson, read })
    },
  )
}

const ABOUT =
  'All that the filters leave, in the order of the list (steps: by tenant, workflow and time), as CSV (RFC 4180), NDJSON (the objects ' +
  'of the list) or Parquet, sent as it is read. In CSV a text that a spreadsheet would run as a formula has an apostrophe before it. ' +
  'Where it breaks off the connection is cut.'

const schema = <Query extends z.ZodType>(operationId: string, summary: string, querystring: Query) => ({
  tags,
  operationId,
  summary,
  description: ABOUT,
  querystring,
  response: answers('The file.', z.string(), ['bad-request', 'no-room', 'store-away'], Object.values(TYPES)),
})

function senderOf({ writeParquet, closing, limits: { stallMs } }: Api) {
  let atWork = 0
  return async <Row>(reply: FastifyReply, one: Exported<Row>): Promise<FastifyReply> => {
    if (atWork >= MAX_AT_ONCE)
      throw new HttpProblem('no-room', `${MAX_AT_ONCE} exports are under way; come again later`, {
        headers: { 'retry-after': String(RETRY_S) },
      })
    atWork += 1
    reply.raw.once('close', () => {
      atWork -= 1
    })
    const end = endOf(reply, closing)
    const pages = pagesOf(one.read, PAGE)
    // What is wrong with the store or the request is a problem still, and not a file that breaks off.
    const first = await pages.next()
    reply.header('content-disposition', `attachment; filename="${one.name}.${one.format}"`)
    const chunks = chunksOf(one, { first, pages, end, writeParquet })
    return sendChunks(reply, TYPES[one.format], { chunks, stallMs })
  }
}

interface Reading<Row> extends Pick<Api, 'writeParquet'> {
  readonly first: IteratorResult<Page<Row>>
  readonly pages: AsyncGenerator<Page<Row>>
  readonly end: AbortSignal
}

async function* rowsOf<Row>({ first, pages, end }: Reading<Row>): AsyncGenerator<readonly Row[]> {
  if (first.done !== true) yield first.value.items
  for await (const { items } of pages) {
    end.throwIfAborted()
    yield items
  }
}

async function* chunksOf<Row>(
  { format, columns, json }: Exported<Row>,
  reading: Reading<Row>,
): AsyncGenerator<string | Uint8Array> {
  const cells = (row: Row): readonly (string | number | null)[] => columns.map((column) => column.of(row))
  if (format === 'parquet') {
    yield* reading.writeParquet(columns, mapped(rowsOf(reading), cells))
    return
  }
  if (format === 'csv') yield `${columns.map(({ name }) => name).join(',')}\r\n`
  for await (const rows of rowsOf(reading))
    yield rows
      .map((row) => (format === 'csv' ? csvLine(columns, cells(row)) : `${JSON.stringify(json(row))}\n`))
      .join('')
}

async function* mapped<Row, Made>(
  batches: AsyncIterable<readonly Row[]>,
  make: (row: Row) => Made,
): AsyncGenerator<readonly Made[]> {
  for await (const rows of batches) yield rows.map(make)
}
