import { type Operation, operationOfTool } from '../core/index.ts'
import type { Fields } from './importer.ts'

/** Arguments that hold a statement for a database, and what such a statement does. */
const STATEMENT = /^(?:sql|query|statement|q)$/i
const STATEMENTS: readonly (readonly [RegExp, Operation])[] = [
  [/^\s*(?:delete\s+from|drop\s+\w+|truncate\s)/i, 'delete'],
  [/^\s*(?:update\s+\S+\s+set|alter\s+\w+|merge\s+into)/i, 'update'],
  [/^\s*(?:insert\s+into|create\s+(?:or\s+replace\s+)?\w+)/i, 'create'],
  [/^\s*(?:grant|revoke)\s/i, 'admin'],
  [/^\s*(?:select\s|with\s+\w+\s+as\s*\(|show\s|describe\s)/i, 'read'],
]

/** The operation of a call: by the statement it has a database carry out, else by the verb in the tool's name. */
export function operationOf(name: string, args: unknown): { readonly operation?: Operation } {
  const operation = operationOfStatement(args) ?? operationOfTool(name)
  return operation === undefined ? {} : { operation }
}

function operationOfStatement(args: unknown): Operation | undefined {
  if (typeof args !== 'object' || args === null) return undefined
  const [, statement] =
    Object.entries(args).find(([key, value]) => STATEMENT.test(key) && typeof value === 'string') ?? []
  return typeof statement === 'string' ? STATEMENTS.find(([pattern]) => pattern.test(statement))?.[1] : undefined
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
