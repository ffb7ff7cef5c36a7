import { arnOf, atPath, fieldsOf, given, itemsOf, type Trail, textOf, zoneOf } from './cloudtrail-record.ts'
import { type Fields, isFields } from './importer.ts'

const ISSUES: ReadonlySet<string> = new Set(['GetSessionToken', 'GetFederationToken', 'GetCredentialsForIdentity'])

/** The `credential` objects a call amounts to: made, derived, read or revoked. None: the call is a `tool_call`. */
export function credentialsOf(trail: Trail, client: Fields): readonly Fields[] {
  const changed = derived(trail) ?? issued(trail) ?? revoked(trail)
  const found = changed === null ? secretsRead(trail) : [changed]
  return found.map((credential) => given({ ...credential, client }))
}

/** Temporary credentials in the response of `AssumeRole*`, `GetSessionToken` and their kin. */
function derived(trail: Trail): Fields | null {
  const credentials =
    fieldsOf(trail.response, 'credentials') ??
    fieldsOf(trail.response, 'roleCredentials') ??
    (itemsOf(atPath(trail.response, 'credentialSet'))
      .map((item) => (isFields(item) ? item['credentials'] : null))
      .find(isFields) as Fields | undefined)
  const id = textOf(credentials, 'accessKeyId')
  if (id === null || trail.call === 'CreateAccessKey') return null
  const role = textOf(trail.request, 'roleArn')
  const subject = atPath(trail.response, 'assumedRoleUser', 'arn') ?? atPath(trail.response, 'federatedUser', 'arn')
  return given({
    id,
    type: trail.call.startsWith('Assume') ? 'role_session' : 'session_token',
    action: ISSUES.has(trail.call) ? 'issue' : 'assume_role',
    parent_id: trail.accessKeyId === id ? null : trail.accessKeyId,
    issuer: textOf(trail.record, 'eventSource'),
    subject: typeof subject === 'string' ? subject : (role ?? textOf(trail.identity, 'arn')),
    expires_at: expiryOf(credentials?.['expiration']),
    resource: role === null ? null : given({ id: role, type: 'role', zone: zoneOf(trail) }),
  })
}

/** A lasting access key; its id is a name, and the secret beside it is never in the record. */
function issued(trail: Trail): Fields | null {
  if (trail.call !== 'CreateAccessKey') return null
  const key = fieldsOf(trail.response, 'accessKey')
  const id = textOf(key, 'accessKeyId')
  if (id === null) return null
  const user = textOf(key, 'userName') ?? textOf(trail.request, 'userName') ?? textOf(trail.identity, 'userName')
  return given({ id, type: 'api_key', action: 'issue', issuer: 'iam.amazonaws.com', ...ownerOf(user, trail) })
}

function revoked(trail: Trail): Fields | null {
  const isOff = trail.call === 'UpdateAccessKey' && textOf(trail.request, 'status') === 'Inactive'
  const id = textOf(trail.request, 'accessKeyId')
  if (id === null || !(trail.call === 'DeleteAccessKey' || isOff)) return null
  return given({ id, type: 'api_key', action: 'revoke', ...ownerOf(textOf(trail.request, 'userName'), trail) })
}

function ownerOf(user: string | null, trail: Trail): Fields {
  if (user === null) return {}
  const id = arnOf('arn:partition:iam::account:user/{}', user, trail)
  return { subject: id, resource: given({ id, type: 'user', zone: zoneOf(trail) }) }
}

type Read = (trail: Trail) => readonly (readonly [id: string, type: string])[]

const SECRET_ARN = 'arn:partition:secretsmanager:region:account:secret:{}'
const PARAMETER_ARN = 'arn:partition:ssm:region:account:parameter{}'
const INSTANCE_ARN = 'arn:partition:ec2:region:account:instance/{}/password'

const one =
  (parameter: string, template: string, type: string): Read =>
  (trail) => [[arnOf(template, textOf(trail.request, parameter) ?? '*', trail), type]]

