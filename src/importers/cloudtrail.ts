import { credentialsOf } from './cloudtrail-credential.ts'
import { effectIn } from './cloudtrail-effect.ts'
import { atPath, fieldsOf, given, readTrail, type Trail, textOf, zoneOf } from './cloudtrail-record.ts'
import { isOpenToAll, resourceOf, targetsOf } from './cloudtrail-resource.ts'
import { operationOf } from './cloudtrail-tables.ts'
import { type Fields, type ImportContext, type Imported, type Importer, isFields } from './importer.ts'

/**
 * AWS CloudTrail records.
 *
 * | CloudTrail | event |
 * |---|---|
 * | `eventID`, `eventTime`, `errorCode` | `id` (made from the place where it has none), `time`, `outcome` and `error` |
 * | `userIdentity.arn`, else `invokedBy` | `agent.id`; `sourceIPAddress` is `agent.ip`, unless a service called |
 * | `sessionContext.sourceIdentity`, `sessionIssuer` | `principal`, `delegation` |
 * | `userIdentity.accessKeyId` | `tool_call.credential_id`; `attributes.credential_in_use` on `credential` |
 * | `AssumeRole*`, `GetSessionToken`, … | `credential` `assume_role` or `issue`; `parent_id` is the caller's key |
 * | `GetSecretValue`, decrypting `GetParameter*`, … | `credential` `read`, one for each secret named |
 * | `CreateAccessKey`; `DeleteAccessKey` | `credential` `issue`; `revoke` |
 * | everything else | `tool_call` named `<service>.<eventName>`; what makes lasting authority is `admin` |
 * | accounts it shares with | `tool_call.destination`, `attributes.aws.targets` |
 * | `requestParameters`, `responseElements` | `arguments`, `result` (session tokens left out) |
 * | all other fields | `attributes.aws` |
 */
export const cloudtrail: Importer = {
  format: 'cloudtrail',
  sniff: (record) =>
    isFields(record) &&
    typeof record['eventName'] === 'string' &&
    (typeof record['eventSource'] === 'string' || typeof record['eventVersion'] === 'string') &&
    ('eventTime' in record || 'userIdentity' in record),
  convert: (record, at) => {
    if (!isFields(record)) return [refused('not_an_object', '', 'a CloudTrail record is one JSON object')]
    const eventName = textOf(record, 'eventName')
    if (eventName === null) return [missing('eventName')]
    if (textOf(record, 'eventTime') === null) return [missing('eventTime')]
    return eventsOf(readTrail(record, eventName), at)
  },
}

function refused(reason: 'not_an_object' | 'missing_field', path: string, message: string): Imported {
  return { ok: false, reason, path, message }
}

const missing = (path: string): Imported =>
  refused('missing_field', path, `"${path}" is missing; a CloudTrail record has it: export the record whole`)

function eventsOf(trail: Trail, at: ImportContext): readonly Imported[] {
  const envelope = envelopeOf(trail, at)
  const credentials = credentialsOf(trail, clientOf(trail))
  if (credentials.length === 0)
    return [{ ok: true, value: { ...envelope, kind: 'tool_call', tool_call: toolCallOf(trail) } }]
  return credentials.map((credential, index) => ({
    ok: true,
    value: {
      ...envelope,
      id: index === 0 ? envelope['id'] : `${String(envelope['id'])}#${index + 1}`,
      kind: 'credential',
      credential,
    },
  }))
}

function envelopeOf(trail: Trail, at: ImportContext): Fields {
  const { record } = trail
  const id = textOf(record, 'eventID')
  return given({
    id: id ?? `${at.file}#${at.line}${at.nth === undefined ? '' : `.${at.nth}`}`,
    time: timeOf(String(record['eventTime'])),
    source: 'aws.cloudtrail',
    agent: agentOf(trail),
    principal: principalOf(trail),
    delegation: delegationOf(trail),
    ...outcomeOf(trail),
    attributes: given({ aws: awsOf(trail), credential_in_use: trail.accessKeyId }),
  })
}

/** CloudTrail's times are UTC; lakes write them without saying so, as `2021-10-14 21:25:20.000000`. */
function timeOf(text: string): string {
  return /^\d{4}-\d\d-\d\d[ T][\d:]{8}(?:\.\d{1,9})?$/.test(text) ? `${text.replace(' ', 'T')}Z` : text
}

const DENIED =
  /AccessDenied|Unauthorized|NotAuthorized|Forbidden|AuthFailure|AuthorizationError|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch|UnrecognizedClient/i

function outcomeOf(trail: Trail): Fields {
  const error = textOf(trail.record, 'errorCode') ?? textOf(trail.record, 'errorMessage')
  if (error !== null) return { outcome: DENIED.test(error) ? 'denied' : 'failure', error: error.slice(0, 200) }
  const isFailed = Object.values(trail.response ?? {}).includes('Failure')
  return { outcome: isFailed ? 'failure' : 'success' }
}

const IP = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:.]+)$/i

/** Where the caller stood; nothing when a service of AWS called on its behalf, which is no place of its own. */
function clientOf(trail: Trail): Fields {
  const from = textOf(trail.record, 'sourceIPAddress')
  const isService = textOf(trail.identity, 'invokedBy') !== null
  return given({
    ip: !isService && from !== null && IP.test(from) ? from : null,
    user_agent: textOf(trail.record, 'userAgent'),
  })
}

