import { beforeAll, describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { CoveragePage, RejectedPage } from '../../schemas/api/coverage.ts'
import { Credential, CredentialPage, Lineage } from '../../schemas/api/credential.ts'
import { Detector, DetectorList } from '../../schemas/api/detector.ts'
import { ndjson, problemIn, type Service, service, shaped, walk, wire } from './kit.ts'

const minted = (id: string, at: string, credential: object, more: object = {}): object =>
  wire(`mint-${id}`, {
    time: `2026-11-20T09:00:${at}Z`,
    kind: 'credential',
    message: undefined,
    outcome: 'success',
    agent: { id: 'bot' },
    credential: { id, action: 'issue', type: 'access_token', ...credential },
    ...more,
  })

let api: Service

beforeAll(async () => {
  api = service()
  const family = [
    minted('root/1', '01', { issuer: 'https://idp.example.org', subject: 'bot', scopes: ['a', 'b'] }),
    minted('child', '02', { parent_id: 'root/1', expires_at: '2026-11-20T10:00:00Z' }),
    minted('grandchild', '03', { parent_id: 'child' }, { workflow_id: 'wf-2' }),
    minted('stranger', '04', {}, { workflow_id: 'wf-3', agent: { id: 'other' } }),
  ]
  await api.post(ndjson(...family))
  await api.post(ndjson(minted('child', '09', { parent_id: 'elsewhere' })), {}, '?tenant=other')
  await api.post(`nope\n{"id":"x"}\n${'['}`)
  await api.post('nope', {}, '?tenant=other')
})

describe('credentials', () => {
  it('are listed, last seen first', async () => {
    const { items } = await shaped(CredentialPage, api.get('/v1/credentials?tenant=default'))
    expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(['root/1', 'child', 'grandchild', 'stranger']))
    expect(items.map(({ last_at }) => last_at)).toEqual(
      items
        .map(({ last_at }) => last_at)
        .sort()
        .reverse(),
    )
  })

  it.each([
    ['tenant=default&agent=other', ['stranger']],
    ['tenant=default&workflow=wf-2', ['grandchild']],
    ['tenant=default&since=2026-11-20T09:00:04Z', ['stranger']],
    ['tenant=nobody', []],
  ])('narrowed by %s', async (query, expected) => {
    const { items } = await shaped(CredentialPage, api.get(`/v1/credentials?${query}`))
    expect(items.map(({ id }) => id)).toEqual(expected)
  })

  it('are walked to the end', async () => {
    const pages = await walk(api, '/v1/credentials?tenant=default&limit=1')
    expect(new Set(pages.flatMap(({ items }) => items.map((one) => one['id']))).size).toBe(pages.length)
  })

  it('are shown one by one, by ids with slashes too', async () => {
    const credential = await shaped(Credential, api.get('/v1/credentials/root%2F1'))
    expect(credential).toMatchObject({
      id: 'root/1',
      issuer: 'https://idp.example.org',
      subject: 'bot',
      parent_id: null,
    })
    problemIn(await api.get('/v1/credentials/nope'), 404)
    problemIn(await api.get('/v1/credentials/stranger?tenant=other'), 404)
  })

  it('have a lineage of their own tenant only', async () => {
    const lineage = await shaped(Lineage, api.get('/v1/credentials/child/lineage'))
    expect(lineage.nodes.map(({ id }) => id)).toEqual(['root/1', 'child', 'grandchild'])
    expect(lineage.edges).toEqual([
      { from: 'root/1', to: 'child', grade: expect.any(String) },
      { from: 'child', to: 'grandchild', grade: expect.any(String) },
    ])
    expect(lineage.truncated).toBe(false)
    problemIn(await api.get('/v1/credentials/nope/lineage'), 404)
  })
})

describe('detectors', () => {
  it('are all listed', async () => {
    const { items } = await shaped(DetectorList, api.get('/v1/detectors'))
    expect(items.map(({ id }) => id)).toEqual(detectors.map(({ id }) => id))
  })

  it('show their options with defaults, and their frameworks with titles', async () => {
    const page = await shaped(Detector, api.get('/v1/detectors/credential-replay'))
    expect(page.options).toEqual(detectors.find(({ id }) => id === 'credential-replay')?.options.parse({}))
    expect(page.options_schema).toMatchObject({ type: 'object' })
    for (const { title, framework } of page.frameworks) expect([title, framework]).not.toContain('')
  })

  it('unknown are a problem that names those there are', async () => {
    expect(problemIn(await api.get('/v1/detectors/nope'), 404)['detail']).toContain('lateral-movement')
  })
})

describe('what was refused', () => {
  it('is listed with its place and reason, never the record', async () => {
    const { items } = await shaped(RejectedPage, api.get('/v1/rejected?tenant=default'))
    expect(items.map(({ line, reason }) => `${reason}@${line}`).sort()).toEqual([
      'missing_field@2',
      'not_json@1',
      'truncated@3',
    ])
  })

  it.each([
    ['tenant=other', 1],
    ['tenant=default&reason=not_json', 1],
    ['tenant=default&reason=bad_time', 0],
    ['tenant=default&until=2026-11-20T09:00:00Z', 0],
  ])('narrowed by %s', async (query, count) => {
    expect((await shaped(RejectedPage, api.get(`/v1/rejected?${query}`))).items).toHaveLength(count)
  })

  it('refuses a bad cursor', async () => {
    problemIn(await api.get('/v1/rejected?cursor=nonsense'), 400)
  })
})

describe('what could not be seen', () => {
  it('is listed', async () => {
    const fresh = service()
    await fresh.post(ndjson(wire('future', { time: '2026-11-21T09:00:00Z' })))
    const { items } = await shaped(CoveragePage, fresh.get('/v1/coverage'))
    expect(items.map(({ what }) => what)).toContain('clock_skew')
    expect((await shaped(CoveragePage, fresh.get('/v1/coverage?what=fault'))).items).toEqual([])
    problemIn(await fresh.get('/v1/coverage?what=nope'), 400)
  })
})
