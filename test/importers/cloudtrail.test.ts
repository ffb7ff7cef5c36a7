import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeEvent } from '../../schemas/event.ts'
import { readArrivals } from '../../src/adapters/files/read-files.ts'
import type { AgentEvent } from '../../src/core/index.ts'
import { cloudtrail } from '../../src/importers/cloudtrail.ts'
import { importers } from '../../src/importers/index.ts'

const decode = { content: { key: new Uint8Array(32), retain: false } }
const at = { file: 'x.json', line: 1, tenant: 'default' }

async function read(name: string): Promise<readonly AgentEvent[]> {
  const found: AgentEvent[] = []
  const file = join(import.meta.dirname, '../fixtures/cloudtrail', name)
  for await (const arrival of readArrivals([file], { decode, importers })) {
    if (!arrival.ok) throw new Error(arrival.message)
    found.push(arrival.event)
  }
  return found
}

const record = (eventName: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  eventVersion: '1.08',
  eventID: 'id-1',
  eventTime: '2024-07-30T21:31:15Z',
  eventSource: 'ec2.amazonaws.com',
  eventName,
  awsRegion: 'eu-west-1',
  recipientAccountId: '111122223333',
  sourceIPAddress: '192.0.2.7',
  userAgent: 'aws-cli/2',
  userIdentity: {
    type: 'IAMUser',
    arn: 'arn:aws:iam::111122223333:user/ana',
    accountId: '111122223333',
    accessKeyId: 'AKIAEXAMPLE',
    userName: 'ana',
  },
  ...more,
})

function imported(value: unknown): AgentEvent {
  const [first] = cloudtrail.convert(value, at)
  if (first?.ok !== true) throw new Error(first?.message ?? 'nothing')
  const decoded = decodeEvent(first.value, decode)
  if (!decoded.ok) throw new Error(`${decoded.path}: ${decoded.message}`)
  return decoded.event
}

