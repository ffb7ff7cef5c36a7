/** As much of an OpenAPI document as its reference reads. */
interface OpenApi {
  readonly info?: { readonly description?: string }
  readonly tags?: readonly { readonly name: string; readonly description?: string }[]
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

interface Operation {
  readonly tags?: readonly string[]
  readonly 'x-role'?: string
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Content
  readonly responses?: Readonly<Record<string, Content & { readonly description?: string }>>
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: Schema
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema; readonly examples?: Examples }>>
}

type Examples = Readonly<Record<string, { readonly value: unknown }>>

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
}

/** The reference of the API in Markdown (`docs/api.md`), made from its OpenAPI document. */
export function apiReference(openapi: object): string {
  const document = openapi as OpenApi
  const operations = operationsOf(document)
  return [
    '# The API',
    '',
    'Made from the OpenAPI document of the service (`/openapi.json`); change `src/api` and `schemas/api`.',
    '',
    document.info?.description ?? '',
    ...(document.tags ?? []).flatMap(({ name, description }) => [
      '',
      `## ${name}`,
      '',
      description ?? '',
      ...operations.filter(({ operation }) => operation.tags?.includes(name)).flatMap(sectionOf),
    ]),
    '',
    '## Shapes',
    ...Object.entries(document.components?.schemas ?? {})
      .filter(([name]) => !name.endsWith('Input'))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, schema]) => ['', `### ${name}`, '', ...fieldsOf(schema)]),
    '',
  ].join('\n')
}

interface Named {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

const operationsOf = ({ paths }: OpenApi): readonly Named[] =>
  Object.entries(paths ?? {}).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const operation = methods[method]
      return operation === undefined ? [] : [{ method: method.toUpperCase(), path, operation }]
    }),
  )

function sectionOf({ method, path, operation }: Named): readonly string[] {
  const { summary, description, parameters, requestBody, responses, 'x-role': role } = operation
  return [
    '',
    `### \`${method} ${path}\``,
    '',
    `${summary ?? ''}. ${role === undefined ? 'Anyone may ask.' : `Role: \`${role}\`.`}`,
    ...(description === undefined ? [] : ['', description]),
    ...(parameters === undefined ? [] : ['', ...parametersOf(parameters)]),
    ...(requestBody === undefined ? [] : ['', ...bodyOf(requestBody)]),
    '',
    '| answer | | body |',
    '|---|---|---|',
    ...Object.entries(responses ?? {}).map(
      ([status, answer]) => `| ${status} | ${cell(answer.description ?? '')} | ${contentOf(answer)} |`,
    ),
  ]
}

const parametersOf = (parameters: readonly Parameter[]): readonly string[] => [
  '| parameter | in | type | meaning |',
  '|---|---|---|---|',
  ...parameters.map(({ name, in: where, schema = {}, description }) => {
    const otherwise = schema.default === undefined ? '' : ` Default \`${String(schema.default)}\`.`
    return `| \`${name}\` | ${where} | ${typeOf(schema)} | ${cell(`${description ?? schema.description ?? ''}${otherwise}`)} |`
  }),
]

function bodyOf({ content }: Content): readonly string[] {
  const [{ schema = {}, examples = {} } = {}] = Object.values(content ?? {})
  const types = Object.keys(content ?? {}).map((type) => `\`${type}\``)
  return [
    ...(schema.description === undefined ? [] : [`Body: ${schema.description}`, '']),
    ...(schema.properties === undefined ? [] : [...fieldsOf(schema), '']),
    `Media types: ${types.join(', ')}.`,
    ...Object.values(examples).flatMap(({ value }) => ['', '```json', JSON.stringify(value), '```']),
  ]
}

const contentOf = ({ content }: Content): string =>
  Object.entries(content ?? {})
    .map(([type, { schema = {} }]) => `\`${type}\`: ${typeOf(schema)}`)
    .join(', ')

function fieldsOf(schema: Schema): readonly string[] {
  return [
    '| field | type | | meaning |',
    '|---|---|---|---|',
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => rowsOf(name, field, schema)),
  ]
}

function rowsOf(path: string, field: Schema, parent: Schema): readonly string[] {
  const name = path.replace(/^.*[.]/, '')
  const need = parent.required?.includes(name) === true ? '' : 'may be left out'
  const row = `| \`${path}\` | ${typeOf(field)} | ${need} | ${cell(field.description ?? '')} |`
  const isList = field.items?.properties !== undefined
  const inner = isList ? (field.items ?? {}) : field
  const below = Object.entries(inner.properties ?? {})
  return [row, ...below.flatMap(([one, schema]) => rowsOf(`${path}${isList ? '[]' : ''}.${one}`, schema, inner))]
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace(/^.*\//, '')
    return `[${name}](#${name.toLowerCase()})`
  }
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(' \\| ')
  if (schema.const !== undefined) return `\`${String(schema.const)}\``
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.format === 'date-time') return 'RFC 3339'
  if (schema.type === 'array') return `[${schema.items === undefined ? 'any' : typeOf(schema.items)}]`
  return typeof schema.type === 'string' ? `${schema.type}${boundsOf(schema)}` : 'any JSON'
}

function boundsOf({ minimum, maximum }: Schema): string {
  const isBounded = minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
  return isBounded ? ` ${minimum} to ${maximum}` : ''
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
