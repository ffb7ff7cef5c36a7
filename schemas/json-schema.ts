import { z } from 'zod'
import { EVENT_KINDS } from '../src/core/index.ts'
import { contractSchemas } from './event.ts'

/** JSON Schema (draft 2020-12) of the contract by file name: one for each kind, the CloudEvents envelope, and `event.json`. */
export function jsonSchemas(): Record<string, string> {
  const files: Record<string, string> = {}
  for (const [name, schema] of Object.entries(contractSchemas())) {
    const body = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
    files[`${name}.json`] = written({ ...body, title: name })
  }
  files['event.json'] = written({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'event',
    description: 'One event of the contract: one of the kinds. Fields that are not named are kept.',
    oneOf: EVENT_KINDS.map((kind) => ({ $ref: `${kind}.json` })),
  })
  return files
}

const written = (schema: object): string => `${JSON.stringify(schema, null, 2)}\n`
