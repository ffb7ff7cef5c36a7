import { describe, expect, it } from 'vitest'
import { isHighRisk, scopeCovers } from '../../detectors/scope-order.ts'

describe('a granted scope', () => {
  it.each([
    ['invoices:admin', 'invoices:read'],
    ['mail.*', 'mail.send'],
    ['repo', 'repo:status'],
    ['admin:org', 'read:org'],
    ['Mail.ReadWrite', 'Mail.Read'],
    ['https://www.googleapis.com/auth/drive', 'https://www.googleapis.com/auth/drive.readonly'],
    ['s3:Get*', 's3:GetObject'],
    ['*', 'anything:at-all'],
  ])('%s covers %s', (granted, wanted) => {
    expect(scopeCovers(granted, wanted)).toBe(true)
    expect(scopeCovers(wanted, granted)).toBe(false)
  })

  it.each([
    ['invoices:read', 'payroll:read'],
    ['contacts:read', 'contacts'],
    ['unknown', 'other'],
  ])('%s does not cover %s', (granted, wanted) => {
    expect(scopeCovers(granted, wanted)).toBe(false)
  })
})

describe('high risk', () => {
  it.each(['*', 'iam:PassRole', 'admin:org', 'payroll:admin', 'Directory.ReadWrite.All', 'https://mail.google.com/'])(
    'is %s',
    (scope) => {
      expect(isHighRisk(scope)).toBe(true)
    },
  )

  it.each(['contacts:read', 'openid', 'User.Read', 'read:user'])('is not %s', (scope) => {
    expect(isHighRisk(scope)).toBe(false)
  })
})