describe('CloudTrail', () => {
  it("makes a role chain whole: the new key has the caller's as parent", async () => {
    const [assumed, left] = await read('assume-role.json')
    expect(assumed).toMatchObject({
      kind: 'credential',
      outcome: 'success',
      credential: {
        id: 'ASIA36EV31F1RB3OA8IG',
        parent_id: 'AKIADVISM0T50G52IF0D',
        action: 'assume_role',
        type: 'role_session',
      },
      attributes: { credential_in_use: 'AKIADVISM0T50G52IF0D' },
    })
    expect(left).toMatchObject({
      kind: 'tool_call',
      outcome: 'denied',
      error: 'AccessDenied',
      principal: { type: 'service' },
      delegation: [{ via: 'assume_role' }],
      tool_call: { name: 'organizations.LeaveOrganization', operation: 'admin', credential_id: 'ASIA36EV31F1RB3OA8IG' },
    })
    expect(JSON.stringify([assumed, left])).not.toContain('IQoJ')
  })

  it('reads of secrets name the secret, one event each', async () => {
    const events = await read('secrets.json')
    expect(events.every((event) => event.kind === 'credential' && event.credential.action === 'read')).toBe(true)
    expect(events).toHaveLength(12)
    expect(new Set(events.map((event) => event.id)).size).toBe(12)
    const ids = events.map((event) => (event.kind === 'credential' ? event.credential.id : ''))
    expect(ids[0]).toMatch(/^arn:aws:secretsmanager:.*:secret:stratus/)
    expect(ids[1]).toMatch(/^arn:aws:ssm:.*:parameter\/credentials\/stratus-red-team\/credentials-1$/)
    expect(events.at(-1)).toMatchObject({ outcome: 'denied', credential: { type: 'password' } })
  })

  it('tells lasting authority and sharing apart from the rest', async () => {
    const [attached, key, , shared, trusted] = await read('lasting.json')
    expect(attached).toMatchObject({
      tool_call: { name: 'iam.AttachUserPolicy', operation: 'admin', resource: { type: 'user' } },
      attributes: { aws: { effect: 'authority', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' } },
    })
    expect(key).toMatchObject({ kind: 'credential', credential: { action: 'issue', type: 'api_key' } })
    expect(key).not.toHaveProperty('credential.parent_id')
    expect(shared).toMatchObject({
      tool_call: { destination: { id: '098797384747', type: 'account', external: true } },
    })
    expect(trusted).toMatchObject({
      tool_call: { destination: { id: '193672423079' } },
      attributes: { aws: { targets: ['193672423079'] } },
    })
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['DescribeInstances', { readOnly: true }, 'read'],
    ['ListBuckets', { readOnly: true }, 'list'],
    ['InvokeModel', { readOnly: true, eventSource: 'bedrock.amazonaws.com' }, 'execute'],
    ['RunInstances', { readOnly: false }, 'create'],
    ['TerminateInstances', {}, 'delete'],
    ['SendEmail', { eventSource: 'ses.amazonaws.com' }, 'send'],
    ['StopLogging', { eventSource: 'cloudtrail.amazonaws.com' }, 'admin'],
    ['SomethingNew', {}, 'execute'],
  ])('%s is told by verb', (name, more, operation) => {
    expect(imported(record(name, more))).toMatchObject({ kind: 'tool_call', tool_call: { operation } })
  })

  it("a call by a service on a principal's behalf is that principal's, and no new place", () => {
    const event = imported(
      record('DescribeInstances', {
        sourceIPAddress: 'AWS Internal',
        userIdentity: {
          type: 'AssumedRole',
          arn: 'arn:aws:sts::111122223333:assumed-role/r/s',
          invokedBy: 'cloudformation.amazonaws.com',
        },
      }),
    )
    expect(event.agent).toMatchObject({ id: 'arn:aws:sts::111122223333:assumed-role/r/s' })
    expect(event.agent).not.toHaveProperty('ip')
  })

  it.each<[string, Record<string, unknown>, string | undefined]>([
    [
      'everyone by a bucket policy',
      {
        eventName: 'PutBucketPolicy',
        requestParameters: { bucketName: 'b', bucketPolicy: { Statement: [{ Effect: 'Allow', Principal: '*' }] } },
      },
      '*',
    ],
    [
      'an account by a key grant',
      {
        eventName: 'CreateGrant',
        requestParameters: { granteePrincipal: 'arn:aws:iam::444455556666:root', keyId: 'k' },
      },
      '444455556666',
    ],
    [
      'everyone by an access list',
      { eventName: 'PutBucketAcl', requestParameters: { bucketName: 'b', 'x-amz-acl': ['public-read'] } },
      '*',
    ],
    [
      'its own account',
      { eventName: 'CreateGrant', requestParameters: { granteePrincipal: 'arn:aws:iam::111122223333:role/r' } },
      undefined,
    ],
    [
      'nobody by denying',
      {
        eventName: 'PutBucketPolicy',
        requestParameters: { bucketPolicy: { Statement: { Effect: 'Deny', Principal: '*' } } },
      },
      undefined,
    ],
  ])('sharing with %s', (_name, more, target) => {
    const event = imported(record('x', more))
    expect(event.kind === 'tool_call' ? event.tool_call.destination?.id : 'none').toBe(target)
  })

  it("a disabled key is revoked, and a temporary token's expiry is read", () => {
    const off = record('UpdateAccessKey', {
      eventSource: 'iam.amazonaws.com',
      requestParameters: { accessKeyId: 'AKIAOLD', status: 'Inactive' },
    })
    expect(imported(off)).toMatchObject({ credential: { id: 'AKIAOLD', action: 'revoke' } })
    const token = record('GetSessionToken', {
      responseElements: { credentials: { accessKeyId: 'ASIANEW', expiration: 'Jul 30, 2024, 12:46:15 AM' } },
    })
    expect(imported(token)).toMatchObject({
      credential: { id: 'ASIANEW', action: 'issue', expires_at: '2024-07-30T00:46:15Z' },
    })
  })

  it('keeps fields that a newer version added', () => {
    expect(imported(record('X', { newField: { a: 1 } })).attributes).toMatchObject({ aws: { newField: { a: 1 } } })
  })

  it.each([
    null,
    5,
    [],
    {},
    { eventName: 1 },
    { eventName: 'x' },
    { eventName: 'x', eventTime: 'y', userIdentity: 7, requestParameters: [] },
  ])('never throws: %j', (value) => {
    for (const result of cloudtrail.convert(value, at)) if (result.ok) decodeEvent(result.value, decode)
  })
})
