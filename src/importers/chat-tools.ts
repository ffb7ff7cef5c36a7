import type { Fields } from './importer.ts'

/** What a tool does, by a verb in its name. Order matters: the first that fits. */
const VERBS: readonly (readonly [verbs: string, operation: string])[] = [
  ['get|read|fetch|view|show|describe|download|load|open|lookup|check|retrieve|current', 'read'],
  ['list|ls|enumerate', 'list'],
  ['search|find|query|grep|filter|browse', 'search'],
  ['send|post|email|reply|forward|share|publish|notify|transfer|pay|message|dm|invite|submit|upload', 'send'],
  ['delete|remove|drop|destroy|cancel|revoke|clear|purge', 'delete'],
  ['update|edit|modify|set|change|append|rename|move|patch|reschedule|replace|put', 'update'],
  ['create|add|make|new|insert|book|reserve|schedule|register|order|buy|purchase|write|save', 'create'],
  ['run|exec|execute|eval|bash|shell|python|invoke|call|launch|start|deploy', 'execute'],
  ['grant|assign|enable|disable|configure|admin', 'admin'],
]

type Reader = readonly (readonly [pattern: RegExp, operation: string])[]
const WHOLE: Reader = VERBS.map(([verbs, operation]) => [new RegExp(`^(?:${verbs})(?:s|es|ed|ing)?$`), operation])
/** For names that are written in one: `sendmail`, `readfile`. */
const BEGUN: Reader = VERBS.map(([verbs, operation]) => [new RegExp(`^(?:${verbs})`), operation])

/** The operation of a tool by the verb in its name, a word of its own before one that a word begins with; nothing where there is none. */
export function operationOf(name: string): { readonly operation?: string } {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')
  const operation = verbIn(words, WHOLE) ?? verbIn(words, BEGUN)
  return operation === undefined ? {} : { operation }
}

function verbIn(words: readonly string[], reader: Reader): string | undefined {
  for (const word of words) {
    const found = reader.find(([pattern]) => pattern.test(word))
    if (found !== undefined) return found[1]
  }
  return undefined
}

const RECIPIENT =
  /^(?:to|recipients?|recipient_.*|.*_recipients?|email|participants|cc|bcc|attendees|user_email|address|destination|webhook|url|channel)$/i
const SOURCE =
  /^(?:path|file|file_?path|file_?name|file_?id|url|uri|document|resource|key|id|name|page|table|repo(?:sitory)?)$/i

/** The address a call sends to, where an argument named like a recipient holds one, and the resource it names. */
export function targetsOf(args: unknown): Fields {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return {}
  const entries = Object.entries(args)
  const to = entries.find(([name, value]) => RECIPIENT.test(name) && typeOf(first(value)) !== null)
  const address = to === undefined ? undefined : first(to[1])
  const source = entries.find(([name, value]) => SOURCE.test(name) && typeof value === 'string' && value.length <= 256)
  return {
    ...(typeof address === 'string' ? { destination: { id: address.slice(0, 256), type: typeOf(address) } } : {}),
    ...(source === undefined ? {} : { resource: { id: String(source[1]) } }),
  }
}

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value)

function typeOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  if (/^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/.test(value)) return 'email'
  if (/^(?:https?:\/\/|www\.)\S+$/i.test(value)) return 'url'
  if (/^[A-Z]{2}\d{2}[A-Z0-9]{8,30}$/.test(value)) return 'account'
  if (/^#[\w-]+$/.test(value)) return 'channel'
  return null
}
