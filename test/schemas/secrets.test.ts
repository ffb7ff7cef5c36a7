import { describe, expect, it } from 'vitest'
import { decodeEvent } from '../../schemas/event.ts'
import { createScrubber } from '../../schemas/secrets.ts'

const key = new Uint8Array(32).fill(7)
const scrub = (text: string): string => createScrubber(key).scrub(text)
const join = (...parts: readonly string[]): string => parts.join('')

/** Put together here, so that no scanner takes this file for a leak. */
const SECRETS = [
  join('gh', 'p_', 'a1'.repeat(18)),
  join('github', '_pat_', '11AAAAAAA0', 'b'.repeat(40)),
  join('xox', 'b-', '123456789012-abcdefABCDEF'),
  join('sk', '-proj-', 'Ab1'.repeat(12)),
  join('AI', 'za', 'B'.repeat(35)),
  join('sk', '_live_', '4eC39HqLyjWDarjtT1zdp7dc'),
  join('ey', 'JhbGciOiJIUzI1NiJ9', '.', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0', '.', 'dozjgNryP4J3jVmNHl0w5N'),
  join('-----BEGIN RSA ', 'PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA ', 'PRIVATE KEY-----'),
]

describe('what looks like a secret', () => {
  it.each(SECRETS.map((secret) => [secret.slice(0, 10), secret]))(
    '%s… is replaced wherever it stands',
    (_name, secret) => {
      expect(scrub(`token is ${secret} ok`)).toMatch(/^token is \[secret:[0-9a-f]{12}\] ok$/)
    },
  )

  it.each([
    ['postgres://app:hunter2hunter@db.example/x', 'hunter2hunter'],
    ['Authorization: Bearer abcdef1234567890abcdef', 'abcdef1234567890abcdef'],
    ['curl -d password=correcthorse9 https://example.org', 'correcthorse9'],
    ['{"client_secret": "s3cr3t-value-1"}', 's3cr3t-value-1'],
  ])('%s loses only the secret', (text, secret) => {
    const clean = scrub(text)
    expect(clean).not.toContain(secret)
    expect(clean).toContain(text.slice(0, 5))
  })

  it('is the same fingerprint for the same secret, and under another key another', () => {
    const [secret = ''] = SECRETS
    expect(scrub(secret)).toBe(scrub(secret))
    expect(createScrubber(new Uint8Array(32)).scrub(secret)).not.toBe(scrub(secret))
  })

  it.each([
    'AKIAIOSFODNN7EXAMPLE',
    'arn:aws:iam::123456789012:user/task-runner-for-invoices',
    'the password: incorrect, try again',
    'disk-usage-report-for-the-whole-month',
    'https://example.org/a/b?c=d:e@f',
    'Bearer authentication-is-required',
    '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
  ])('%s is left alone', (text) => {
    expect(scrub(text)).toBe(text)
  })

  it('is counted on the event, in whatever field it was', () => {
    const [secret = ''] = SECRETS
    const decoded = decodeEvent(
      {
        id: 'e1',
        time: '2026-11-20T09:00:00Z',
        kind: 'credential',
        error: `bad ${secret}`,
        credential: { id: secret, resource: { id: `x/${secret}` } },
        attributes: { env: [{ password: 'hunter2!!' }], [secret]: 1 },
      },
      { content: { key, retain: false } },
    )
    const text = JSON.stringify(decoded)
    expect(text).not.toContain(secret)
    expect(text).not.toContain('hunter2')
    expect(decoded).toMatchObject({ ok: true, event: { attributes: { catenary_secrets: 5 } } })
  })
})
