import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { frameworkOf } from '../../../detectors/frameworks.ts'
import { CloudEvent } from '../../../schemas/cloud-events.ts'
import { formatsOf } from '../../../schemas/forward/formats.ts'
import { sampleAlert } from '../../../schemas/forward/sample.ts'
import { SENTINEL_COLUMNS, sentinelRow } from '../../../schemas/forward/sentinel.ts'
import { slackMessage } from '../../../schemas/forward/slack.ts'
import { analyzeFiles } from '../../../src/main.ts'
import type { Parcel } from '../../../src/ports/index.ts'
import { parcel } from '../../kit/parcels.ts'

const formats = formatsOf({ frameworkOf, version: '1.2.3' })

/** Alerts of the example, made up ones, and one with as little in it as there can be. */
async function parcels(): Promise<readonly Parcel[]> {
  const { alerts } = await analyzeFiles({ files: ['test/fixtures/example.ndjson'] })
  expect(alerts.length).toBeGreaterThan(0)
  const bare = {
    principal: null,
    agentIds: [],
    credentialIds: [],
    frameworks: ['unknown'],
    respond: [],
    evidence: [],
    terms: {},
    confidence: 0.3,
    score: 12.5,
  }
  return [
    ...alerts.map((alert) => parcel(alert)),
    parcel(sampleAlert(Date.UTC(2026, 10, 20))),
    parcel({ revision: 2 }, 'open'),
    parcel({ revision: 3, status: 'retracted', reason: 'it was approved' }, 'open'),
    parcel(bare),
    ...(['info', 'low', 'medium', 'critical'] as const).map((severity) => parcel({ severity })),
    parcel({ frameworks: ['T1078.004', 'AML.T0051', 'ASI03'] }),
  ]
}

describe('OCSF', () => {
  // Made from the schema of the release 1.8.0 with ocsf-json-schema 1.2.0 (PyPI): Detection Finding, its objects in it.
  const schema = JSON.parse(
    gunzipSync(readFileSync('test/fixtures/ocsf/detection_finding-1.8.0.json.gz')).toString('utf8'),
  ) as object
  const validate = new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile(schema)

  it('is a Detection Finding by the published schema', async () => {
    for (const one of await parcels()) {
      const finding: unknown = JSON.parse(formats.ocsf.write(one))
      expect([one.alert.id, validate(finding), validate.errors]).toEqual([one.alert.id, true, null])
    }
  })

  it('is refused by the schema where something is wrong', () => {
    const finding = JSON.parse(formats.ocsf.write(parcel())) as Record<string, unknown>
    expect(validate({ ...finding, severity_id: 9 })).toBe(false)
    expect(validate({ ...finding, finding_info: {} })).toBe(false)
    expect(validate({ ...finding, more: 1 })).toBe(false)
  })

  it('is made, updated and closed under one uid', () => {
    const told = (one: Parcel) => JSON.parse(formats.ocsf.write(one)) as Record<string, unknown>
    expect(told(parcel())).toMatchObject({
      activity_id: 1,
      type_uid: 200_401,
      status_id: 1,
      finding_info: { uid: 'al1' },
    })
    expect(told(parcel({ revision: 2 }, 'open'))).toMatchObject({
      activity_id: 2,
      type_uid: 200_402,
      metadata: { uid: 'al1-2' },
    })
    const closed = told(parcel({ revision: 3, status: 'retracted', reason: 'approved' }, 'open'))
    expect(closed).toMatchObject({
      activity_id: 3,
      status_id: 4,
      status_detail: 'approved',
      finding_info: { uid: 'al1' },
    })
  })
})

describe('CloudEvents', () => {
  it('have every attribute that is required, and say what happened', async () => {
    for (const one of await parcels()) {
      const event = JSON.parse(formats.cloudevents.write(one)) as Record<string, unknown>
      expect(event).toMatchObject({
        specversion: '1.0',
        id: `${one.alert.id}-${one.alert.revision}`,
        subject: one.alert.id,
      })
      expect(CloudEvent.shape.time.safeParse(event['time']).success).toBe(true)
      expect(() => new URL(String(event['source']), 'http://x')).not.toThrow()
    }
    const typeOf = (one: Parcel) => (JSON.parse(formats.cloudevents.write(one)) as { type: string }).type
    expect(typeOf(parcel())).toBe('catenary.alert.raised')
    expect(typeOf(parcel({ revision: 2 }))).toBe('catenary.alert.revised')
    expect(typeOf(parcel({ revision: 2, status: 'retracted' }))).toBe('catenary.alert.retracted')
  })
})

describe('every format', () => {
  it('is one line, with the id of the alert in it', async () => {
    for (const one of await parcels())
      for (const { write } of Object.values(formats)) {
        const line = write(parcel({ ...one.alert, summary: 'two\nlines\r\u2028' }))
        expect(line).not.toMatch(/[\r\n]/)
        expect(line).toContain(one.alert.id)
      }
  })
})

describe('a row of Sentinel', () => {
  it('has the columns that its stream declares, each of its type', async () => {
    const fits = { string: 'string', int: 'number', real: 'number', datetime: 'string', dynamic: 'object' } as const
    for (const one of await parcels()) {
      const row = sentinelRow(one, frameworkOf)
      expect(Object.keys(row)).toEqual(Object.keys(SENTINEL_COLUMNS))
      for (const [name, type] of Object.entries(SENTINEL_COLUMNS)) {
        const value = row[name as keyof typeof row]
        if (value !== null) expect([name, typeof value]).toEqual([name, fits[type]])
      }
    }
  })
})

describe('a message of Slack', () => {
  it('keeps to its limits, and mentions nobody', () => {
    const text = `<!channel> <@U1> <https://evil.example|click> ${'x'.repeat(5_000)}`
    const message = JSON.stringify(
      slackMessage(parcel({ title: text, summary: text, respond: [text], workflowId: text })),
    )
    expect(message).not.toMatch(/"mrkdwn","text":"[^"]*<[!@h]/)
    expect((slackMessage(parcel({ title: text })) as { text: string }).text).toContain('&lt;!channel&gt;')
    const { attachments } = JSON.parse(message) as {
      attachments: { blocks: { type: string; text?: { text: string }; fields?: { text: string }[] }[] }[]
    }
    for (const { type, text: shown, fields = [] } of attachments[0]?.blocks ?? []) {
      expect(shown?.text.length ?? 0).toBeLessThanOrEqual(type === 'header' ? 150 : 3_000)
      for (const field of fields) expect(field.text.length).toBeLessThanOrEqual(2_000)
    }
  })

  it('says that an alert was taken back', () => {
    const message = JSON.stringify(
      slackMessage(parcel({ revision: 2, status: 'retracted', reason: 'approved' }, 'open')),
    )
    expect(message).toContain('TAKEN BACK: A task climbed (revision 2, was open)')
    expect(message).toContain('*Why it changed*: approved')
  })
})
