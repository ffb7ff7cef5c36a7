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
    ['s3:*', 's3:PutObject'],
    ['full', 'chatter_api'],
    ['api', 'chatter_api'],
    ['cluster-admin', 'secrets:get'],
    ['edit', 'view'],
    ['apps/*:get', 'apps/deployments:get'],
    ['pods/*:create', 'pods/exec:create'],
    ['pods:deletecollection', 'pods:delete'],
    ['apps/*:patch', 'apps/deployments:update'],
  ])('%s covers %s', (granted, wanted) => {
    expect(scopeCovers(granted, wanted)).toBe(true)
    expect(scopeCovers(wanted, granted)).toBe(false)
  })

  it.each([
    ['invoices:read', 'payroll:read'],
    ['contacts:read', 'contacts'],
    ['unknown', 'other'],
    ['s3:Get*', 's3:PutObject'],
    ['api', 'web'],
    ['pods:create', 'pods/exec:create'],
    ['pods:delete', 'pods:deletecollection'],
    ['edit', 'secrets:get'],
  ])('%s does not cover %s', (granted, wanted) => {
    expect(scopeCovers(granted, wanted)).toBe(false)
  })
})

describe('high risk', () => {
  it.each([
    '*',
    'iam:PassRole',
    'admin:org',
    'payroll:admin',
    'Directory.ReadWrite.All',
    'https://mail.google.com/',
    'cluster-admin',
    'secrets:list',
    'core/pods/exec:create',
    'clusterroles:escalate',
    'rbac.authorization.k8s.io/rolebindings:create',
    'full',
  ])('is %s', (scope) => {
    expect(isHighRisk(scope)).toBe(true)
  })

  it.each(['contacts:read', 'openid', 'User.Read', 'read:user', 'pods:get', 'deployments:patch', 'chatter_api'])(
    'is not %s',
    (scope) => {
      expect(isHighRisk(scope)).toBe(false)
    },
  )
})
