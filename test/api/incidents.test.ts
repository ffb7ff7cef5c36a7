import { beforeAll, describe, expect, it } from 'vitest'
import { story, type Told } from '../../detectors/cases/story.ts'
import { AlertPage } from '../../schemas/api/alert.ts'
import { Incident, IncidentPage } from '../../schemas/api/incident.ts'
import { ndjson, problemIn, type Service, service, shaped, walk } from './kit.ts'

const secrets = (workflow: string, agent: string, second: number): readonly Told[] =>
  [1, 2, 3, 4].map((n) =>
    story(workflow, agent).calls(`${workflow}-${n}`, second + n, 'vault.read', {
      operation: 'read',
      resource: { id: `${workflow}/${n}`, type: 'secret' },
    }),
  )

const child = (workflow: string, parent: string): Told =>
  story(workflow, 'helper').start(`${workflow}-s`, 1, { parent_workflow_id: parent })

let api: Service
let linked = ''

beforeAll(async () => {
  api = service()
  await api.post(
    ndjson(
      ...secrets('wf-root', 'lead', 10),
      child('wf-quiet', 'wf-root'),
      child('wf-leaf', 'wf-quiet'),
      ...secrets('wf-leaf', 'helper', 100),
      ...secrets('wf-alone', 'loner', 200),
    ),
  )
  const { items } = await shaped(IncidentPage, api.get('/v1/incidents?workflow=wf-leaf'))
  linked = items[0]?.incident_id ?? ''
})

describe('the list of incidents', () => {
  it('shows alerts of linked chains as one, through a quiet chain between, last seen first', async () => {
    const { items, truncated } = await shaped(IncidentPage, api.get('/v1/incidents'))
    expect(items.map(({ workflow_ids }) => workflow_ids)).toEqual([['wf-alone'], ['wf-root', 'wf-leaf']])
    expect(items[1]?.ties).toMatchObject([{ by: 'link', grade: 'reported' }])
    expect(truncated).toBe(false)
  })

  it('goes on where a page ended', async () => {
    const pages = await walk(api, '/v1/incidents?limit=1')
    expect(pages.map(({ items }) => items[0]?.['workflow_ids'])).toEqual([['wf-alone'], ['wf-root', 'wf-leaf']])
  })

  it.each([
    ['agent=loner', 1],
    ['agent=nobody', 0],
    ['workflow=wf-quiet', 0],
    ['detector=secret-harvest', 2],
    ['detector=rare-path', 0],
    ['min_severity=critical', 0],
    ['min_score=10', 2],
    ['min_score=99', 0],
    ['tenant=other', 0],
    ['until=2026-11-20T09:03:00Z', 1],
    ['since=2026-11-20T09:03:00Z', 1],
    ['credential=none', 0],
  ])('narrowed by %s', async (query, count) => {
    expect((await shaped(IncidentPage, api.get(`/v1/incidents?${query}`))).items).toHaveLength(count)
  })

  it.each(['cursor=nonsense', 'limit=0', 'status=open'])('refuses %s', async (query) => {
    problemIn(await api.get(`/v1/incidents?${query}`), 400)
  })
})

describe('one incident', () => {
  it('is what the list shows', async () => {
    const { items } = await shaped(IncidentPage, api.get('/v1/incidents'))
    for (const item of items) expect(await shaped(Incident, api.get(`/v1/incidents/${item.incident_id}`))).toEqual(item)
  })

  it('is found by the id that each of its alerts would give it', async () => {
    const { alert_ids } = await shaped(Incident, api.get(`/v1/incidents/${linked}`))
    expect(alert_ids).toHaveLength(2)
    for (const id of alert_ids)
      expect(await shaped(Incident, api.get(`/v1/incidents/inc-${id}`))).toMatchObject({ incident_id: linked })
  })

  it.each(['inc-none', 'none', 'inc-'])('is a problem for %s', async (id) => {
    problemIn(await api.get(`/v1/incidents/${id}`), 404)
  })

  it('is of one tenant', async () => {
    problemIn(await api.get(`/v1/incidents/${linked}?tenant=other`), 404)
  })
})

describe('alerts of an incident', () => {
  it('are those of the incident', async () => {
    const { alert_ids } = await shaped(Incident, api.get(`/v1/incidents/${linked}`))
    const { items } = await shaped(AlertPage, api.get(`/v1/alerts?incident_id=${linked}`))
    expect(items.map(({ alert_id }) => alert_id).sort()).toEqual([...alert_ids].sort())
    expect((await shaped(AlertPage, api.get(`/v1/alerts?incident_id=${linked}&agent=lead`))).items).toHaveLength(1)
    expect((await shaped(AlertPage, api.get('/v1/alerts?incident_id=inc-none'))).items).toEqual([])
  })
})
