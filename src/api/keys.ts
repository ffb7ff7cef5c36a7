import {
  ApiKey,
  ApiKeyList,
  expiryOf,
  KeyWanted,
  keyJson,
  NewApiKey,
  newKeyJson,
  Rotation,
} from '../../schemas/api/key.ts'
import { Id, KeysQuery, OneQuery } from '../../schemas/api/query.ts'
import type { Caller } from '../core/index.ts'
import { callerOf } from './access.ts'
import { note } from './audit.ts'
import type { Api, Routes } from './parts.ts'
import { HttpProblem } from './problems.ts'
import { answers, WRITE_PROBLEMS } from './responses.ts'

const tags = ['keys']

/** `/v1/keys`: who may ask, by API key. */
export function addKeys(app: Routes, api: Api): void {
  addList(app, api)
  addCreate(app, api)
  addChanges(app, api)
}

function addList(app: Routes, { access }: Api): void {
  app.get(
    '/v1/keys',
    {
      schema: {
        tags,
        operationId: 'listKeys',
        summary: 'List API keys',
        description: 'What each may do and when it was last used; never the key.',
        querystring: KeysQuery,
        response: answers('Every key.', ApiKeyList, ['bad-request', 'store-away']),
      },
    },
    async ({ query: { tenant } }) => ({ items: (await access.keys.list(tenant ?? null)).map(keyJson) }),
  )
}

function addCreate(app: Routes, { access, clock }: Api): void {
  app.post(
    '/v1/keys',
    {
      schema: {
        tags,
        operationId: 'createKey',
        summary: 'Make an API key',
        description: 'The answer holds the key, this once. A key is for one tenant, or for all of them.',
        querystring: OneQuery,
        body: KeyWanted,
        response: answers('The key.', NewApiKey, WRITE_PROBLEMS),
      },
    },
    async (request) => {
      const { name, role, all_tenants, expires_at } = request.body
      const by = callerOf(request)
      const tenant = all_tenants ? everyTenant(by) : request.query.tenant
      const expiresAt = expiryOf(expires_at, clock())
      if (expiresAt !== null && expiresAt <= clock())
        throw new HttpProblem('bad-request', 'the key would have expired already; give a time to come', {
          errors: [{ field: 'expires_at', message: 'is past' }],
        })
      const made = await access.keys.create({ name, role, tenant, expiresAt, by })
      access.changed()
      note(request, { key: made.id, name: made.name, role: made.role, tenant: made.tenant })
      return newKeyJson(made)
    },
  )
}

function addChanges(app: Routes, { access }: Api): void {
  app.delete(
    '/v1/keys/:id',
    {
      schema: {
        tags,
        operationId: 'revokeKey',
        summary: 'Revoke an API key',
        description: 'For good. Other processes know of it within five seconds.',
        params: Id,
        querystring: KeysQuery,
        response: answers('The key, revoked.', ApiKey, ['bad-request', 'not-found', 'store-away']),
      },
    },
    async ({ params: { id }, query: { tenant } }) => {
      const revoked = await access.keys.revoke(id, tenant ?? null)
      if (revoked === null) throw noKey()
      access.changed()
      return keyJson(revoked)
    },
  )
  app.post(
    '/v1/keys/:id/rotate',
    {
      schema: {
        tags,
        operationId: 'rotateKey',
        summary: 'Replace an API key by a new one',
        description: 'Of the same name, role, tenant and lifetime. The old one stops at once, or after the grace.',
        params: Id,
        querystring: KeysQuery,
        body: Rotation,
        response: answers('The new key.', NewApiKey, [
          'bad-request',
          'not-found',
          'too-large',
          'unknown-media-type',
          'store-away',
        ]),
      },
    },
    async (request) => {
      const { params, query, body } = request
      const made = await access.keys.rotate(params.id, body.grace_s * 1_000, callerOf(request), query.tenant ?? null)
      if (made === null) throw noKey()
      access.changed()
      note(request, { key: made.id, in_place_of: params.id })
      return newKeyJson(made)
    },
  )
}

function everyTenant({ tenant }: Caller): null {
  if (tenant === null) return null
  throw new HttpProblem('forbidden', 'a key for every tenant is made by a caller of every tenant', {
    errors: [{ field: 'all_tenants', message: 'is not yours to ask for' }],
  })
}

const noKey = (): HttpProblem =>
  new HttpProblem('not-found', 'there is no such key; GET /v1/keys lists those there are')