function agentOf(trail: Trail): Fields {
  const { identity } = trail
  const service = textOf(identity, 'invokedBy')
  const id =
    textOf(identity, 'arn') ??
    service ??
    textOf(identity, 'principalId') ??
    textOf(identity, 'userName') ??
    textOf(identity, 'accountId') ??
    textOf(trail.record, 'eventSource') ??
    'unknown'
  return given({
    id,
    name: textOf(identity, 'userName') ?? textOf(issuerOf(trail), 'userName'),
    provider: 'aws',
    ip: clientOf(trail)['ip'],
    attestation: trail.accessKeyId === null ? null : { type: 'cloud-iam', verified: true },
  })
}

const issuerOf = (trail: Trail): Fields | null => fieldsOf(fieldsOf(trail.identity, 'sessionContext'), 'sessionIssuer')

function sourceIdentityOf(trail: Trail): string | null {
  return textOf(fieldsOf(trail.identity, 'sessionContext'), 'sourceIdentity') ?? textOf(trail.request, 'sourceIdentity')
}

function principalOf(trail: Trail): Fields | null {
  const { identity } = trail
  const person = sourceIdentityOf(trail) ?? atPath(identity, 'onBehalfOf', 'userId')
  if (typeof person === 'string' && person !== '') return { type: 'user', id: person }
  const issuer = issuerOf(trail)
  const id =
    textOf(issuer, 'arn') ?? textOf(identity, 'arn') ?? textOf(identity, 'invokedBy') ?? textOf(identity, 'principalId')
  if (id === null) return null
  const isUser = /^(?:IAMUser|Root|FederatedUser|SAMLUser|WebIdentityUser|IdentityCenterUser)$/.test(
    textOf(identity, 'type') ?? '',
  )
  return given({
    type: isUser ? 'user' : 'service',
    id,
    name: textOf(issuer, 'userName') ?? textOf(identity, 'userName'),
  })
}

function delegationOf(trail: Trail): readonly Fields[] | null {
  const source = sourceIdentityOf(trail)
  const issuer = issuerOf(trail)
  const issuerId = textOf(issuer, 'arn')
  const service = textOf(trail.identity, 'invokedBy')
  const created = atPath(trail.identity, 'sessionContext', 'attributes', 'creationDate')
  const at = typeof created === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(created) ? created : null
  const hops = [
    source === null ? null : { type: 'user', id: source, via: 'start' },
    issuerId === null
      ? null
      : given({ type: (textOf(issuer, 'type') ?? 'role').toLowerCase(), id: issuerId, via: 'assume_role', at }),
    service === null ? null : { type: 'service', id: service },
  ].filter((hop) => hop !== null)
  return hops.length === 0 ? null : hops
}

const TOLD = new Set(['eventID', 'eventTime', 'requestParameters', 'responseElements', 'userIdentity', 'errorCode'])

/** What the contract has no field for: the record's other fields under their own names, and facts made of it. */
function awsOf(trail: Trail): Fields {
  const { record, request, identity } = trail
  const rest = Object.fromEntries(Object.entries(record).filter(([name]) => !TOLD.has(name)))
  const targets = targetsOf(trail)
  const mfa =
    atPath(identity, 'sessionContext', 'attributes', 'mfaAuthenticated') ??
    atPath(record, 'additionalEventData', 'MFAUsed')
  const effect = effectIn(trail)
  return given({
    ...rest,
    errorMessage: textOf(record, 'errorMessage')?.slice(0, 500),
    effect,
    identityType: textOf(identity, 'type'),
    accountId: textOf(identity, 'accountId'),
    principalId: textOf(identity, 'principalId'),
    accessKeyId: trail.accessKeyId,
    sessionIssuer: textOf(issuerOf(trail), 'arn'),
    ec2RoleDelivery: atPath(identity, 'sessionContext', 'ec2RoleDelivery'),
    invokedBy: textOf(identity, 'invokedBy'),
    mfaUsed: typeof mfa === 'string' ? /^(?:true|yes)$/i.test(mfa) : null,
    policyArn: textOf(request, 'policyArn'),
    targets: targets.length === 0 ? null : targets,
    openToAll: effect === 'exposure' && isOpenToAll(trail) ? true : null,
  })
}

function toolCallOf(trail: Trail): Fields {
  const target = targetsOf(trail)[0]
  const operation = operationOf(trail.call, trail.record['readOnly'])
  return given({
    name: `${trail.service}.${trail.eventName}`,
    server: textOf(trail.record, 'eventSource'),
    operation,
    credential_id: trail.accessKeyId,
    resource: resourceOf(trail) ?? given({ type: trail.service, zone: zoneOf(trail) }),
    destination: target === undefined ? null : { id: target, type: 'account', external: true },
    arguments: trail.request ?? undefined,
    result: withoutTokens(trail.response),
  })
}

function withoutTokens(response: Fields | null): Fields | null {
  if (response === null) return null
  return Object.fromEntries(
    Object.entries(response).filter(([name]) => !/credentials|token|password|secret/i.test(name)),
  )
}
