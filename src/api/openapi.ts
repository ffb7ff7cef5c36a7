import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Routes } from './parts.ts'
import { answers } from './responses.ts'

const ABOUT = `What Catenary knows, and the door for events.

Lists give pages: \`next_cursor\` is the \`cursor\` of the next. Times are RFC 3339 in UTC. JSON replies to GET have an \`ETag\`;
\`If-None-Match\` answers 304. Failures are \`application/problem+json\` (RFC 9457). Ids in paths are percent-encoded.`

const TAGS = [
  { name: 'events', description: 'Events in.' },
  { name: 'chains', description: 'The action chain of each workflow.' },
  { name: 'alerts', description: 'What someone should hear about.' },
  { name: 'silences', description: 'Alerts that are not sent for a while.' },
  { name: 'incidents', description: 'Alerts of one attack, over all its chains.' },
  { name: 'agents', description: 'What an agent did in all its workflows, and what is usual for it.' },
  { name: 'credentials', description: 'Who holds a credential, and where it came from.' },
  { name: 'grants', description: 'What an app was given by consent, and what came of it.' },
  { name: 'detectors', description: 'The catalogue.' },
  { name: 'coverage', description: 'What could not be seen, and what was refused.' },
  { name: 'destinations', description: 'Where alerts are sent.' },
  { name: 'search', description: 'What things are called.' },
  { name: 'queries', description: 'Lists with their filters, by name.' },
  { name: 'exports', description: 'Lists as files.' },
  { name: 'tail', description: 'Live.' },
  { name: 'keys', description: 'Who may ask. See `docs/access.md`.' },
  { name: 'audit', description: 'Who read and did what.' },
  { name: 'service', description: 'Health, metrics, this document.' },
]

const BEARER = {
  type: 'http',
  scheme: 'bearer',
  description: 'An API key (`catenary keys create`), or a token of the identity provider that is set.',
} as const

/** The page loads nothing from elsewhere. It styles its own elements. */
const PAGE_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"

interface Overridden {
  readonly zodSchema: { readonly _zod: { readonly def: object } }
  readonly jsonSchema: { additionalProperties?: unknown }
}

/** What is answered may grow: a reader must not refuse a field that it does not know. What is asked is strict, and says so. */
const zodToJsonConfig = {
  override: ({ zodSchema, jsonSchema }: Overridden) => {
    const { catchall } = zodSchema._zod.def as { readonly catchall?: unknown }
    if (jsonSchema.additionalProperties === false && catchall === undefined) delete jsonSchema.additionalProperties
  },
}

/** Collects the routes that are added after it into an OpenAPI 3.1 document. */
export function addOpenapi(app: FastifyInstance, version: string): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Catenary', version, description: ABOUT },
      tags: TAGS,
      components: { securitySchemes: { bearer: BEARER } },
    },
    transform: createJsonSchemaTransform({ skipList: [], zodToJsonConfig }),
    transformObject: (found) => withoutInputs(createJsonSchemaTransformObject({ zodToJsonConfig })(found)),
  })
}

/** Every named shape comes a second time, as `…Input`, for requests. None of those is used: requests are unnamed. */
function withoutInputs<Document extends object>(document: Document): Document {
  const { components } = document as { readonly components?: { readonly schemas?: Record<string, unknown> } }
  const schemas = components?.schemas ?? {}
  for (const name of Object.keys(schemas)) if (name.endsWith('Input')) delete schemas[name]
  return document
}

/** `/openapi.json`, and `/docs`, its page: all it needs comes from here. */
export function addOpenapiRoutes(app: Routes): void {
  app.get(
    '/openapi.json',
    {
      schema: {
        tags: ['service'],
        operationId: 'getOpenapi',
        summary: 'This document',
        response: answers('OpenAPI 3.1.', z.record(z.string(), z.unknown()), []),
      },
    },
    async () => app.swagger(),
  )
  app.register(swaggerUi, { routePrefix: '/docs', staticCSP: PAGE_POLICY, uiConfig: { validatorUrl: null } })
}
