import { EVENT_KINDS } from '../src/core/index.ts'
import { REJECT_REASONS, type RejectReason } from '../src/ports/index.ts'
import { jsonSchemas } from './json-schema.ts'

interface Node {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly const?: string
  readonly format?: string
  readonly description?: string
  readonly items?: Node
  readonly anyOf?: readonly Node[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
}

const MENDS: Readonly<Record<RejectReason, string>> = {
  not_json: 'Write one whole JSON object a line, without trailing text.',
  not_utf8: 'Write the file as UTF-8, plain or packed by gzip or zstd.',
  not_an_object: 'Send one JSON object for each event.',
  too_large: 'An event may have 1 MiB; leave out or shorten its content.',
  too_deep: 'Nest at most 64 deep; flatten, or send the deep part as text.',
  missing_field: 'Give the field that the path names. Null counts as left out.',
  wrong_type: 'Give the field the type that the message names.',
  bad_value: 'Give one of the values that the message names.',
  unknown_kind: 'Use one of the kinds below.',
  bad_time: 'Write RFC 3339 with an offset and at most nanoseconds; an event happens in the years 1970 to 2261.',
  bad_cloudevent: 'Send CloudEvents 1.0 with `type` `catenary.<kind>` and the event as a JSON object in `data`.',
  not_this_format: 'Name the format by `--format`, or convert the file to one that is known.',
  truncated: 'The input was cut short: fetch it again. What came before the cut was read.',
  foreign_tenant: 'Send it with an API key of its tenant, or leave `tenant` out.',
  not_yours: 'Only a responder orders a containment: use `POST /v1/containments`, or a key with that role.',
}

/** The reference of the event contract in Markdown (`docs/events.md`), made from the schemas that judge events. */
export function eventReference(): string {
  const schemas = jsonSchemas()
  const read = (name: string): Node => JSON.parse(schemas[`${name}.json`] ?? '{}') as Node
  const envelope = read('heartbeat')
  return [
    '# The event contract',
    '',
    'Made from `schemas/` by `scripts/generate-schemas.mjs`; change it there. JSON Schema of every kind is in `schemas/json/`.',
    '',
    RULES,
    '',
    '## Envelope',
    ...tableOf(envelope, new Set(['heartbeat'])),
    ...EVENT_KINDS.flatMap((kind) => [
      '',
      `## \`${kind}\``,
      ...tableOf(read(kind).properties?.[kind] ?? {}, new Set()),
    ]),
    '',
    '## Reasons for refusal',
    '| reason | what to do |',
    '|---|---|',
    ...REJECT_REASONS.map((reason) => `| \`${reason}\` | ${MENDS[reason]} |`),
    '',
  ].join('\n')
}

const RULES = `One event is one JSON object. Fields that are not named here are kept in \`attributes\`: those of an inner object under its
name, as \`attributes.tool_call.foo\`. Content fields are turned into keyed fingerprints and dropped. What looks like a
secret in any other field becomes \`[secret:<fingerprint>]\`, counted in \`attributes.catenary_secrets\`. Lone surrogates and
NUL characters become U+FFFD. The same \`tenant\`, \`source\` and \`id\` twice is one event.`

function tableOf(node: Node, without: ReadonlySet<string>): readonly string[] {
  return ['| field | type | | meaning |', '|---|---|---|---|', ...rowsOf(node, '', without)]
}

function rowsOf(node: Node, prefix: string, without: ReadonlySet<string>): readonly string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    if (without.has(name)) return []
    const path = `${prefix}${name}`
    const need = node.required?.includes(name) === true ? 'required' : ''
    const row = `| \`${path}\` | ${typeOf(field)} | ${need} | ${field.description ?? ''} |`
    const inner = field.items?.properties === undefined ? field : field.items
    const dots = field.items?.properties === undefined ? '.' : '[].'
    return inner.properties === undefined ? [row] : [row, ...rowsOf(inner, `${path}${dots}`, without)]
  })
}

function typeOf(node: Node): string {
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(' \\| ')
  if (node.const !== undefined) return 'the kind'
  if (node.anyOf !== undefined) return node.anyOf.map(typeOf).join(' or ')
  if (node.format === 'date-time') return 'RFC 3339'
  if (node.type === 'array') return `[${node.items === undefined ? 'any' : typeOf(node.items)}]`
  return node.type ?? 'any JSON'
}