const parameters = (trail: Trail): readonly (readonly [string, string])[] => {
  if (trail.request?.['withDecryption'] !== true) return []
  const path = textOf(trail.request, 'path')
  const listed = itemsOf(trail.request['names']).filter((name) => typeof name === 'string')
  const name = textOf(trail.request, 'name') ?? (path === null ? null : `${path.replace(/\/$/, '')}/*`)
  const all = name === null ? listed : [name, ...listed]
  return all.map((item) => [arnOf(PARAMETER_ARN, item.startsWith('/') ? item : `/${item}`, trail), 'secret'])
}

/** Calls that hand a secret to the caller, by `service.Call`. */
const READS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['secretsmanager.GetSecretValue', one('secretId', SECRET_ARN, 'secret')],
  [
    'secretsmanager.BatchGetSecretValue',
    (trail) => {
      const ids = itemsOf(trail.request?.['secretIdList']).filter((id) => typeof id === 'string')
      return (ids.length === 0 ? ['*'] : ids).map((id) => [arnOf(SECRET_ARN, id, trail), 'secret'])
    },
  ],
  ['ssm.GetParameter', parameters],
  ['ssm.GetParameters', parameters],
  ['ssm.GetParametersByPath', parameters],
  ['ssm.GetParameterHistory', parameters],
  ['ec2.GetPasswordData', one('instanceId', INSTANCE_ARN, 'password')],
  [
    'ecr.GetAuthorizationToken',
    one('registryIds', 'arn:partition:ecr:region:account:authorization-token', 'access_token'),
  ],
  [
    'ecr-public.GetAuthorizationToken',
    one('', 'arn:partition:ecr-public:region:account:authorization-token', 'access_token'),
  ],
  [
    'codeartifact.GetAuthorizationToken',
    one('domain', 'arn:partition:codeartifact:region:account:domain/{}', 'access_token'),
  ],
  [
    'redshift.GetClusterCredentials',
    one('clusterIdentifier', 'arn:partition:redshift:region:account:cluster:{}', 'password'),
  ],
  [
    'redshift.GetClusterCredentialsWithIAM',
    one('clusterIdentifier', 'arn:partition:redshift:region:account:cluster:{}', 'password'),
  ],
  [
    'redshift-serverless.GetCredentials',
    one('workgroupName', 'arn:partition:redshift-serverless:region:account:workgroup/{}', 'password'),
  ],
  [
    'lightsail.GetInstanceAccessDetails',
    one('instanceName', 'arn:partition:lightsail:region:account:Instance/{}', 'ssh_key'),
  ],
  ['lightsail.DownloadDefaultKeyPair', one('', 'arn:partition:lightsail:region:account:KeyPair/default', 'ssh_key')],
  ['acm.ExportCertificate', one('certificateArn', 'arn:partition:acm:region:account:certificate/{}', 'certificate')],
  [
    'cognito-idp.DescribeUserPoolClient',
    one('clientId', 'arn:partition:cognito-idp:region:account:client/{}', 'secret'),
  ],
  ['apigateway.GetApiKey', one('apiKey', 'arn:partition:apigateway:region:account:apikeys/{}', 'api_key')],
])

function secretsRead(trail: Trail): readonly Fields[] {
  const read = READS.get(`${trail.service}.${trail.call}`)
  if (read === undefined) return []
  return read(trail).map(([id, type]) => ({
    id,
    type,
    action: 'read',
    resource: given({ id, type: 'secret', zone: zoneOf(trail) }),
  }))
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const TWO = (value: string | number): string => String(value).padStart(2, '0')

/** RFC 3339 of `Jul 30, 2024, 9:46:15 PM` (UTC), the way STS writes expiry; null for any other form. */
function expiryOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return value
  const found = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d):(\d\d)\s([AP])M$/.exec(value)
  if (found === null) return null
  const [, month = '', day = '', year = '', hour = '', minute = '', second = '', half = ''] = found
  const hours = (Number(hour) % 12) + (half === 'P' ? 12 : 0)
  return `${year}-${TWO(MONTHS.indexOf(month) + 1)}-${TWO(day)}T${TWO(hours)}:${minute}:${second}Z`
}
