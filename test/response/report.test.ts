import { beforeAll, describe, expect, it } from 'vitest'
import { frameworkOf } from '../../detectors/frameworks.ts'
import { blastRadius } from '../../src/response/blast-radius.ts'
import { containmentPlan } from '../../src/response/containment.ts'
import { type Dossier, gather } from '../../src/response/gather.ts'
import { reportOn } from '../../src/response/report.ts'
import { reportHtml } from '../../src/response/report-html.ts'
import { reportMarkdown } from '../../src/response/report-markdown.ts'
import { stixBundle } from '../../src/response/stix.ts'
import { NOW, ndjson, service } from '../api/kit.ts'

/** What an attacker would like to see in a report. */
const EVIL = '"><script>alert(1)</script>|**bold** [x](javascript:1)\n# head'
let dossier: Dossier

const call = (id: string, second: number, tool: object): object => ({
  id,
  time: `2026-11-20T09:00:${String(second).padStart(2, '0')}Z`,
  kind: 'tool_call',
  source: 'test',
  workflow_id: 'wf-1',
  agent: { id: `bot ${EVIL}` },
  outcome: 'success',
  tool_call: tool,
})

beforeAll(async () => {
  const { post, store } = service()
  await post(
    ndjson(
      {
        ...call('start', 0, {}),
        kind: 'workflow',
        workflow: { action: 'start', task: 't', scopes: ['crm:read'], tools: ['crm.read'] },
      },
      ...Array.from({ length: 80 }, (_, i) =>
        call(`e${i}`, 1 + Math.floor(i / 2), { name: 'crm.read', operation: 'read', resource: { id: `crm/${i}` } }),
      ),
      call('read', 50, {
        name: 'vault.read',
        operation: 'read',
        resource: { id: EVIL, type: 'secret', zone: 'prod', sensitivity: 'restricted' },
      }),
      call('sent', 51, {
        name: 'payroll.export',
        operation: 'send',
        credential_id: 'key-1',
        scopes: ['payroll:admin'],
        resource: { id: 'payroll/all', zone: 'prod', sensitivity: 'restricted' },
        destination: { id: 'https://paste.example/x', type: 'url', external: true },
      }),
    ),
  )
  dossier = await gather(store, { kind: 'workflow', tenant: 'default', id: 'wf-1' })
  expect(dossier.alerts).not.toHaveLength(0)
})

const radiusOf = () => blastRadius(dossier, NOW)
const actionsOf = () => containmentPlan(radiusOf(), dossier)
const reportOf = () => reportOn(dossier, radiusOf(), actionsOf())

describe('a report', () => {
  it('shows the guilty steps with their neighbours, and how many lie between', () => {
    const { path } = reportOf()
    const shown = path.map((stop) => ('skipped' in stop ? stop.skipped : stop.step.event.id))
    expect(shown).toEqual([80, 'e79', 'read', 'sent'])
    const guilty = reportOf().sections[0]?.rows.filter(({ isMarked }) => isMarked)
    expect(guilty?.map(({ cells }) => cells[2])).toEqual(
      expect.arrayContaining([expect.stringContaining('payroll.export')]),
    )
  })

  it('is Markdown that no event can format', () => {
    const text = reportMarkdown(reportOf())
    expect(text).not.toContain('<script>')
    expect(text).not.toMatch(/^# head/m)
    expect(text).toContain('\\*\\*bold\\*\\*')
    for (const line of text.split('\n').filter((one) => one.startsWith('| ')))
      expect([6, 7]).toContain(line.split(/(?<!\\)\|/).length)
    expect(text).toMatch(/1\. \*\*stop-agent\*\*/)
  })

  it('is a page that loads nothing and runs nothing, whatever events say', () => {
    const page = reportHtml(reportOf())
    expect(page).not.toMatch(/<script|javascript:[^<]*>|<img|<link|@import|src=/)
    expect(page).toContain('&lt;script&gt;')
    expect(page).toContain("default-src 'none'")
    expect(page.match(/class="guilty"/g)?.length).toBeGreaterThan(0)
  })
})

describe('a STIX bundle', () => {
  it('names who acted, what was sighted, where things went and what to do, in one grouping', () => {
    const bundle = stixBundle(radiusOf(), dossier.alerts, actionsOf(), frameworkOf)
    const objects = bundle['objects'] as readonly Record<string, unknown>[]
    const ids = objects.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const types = new Set(objects.map(({ type }) => type))
    expect([...types].sort()).toEqual([
      'attack-pattern',
      'course-of-action',
      'grouping',
      'identity',
      'note',
      'observed-data',
      'sighting',
      'software',
      'url',
    ])
    expect(objects.find(({ type }) => type === 'url')).toMatchObject({ value: 'https://paste.example/x' })
    const refs = objects.flatMap((one) =>
      Object.entries(one).flatMap(([key, value]) =>
        key.endsWith('_ref') || key.endsWith('_refs') ? [value].flat() : [],
      ),
    )
    expect(refs.filter((ref) => !ids.includes(ref))).toEqual([])
  })

  it('is the same each time it is made', () => {
    const make = () => stixBundle(radiusOf(), dossier.alerts, actionsOf(), frameworkOf)
    expect(make()).toEqual(make())
  })
})
