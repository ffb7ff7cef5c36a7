import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AskedService, askedService, catenary, EXAMPLE, type Said } from '../kit/asked-service.ts'
import { objectsOf } from '../kit/program.ts'

const MINUTE = 60_000
let service: AskedService
let asAnalyst: Readonly<Record<string, string>>

beforeAll(async () => {
  service = await askedService()
  await service.send(EXAMPLE, 'acme')
  asAnalyst = { CATENARY_URL: service.url, CATENARY_API_KEY: await service.key('analyst', 'acme') }
}, 3 * MINUTE)
afterAll(() => service.stop())

const asked = (...argv: readonly string[]): Promise<Said> => catenary(['silences', ...argv], { env: asAnalyst })
const MATCH = ['--agent', 'billing-*', '--max-severity', 'critical']

describe('catenary silences', { timeout: 3 * MINUTE }, () => {
  it('are looked at before they are made, listed while they stand, and ended', async () => {
    const preview = await asked('preview', ...MATCH, '--days', '90')
    expect(preview).toMatchObject({ code: 0, err: '' })
    expect(preview.out).toMatch(/^\d+ open alerts since /)

    const made = await asked('add', ...MATCH, '--for', '7d', '--reason', 'CHG-1042', '--json')
    expect(made).toMatchObject({ code: 0, err: '' })
    const [silence] = objectsOf(made) as unknown as [{ id: string; status: string; expires_at: string }]
    expect(silence).toMatchObject({
      status: 'active',
      reason: 'CHG-1042',
      matches: { agent: 'billing-*', max_severity: 'critical' },
    })
    const days = (Date.parse(silence.expires_at) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(6.9)
    expect(days).toBeLessThan(7.1)

    expect((await asked('list', '--active', 'true')).out).toMatch(
      /active .*agent=billing-\* max_severity=critical.*CHG-1042/,
    )
    expect((await asked('show', silence.id)).out).toMatch(/reason\s+CHG-1042/)
    expect((await asked('remove', silence.id)).out).toContain(`${silence.id}  removed`)
    expect(objectsOf(await asked('list', '--active', 'true', '--json'))).toEqual([])
  })

  it.each([
    [['add', '--for', '7d', '--reason', 'x'], /say which alerts/],
    [['add', ...MATCH, '--reason', 'x'], /--for/],
    [['add', ...MATCH, '--for', 'ever', '--reason', 'x'], /30m, 12h or 7d/],
    [['add', ...MATCH, '--for', '7d'], /--reason/],
    [['remove', 'none'], /none/],
  ])('%j is refused, with what to mend', async (argv, why) => {
    const { code, err } = await asked(...argv)
    expect(code).toBe(2)
    expect(err).toMatch(why)
  })
})
