import { arnOf, atPath, fieldsOf, given, itemsOf, type Trail, textOf, zoneOf } from './cloudtrail-record.ts'
import { RESOURCE_PARAMETERS } from './cloudtrail-tables.ts'
import { type Fields, isFields } from './importer.ts'

/** What a call is about: by a parameter that is known to name it, else by CloudTrail's own `resources`, else by the first name. */
export function resourceOf(trail: Trail): Fields | null {
  const found = byParameter(trail) ?? byResources(trail) ?? byList(trail) ?? byAnyName(trail) ?? byMessage(trail)
  return found === null ? null : given({ ...found, zone: zoneOf(trail) })
}

function byParameter(trail: Trail): Fields | null {
  for (const parameter of RESOURCE_PARAMETERS) {
    const name = textOf(trail.request, parameter.name)
    if (name === null) continue
    const key = parameter.name === 'bucketName' ? textOf(trail.request, 'key') : null
    if (key !== null) return { id: `${arnOf(parameter.arn, name, trail)}/${key}`, type: 'object' }
    if (parameter.name === 'userName' && trail.service !== 'iam') return { id: name, type: 'user' }
    return { id: arnOf(parameter.arn, name, trail), type: parameter.type }
  }
  return null
}

function byResources(trail: Trail): Fields | null {
  for (const item of itemsOf(trail.record['resources'])) {
    if (!isFields(item)) continue
    const id = textOf(item, 'ARN') ?? textOf(item, 'arn')
    if (id !== null) return { id, type: typeOf(textOf(item, 'type')) ?? trail.service }
  }
  return null
}

/** `AWS::S3::Bucket` → `bucket`. */
const typeOf = (type: string | null): string | null => type?.split('::').at(-1)?.toLowerCase() ?? null

function byList(trail: Trail): Fields | null {
  const instances = itemsOf(trail.request?.['instancesSet'] ?? trail.request?.['instanceIds'])
  const first = instances[0]
  const id = isFields(first) ? (textOf(first, 'instanceId') ?? textOf(first, 'imageId')) : first
  if (typeof id !== 'string') return null
  const isImage = id.startsWith('ami-')
  return isImage
    ? { id: `arn:${trail.partition}:ec2:${trail.region ?? ''}::image/${id}`, type: 'image' }
    : { id: arnOf('arn:partition:ec2:region:account:instance/{}', id, trail), type: 'instance' }
}

function byAnyName(trail: Trail): Fields | null {
  for (const source of [trail.request, trail.response]) {
    for (const [name, value] of Object.entries(source ?? {})) {
      if (typeof value !== 'string' || value === '' || /^(?:clientToken|requestId|nextToken)$/i.test(name)) continue
      const found = /^(.*?)_?(?:arn|id|identifier|name)$/i.exec(name)
      if (found !== null) return { id: value, type: kebab(found[1] ?? '') || trail.service }
    }
  }
  return null
}

/** A refusal that names no parameters still says what was refused: `… on resource: arn:…`. */
function byMessage(trail: Trail): Fields | null {
  const id = /on resource: (arn:[^\s"]+)/.exec(textOf(trail.record, 'errorMessage') ?? '')?.[1]
  return id === undefined ? null : { id, type: /:role\//.test(id) ? 'role' : trail.service }
}

const kebab = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()

/** The accounts (`*`: everyone) that a call gives something to, other than its own. At most 20. */
export function targetsOf(trail: Trail): readonly string[] {
  const found = [...byGrantList(trail), ...byPolicy(trail), ...byFlag(trail)].map(accountOf)
  const own = new Set([trail.account, textOf(trail.identity, 'accountId')])
  return [...new Set(found)].filter((id): id is string => id !== null && !own.has(id)).slice(0, 20)
}

/** Lists of accounts and groups that permissions are added for. */
function byGrantList(trail: Trail): readonly unknown[] {
  const { request } = trail
  const added = ['createVolumePermission', 'launchPermission', 'loadPermission'].flatMap((name) =>
    itemsOf(atPath(request, name, 'add')).map((item) => (isFields(item) ? (item['userId'] ?? item['group']) : null)),
  )
  const plain = [
    'valuesToAdd',
    'userIds',
    'aWSAccountIds',
    'awsAccountIds',
    'accountIds',
    'addAllowedPrincipals',
    'principals',
  ]
  const named = ['principal', 'granteePrincipal', 'peerOwnerId', 'accountWithRestoreAccess', 'awsAccountId']
  if (trail.call === 'TransferDomainToAnotherAwsAccount') return [request?.['accountId']]
  if (trail.call === 'PutTargets')
    return itemsOf(request?.['targets']).map((item) => (isFields(item) ? ownerOf(item['arn']) : null))
  const isSharing = /^(?:AddPermission|AddLayer|Modify|CreateGrant|Create.*Peering|Authorize|.*ResourceShare)/.test(
    trail.call,
  )
  if (!isSharing) return added
  return [...added, ...plain.flatMap((name) => itemsOf(request?.[name])), ...named.map((name) => request?.[name])]
}

/** The account in an ARN, where one stands. */
const ownerOf = (arn: unknown): unknown =>
  typeof arn === 'string' ? /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn)?.[1] : null

const POLICY_FIELDS = [
  'policyDocument',
  'assumeRolePolicyDocument',
  'bucketPolicy',
  'policy',
  'resourcePolicy',
  'policyText',
]

/** The principals that the `Allow` statements of a resource's or role's policy name. */
function byPolicy(trail: Trail): readonly unknown[] {
  const attributes = fieldsOf(trail.request, 'attributes')
  const candidates = [
    ...POLICY_FIELDS.map((name) => trail.request?.[name]),
    attributes?.['Policy'],
    trail.request?.['attributeName'] === 'Policy' ? trail.request['attributeValue'] : null,
  ]
  return candidates.flatMap((candidate) => principalsOf(parsed(candidate)))
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !value.includes('{')) return value
  try {
    return JSON.parse(value)
  } catch {
    return null
  }
}

function principalsOf(policy: unknown): readonly unknown[] {
  if (!isFields(policy)) return []
  const statement = policy['Statement']
  const statements = Array.isArray(statement) ? statement : [statement]
  return statements.flatMap((item) => {
    if (!isFields(item) || item['Effect'] !== 'Allow') return []
    const principal = item['Principal']
    const aws = isFields(principal) ? principal['AWS'] : principal
    return Array.isArray(aws) ? aws : [aws]
  })
}

/** Access lists and switches that open something to everyone. */
function byFlag(trail: Trail): readonly unknown[] {
  const acl = JSON.stringify([
    trail.request?.['x-amz-acl'],
    trail.request?.['AccessControlPolicy'],
    trail.request?.['accessControlList'],
  ])
  if (/public-read|authenticated-read|groups\/global\/(?:AllUsers|AuthenticatedUsers)/.test(acl)) return ['*']
  if (trail.request?.['projectVisibility'] === 'PUBLIC_READ') return ['*']
  return trail.call.endsWith('FunctionUrlConfig') && trail.request?.['authType'] === 'NONE' ? ['*'] : []
}

function accountOf(principal: unknown): string | null {
  if (typeof principal !== 'string') return null
  if (principal === '*' || principal === 'all') return '*'
  if (/^\d{12}$/.test(principal)) return principal
  return /^arn:[a-z-]+:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1] ?? null
}

/** Network ranges open to everyone that a security-group call adds. */
export function isOpenToAll(trail: Trail): boolean {
  return trail.request !== null && /"(?:0\.0\.0\.0\/0|::\/0|[\d.]+\/0)"/.test(JSON.stringify(trail.request))
}
