import type { Severity, Step } from '../src/core/index.ts'
import { awsWord, isLook, type Reading } from './reading.ts'
import { wordsOf } from './words.ts'

/** What a step leaves behind, and how much that worries when nobody declared it. */
export interface Lasting {
  readonly role:
    | 'lasting-credential'
    | 'endless-token'
    | 'federation'
    | 'authority'
    | 'shared-outside'
    | 'exposure'
    | 'code-changed'
    | 'oauth-app'
  readonly severity: Severity
}

const KEYS: ReadonlySet<string> = new Set(['api_key', 'service_account_key', 'ssh_key', 'certificate', 'password'])
const TOKENS: ReadonlySet<string> = new Set(['access_token', 'refresh_token', 'jwt', 'session_token'])
/** A key that ends later than this may as well have no end. */
const YEAR = 366 * 86_400_000

/** Making, changing or handing out authority, as whole words of a tool's name. */
const MAKES =
  /\b(?:create|add|attach|put|update|set|grant|assign|register|upload|enable|schedule|generate|issue|invite|new|insert|provision|bind|import)\b/
const AUTHORITY =
  /\b(?:(?:access|api|deploy|ssh|signing|service account) keys?|service (?:account|principal)s?|login profiles?|personal access tokens?|client secrets?|(?:oauth|enterprise) apps?|(?:app|application) (?:registration|secret|password|credential)s?|role (?:binding|assignment|policy|policies)|trust (?:policy|policies|anchor|relationship)s?|assume role policy|iam|user policy|(?:admin|owner) (?:role|user|access|member|permission)s?|cron ?jobs?|scheduled (?:task|job|workflow)s?|startup scripts?|authorized keys?)\b/
const USERS = /\b(?:create|provision|new|add) (?:iam |admin |service |system )?users?$/

/** What a step leaves behind after the chain is over; null where it leaves nothing. `tokensEnd`: its producer tells expiries. */
export function lastingOf(step: Step, reading: Reading, tokensEnd: boolean): Lasting | null {
  const { event } = step
  if (event.kind === 'credential') return credentialLeft(step, tokensEnd)
  if (event.kind === 'oauth') return appLeft(step)
  if (event.kind !== 'tool_call') return null
  if (event.attributes['aws'] !== undefined) return cloudLeft(step, reading)
  if (isLook(reading)) return null
  const words = wordsOf(`${reading.tool} ${reading.resourceType ?? ''}`)
  if (!((MAKES.test(words) && AUTHORITY.test(words)) || USERS.test(wordsOf(reading.tool ?? '')))) return null
  return { role: 'authority', severity: reading.isExternal || isAdmin(step, reading) ? 'high' : 'medium' }
}

function credentialLeft(step: Step, tokensEnd: boolean): Lasting | null {
  if (step.event.kind !== 'credential') return null
  const { action, type = 'secret', expires_at } = step.event.credential
  if (action !== 'issue') return null
  if (KEYS.has(type) && expires_at === undefined) return { role: 'lasting-credential', severity: 'high' }
  if (KEYS.has(type) && Date.parse(expires_at ?? '') - step.event.at > YEAR)
    return { role: 'lasting-credential', severity: 'medium' }
  if (awsWord(step, 'eventName') === 'GetFederationToken') return { role: 'federation', severity: 'high' }
  // Many producers never tell when a token ends. One that does, and tells none here, made a token without end.
  return TOKENS.has(type) && expires_at === undefined && tokensEnd
    ? { role: 'endless-token', severity: 'medium' }
    : null
}

function appLeft({ event }: Step): Lasting | null {
  if (event.kind !== 'oauth' || event.oauth.first_party === true) return null
  const { action, publisher_verified } = event.oauth
  if (action !== 'app_register' && action !== 'app_update') return null
  return { role: 'oauth-app', severity: publisher_verified === false ? 'high' : 'medium' }
}

/** What a cloud call leaves behind, by the effect its importer found in it. */
function cloudLeft(step: Step, reading: Reading): Lasting | null {
  const tool = reading.tool ?? ''
  switch (awsWord(step, 'effect')) {
    case 'authority':
      if (reading.isExternal || isAdmin(step, reading)) return { role: 'authority', severity: 'high' }
      return { role: 'authority', severity: isReducing(tool) || isForOneself(reading) ? 'low' : 'medium' }
    case 'sharing':
      return reading.isExternal ? { role: 'shared-outside', severity: 'high' } : null
    case 'exposure':
      return awsWord(step, 'openToAll') === 'true' && !/Egress/.test(tool)
        ? { role: 'exposure', severity: 'medium' }
        : null
    case 'takeover':
      return isCode(tool) ? { role: 'code-changed', severity: changesCode(step, tool) ? 'medium' : 'low' } : null
    default:
      return null
  }
}

/** What runs later is changed, and nothing is entered now: functions, and what machines run when they start. */
export const isCode = (tool: string): boolean => /Function|LifecycleConfig/.test(tool)

/** What makes a function run other code, or as somebody else; a time-out or a memory size does not. */
const CODE_FIELDS = ['layers', 'role', 'handler', 'imageConfig', 'runtime']

function changesCode({ event }: Step, tool: string): boolean {
  if (event.kind !== 'tool_call' || !/Configuration/.test(tool)) return true
  const names = Object.keys(event.tool_call.arguments?.fields ?? {})
  // A record that tells nothing but the function's name may have been cut: it is taken for the worse.
  return names.length < 2 || names.some((name) => CODE_FIELDS.includes(name))
}

const isAdmin = (step: Step, { scopes }: Reading): boolean =>
  /admin|poweruser|\*|owner/i.test(`${awsWord(step, 'policyArn') ?? ''} ${scopes.join(' ')}`)

const isReducing = (tool: string): boolean => /\.(?:Detach|Delete|Deactivate|Disable)/.test(tool)

/** A user who sets a password or a device of their own. */
function isForOneself({ tool, resource, agent }: Reading): boolean {
  if (resource === null || agent === null || !/LoginProfile|ChangePassword|MFADevice/.test(tool ?? '')) return false
  return resource.split('/').at(-1) === agent.split('/').at(-1)
}
