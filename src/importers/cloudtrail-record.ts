import { type Fields, isFields } from './importer.ts'

/** The text of a field, or null when it is none or empty. */
export function textOf(fields: Fields | null | undefined, name: string): string | null {
  const value = fields?.[name]
  return typeof value === 'string' && value !== '' ? value : null
}

/** The object in a field, or null. */
export function fieldsOf(fields: Fields | null | undefined, name: string): Fields | null {
  const value = fields?.[name]
  return isFields(value) ? value : null
}

/** What stands at a path of names, or undefined. */
export function atPath(fields: Fields | null, ...path: readonly string[]): unknown {
  let at: unknown = fields
  for (const name of path) at = isFields(at) ? at[name] : undefined
  return at
}

/** The elements of an array, or of `{items: […]}` as EC2 writes lists. */
export function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (isFields(value) && Array.isArray(value['items'])) return value['items']
  return []
}

/** Drops the fields that are null or undefined. */
export function given(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))
}

/** A CloudTrail record with the parts that every reading of it needs. */
export interface Trail {
  readonly record: Fields
  /** The event's name without the version that Lambda adds. */
  readonly call: string
  readonly eventName: string
  /** The first label of `eventSource`: `ssm`. */
  readonly service: string
  readonly identity: Fields | null
  readonly request: Fields | null
  readonly response: Fields | null
  readonly account: string | null
  readonly region: string | null
  readonly partition: string
  /** The access-key id of the credential in use. */
  readonly accessKeyId: string | null
}

export function readTrail(record: Fields, eventName: string): Trail {
  const identity = fieldsOf(record, 'userIdentity')
  const account = textOf(record, 'recipientAccountId') ?? textOf(identity, 'accountId')
  return {
    record,
    eventName,
    call: eventName.replace(/\d{8}(?:v\d+)?$/, '').replace(/(?<=[a-z])v2$/, ''),
    service: (textOf(record, 'eventSource') ?? 'aws').split('.')[0] ?? 'aws',
    identity,
    request: fieldsOf(record, 'requestParameters'),
    response: fieldsOf(record, 'responseElements'),
    account,
    region: textOf(record, 'awsRegion'),
    partition: /^arn:([a-z-]+):/.exec(textOf(identity, 'arn') ?? '')?.[1] ?? 'aws',
    accessKeyId: textOf(identity, 'accessKeyId'),
  }
}

/** `<account>/<region>`. */
export function zoneOf(trail: Trail): string | null {
  return trail.account === null ? trail.region : `${trail.account}/${trail.region ?? 'global'}`
}

/** An ARN made after a template of `RESOURCE_PARAMETERS`; a name that is an ARN already stays one. */
export function arnOf(template: string | undefined, name: string, trail: Trail): string {
  if (template === undefined || name.startsWith('arn:')) return name
  if (template.includes('account') && trail.account === null) return name
  return template
    .replace('partition', trail.partition)
    .replace('region', trail.region ?? '')
    .replace('account', trail.account ?? '')
    .replace('{}', () => name)
}
