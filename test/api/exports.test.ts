import { readFileSync } from 'node:fs'
import { parquetReadObjects } from 'hyparquet'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { CatenaryError } from '../../src/core/index.ts'
import type { Store } from '../../src/ports/index.ts'
import { guarded, ndjson, problemIn, service, wire } from './kit.ts'

const example = readFileSync('test/fixtures/example.ndjson')

let api = service()
beforeEach(() => {
  api = service()
})

const objects = (body: string): readonly Record<string, unknown>[] =>
  body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** The rows of CSV by column, as RFC 4180 has it. */
function rowsOf(body: string): readonly Record<string, string>[] {
  const lines = [...body.matchAll(/((?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,(?:"(?:[^"]|"")*"|[^",\r\n]*))*)\r\n/g)]
  const cells = lines.map(([, line = '']) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    ),
  )
  const [names = [], ...rows] = cells
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] ?? ''])))
}

describe.each(['chains', 'alerts', 'steps'])('an export of %s', (list) => {
  it('has the same rows as CSV, NDJSON and Parquet', async () => {
    await api.post(example)
    const csv = await api.get(`/v1/exports/${list}`)
    expect(csv.headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/csv/),
      'content-disposition': `attachment; filename="${list}.csv"`,
    })
    const rows = rowsOf(csv.body)
    const lines = objects((await api.get(`/v1/exports/${list}?format=ndjson`)).body)
    const { rawPayload } = await api.get(`/v1/exports/${list}?format=parquet`)
    const file = rawPayload.buffer.slice(rawPayload.byteOffset, rawPayload.byteOffset + rawPayload.byteLength)
    const parquet = await parquetReadObjects({ file: file as ArrayBuffer })
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.map((row) => [row['tenant'], row['workflow_id']])).toEqual(
      lines.map((line) => [line['tenant'], line['workflow_id']]),
    )
    expect(parquet.map((row) => [row['tenant'], row['workflow_id']])).toEqual(
      lines.map((line) => [line['tenant'], line['workflow_id']]),
    )
    expect(Object.keys(parquet[0] ?? {})).toEqual(Object.keys(rows[0] ?? {}))
    const time = list === 'steps' ? 'time' : 'last_at'
    expect(parquet[0]?.[time]).toEqual(new Date(rows[0]?.[time] ?? ''))
  })

  it('is empty but for its head where nothing matches', async () => {
    expect(rowsOf((await api.get(`/v1/exports/${list}`)).body)).toEqual([])
    expect((await api.get(`/v1/exports/${list}`)).body).toMatch(/^tenant,.*\r\n$/)
    expect((await api.get(`/v1/exports/${list}?format=ndjson`)).body).toBe('')
    const { rawPayload } = await api.get(`/v1/exports/${list}?format=parquet`)
    expect(rawPayload.subarray(0, 4).toString()).toBe('PAR1')
    expect(rawPayload.subarray(-4).toString()).toBe('PAR1')
  })

  it.each(['format=xlsx', 'limit=5', 'cursor=x', 'nonsense=1', 'since=then', 'agent=', 'tenant=a&tenant=b'])(
    'is refused with ?%s',
    async (query) => {
      problemIn(await api.get(`/v1/exports/${list}?${query}`), 400)
    },
  )

  it('takes what looks like SQL as text', async () => {
    await api.post(example)
    const text = encodeURIComponent("') OR 1=1 UNION SELECT * FROM url('http://127.0.0.1/') --")
    for (const name of ['agent', 'tool', 'resource', 'credential'])
      expect(rowsOf((await api.get(`/v1/exports/${list}?${name}=${text}*`)).body)).toEqual([])
  })

  it('is a problem when the store is away', async () => {
    const store = createMemoryStore()
    await store.close()
    const away = async (): Promise<never> => {
      throw new CatenaryError('CAT_STORE_UNAVAILABLE', 'away', { retry: 'later' })
    }
    const broken: Store = { ...store, chains: away, alerts: away, stepsBy: away }
    problemIn(await service({}, broken).get(`/v1/exports/${list}`), 503)
  })

  it('is of the caller’s tenant', async () => {
    const one = guarded()
    await one.post(example, await one.as('ingest', 'globex'))
    expect(rowsOf((await one.get(`/v1/exports/${list}`, await one.as('viewer', 'acme'))).body)).toEqual([])
    problemIn(await one.get(`/v1/exports/${list}?tenant=globex`, await one.as('viewer', 'acme')), 403)
    const theirs = rowsOf((await one.get(`/v1/exports/${list}`, await one.as('viewer', 'globex'))).body)
    expect(theirs.length).toBeGreaterThan(0)
  })
})

describe('an export', () => {
  it('takes the filters of its list', async () => {
    await api.post(example)
    await api.post(ndjson(wire('x1', { workflow_id: 'other', agent: { id: 'calm' } })))
    const ids = async (query: string): Promise<readonly (string | undefined)[]> =>
      rowsOf((await api.get(`/v1/exports/chains?${query}`)).body).map((row) => row['workflow_id'])
    expect(await ids('')).toHaveLength(2)
    expect(await ids('agent=cal*')).toEqual(['other'])
    expect(await ids('tool=payroll.*')).toEqual(['wf-17'])
    const steps = rowsOf((await api.get('/v1/exports/steps?tool=erp.read')).body)
    expect(steps).toMatchObject([{ tool: 'erp.read', resource_id: 'erp/invoices/991', kind: 'tool_call' }])
    const alerts = rowsOf((await api.get('/v1/exports/alerts?silenced=true')).body)
    expect(alerts).toEqual([])
  })

  it('of more than one page has every row once', async () => {
    const events = Array.from({ length: 2_500 }, (_, i) => wire(`e${i}`, { workflow_id: `wf-${i % 1_200}` }))
    await api.post(ndjson(...events))
    const chains = rowsOf((await api.get('/v1/exports/chains')).body).map((row) => row['workflow_id'])
    expect(new Set(chains).size).toBe(1_200)
    expect(chains).toHaveLength(1_200)
    const steps = rowsOf((await api.get('/v1/exports/steps')).body).map((row) => row['event_id'])
    expect(new Set(steps).size).toBe(2_500)
    expect(steps).toHaveLength(2_500)
  })

  it('never hands a spreadsheet a formula', async () => {
    const evil = ['=cmd|"/c calc"!A1', '+1+1', '-2', '@SUM(A1)', '\t=1', '=HYPERLINK("http://x","y")\n,\'']
    await api.post(ndjson(...evil.map((id, i) => wire(`e${i}`, { workflow_id: id, agent: { id } }))))
    const rows = rowsOf((await api.get('/v1/exports/chains')).body)
    expect(rows).toHaveLength(evil.length)
    for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+\-@\t\r]/)
    expect(rows.map((row) => row['workflow_id']?.slice(1)).sort()).toEqual([...evil].sort())
    const lines = objects((await api.get('/v1/exports/chains?format=ndjson')).body)
    expect(lines.map((line) => line['workflow_id']).sort()).toEqual([...evil].sort())
  })
})
