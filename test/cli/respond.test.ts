import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'

const EXAMPLE = 'test/fixtures/example.ndjson'
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-respond-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function ended(...argv: readonly string[]): Promise<Ended> {
  let [out, err] = ['', '']
  const code = await run([...argv], {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    env: { CATENARY_DATA__PATH: folder },
  })
  return { code, out, err }
}

describe('a responder', () => {
  it('is told what an agent touched and still holds, with the steps that say so', async () => {
    const { code, out } = await ended('blast-radius', '--agent', 'billing-bot', EXAMPLE)
    expect(code).toBe(0)
    expect(out).toMatch(/vault\/prod\/payroll-admin \(restricted, prod, secret\) {2}read/)
    expect(out).toMatch(/https:\/\/paste\.example outside/)
    expect(out).toMatch(/credential key-payroll-admin {2}used, no known end .*payroll\.export/)
    expect(out).toContain('1 more are expired or revoked')
  })

  it('is told what to revoke, in order', async () => {
    const { out } = await ended('contain', '--workflow', 'wf-17', EXAMPLE)
    expect(out.match(/^ ?\d+\. .*/gm)).toEqual([
      ' 1. stop-agent agent billing-bot',
      ' 2. revoke-credential credential key-payroll-admin',
      ' 3. rotate-secret resource vault/prod/payroll-admin',
    ])
  })

  it('writes a report that only its owner may read', async () => {
    const file = join(folder, 'incident.html')
    expect(await ended('report', '--workflow', 'wf-17', '--format', 'html', '--out', file, EXAMPLE)).toMatchObject({
      code: 0,
      out: '',
    })
    expect(readFileSync(file, 'utf8')).toContain('<svg')
    expect(statSync(file).mode & 0o077).toBe(0)
  })

  it('is told to name whose path, and what there is when it is unknown', async () => {
    const none = await ended('contain', EXAMPLE)
    expect(none).toMatchObject({ code: 2, err: expect.stringContaining('give one of --alert, --workflow, --agent') })
    expect((await ended('contain', '--agent', 'a', '--workflow', 'w', EXAMPLE)).code).toBe(2)
    const unknown = await ended('report', '--agent', 'nobody', EXAMPLE)
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('there are billing-bot') })
    expect((await ended('blast-radius', '--agent', 'billing-bot', '--at', 'soon', EXAMPLE)).err).toContain('is no time')
  })
})

describe('catenary replay --from', () => {
  it('shows what came of a step and what led to it, with what flowed', async () => {
    const forward = await ended('replay', 'wf-17', '--from', 'e2', EXAMPLE)
    expect(forward.code).toBe(0)
    expect(forward.out).not.toContain('T09:00:00')
    expect(forward.out).toMatch(/← .* from .*\((reported|derived|inferred): /)
    const lines = (await ended('replay', 'wf-17', '--from', 'e5', '--back', '--json', EXAMPLE)).out.trim().split('\n')
    const objects = lines.map((line) => JSON.parse(line) as { type: string; step?: { event_id: string } })
    expect(objects.filter(({ type }) => type === 'frame').at(-1)?.step?.event_id).toBe('e5')
    expect(objects.map(({ type }) => type)).toContain('flow')
  })

  it('cuts the path of an agent at a step', async () => {
    const idsOf = ({ out }: Ended) =>
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { step: { event_id: string } }).step.event_id)
    const all = idsOf(await ended('replay', '--agent', 'billing-bot', '--json', EXAMPLE))
    const from = String(all[2])
    expect(idsOf(await ended('replay', '--agent', 'billing-bot', '--from', from, '--json', EXAMPLE))).toEqual(
      all.slice(2),
    )
    expect(idsOf(await ended('replay', '--agent', 'billing-bot', '--from', from, '--back', '--json', EXAMPLE))).toEqual(
      all.slice(0, 3),
    )
  })

  it('says what is wrong', async () => {
    const said = async (...argv: readonly string[]) => ended('replay', ...argv, EXAMPLE)
    expect(await said('wf-17', '--from', 'e99')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no such step'),
    })
    expect(await said('wf-17', '--back')).toMatchObject({ code: 2, err: expect.stringContaining('--from') })
    expect(await said('wf-none', '--from', 'e1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no workflow'),
    })
    expect((await said('wf-17', '--from', 'e3', '--back', '--forward')).code).toBe(2)
    expect((await ended('replay', 'wf-17', '--against', 'HEAD')).err).toContain('in files')
  })
})

describe('evidence', () => {
  const bundle = (): string => join(folder, 'evidence.json')

  beforeAll(async () => {
    expect((await ended('evidence', 'export', '--workflow', 'wf-17', '--out', bundle(), EXAMPLE)).code).toBe(0)
  })

  it('holds as it was signed, by the key that signed it', async () => {
    const printed = (await ended('evidence', 'key')).out
    const signer = printed.trim().split('\n').at(-1) ?? ''
    expect(signer).toMatch(/^SHA256:/)
    const { code, out } = await ended('evidence', 'verify', bundle(), '--key', signer)
    expect(code).toBe(0)
    expect(out).toMatch(/holds\. workflow wf-17, 6 steps, \d+ alerts/)
  })

  it('does not hold once a byte of it was changed', async () => {
    const envelope = JSON.parse(readFileSync(bundle(), 'utf8')) as { payload: string }
    const text = Buffer.from(envelope.payload, 'base64').toString().replace('payroll.export', 'payroll.import')
    const changed = join(folder, 'changed.json')
    writeFileSync(changed, JSON.stringify({ ...envelope, payload: Buffer.from(text).toString('base64') }))
    expect(await ended('evidence', 'verify', changed)).toMatchObject({
      code: 1,
      out: expect.stringContaining('the signature does not hold'),
    })
  })

  it('does not hold for another signer, nor when the file was cut', async () => {
    const other = await ended('evidence', 'verify', bundle(), '--key', 'SHA256:other')
    expect(other).toMatchObject({ code: 1, out: expect.stringContaining('not by SHA256:other') })
    const cut = join(folder, 'cut.json')
    writeFileSync(cut, readFileSync(bundle(), 'utf8').slice(0, -20))
    expect(await ended('evidence', 'verify', cut)).toMatchObject({ code: 1, out: expect.stringContaining('was cut') })
  })

  it('is told of a file that is not there', async () => {
    expect(await ended('evidence', 'verify', join(folder, 'none.json'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('none.json: cannot be read (ENOENT)'),
    })
  })
})
