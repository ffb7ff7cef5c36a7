import { randomUUID } from 'node:crypto'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect } from 'vitest'
import type { z } from 'zod'
import { frameworkOf } from '../../detectors/frameworks.ts'
import { detectors } from '../../detectors/index.ts'
import { authorityJudge, authorityUseReader } from '../../detectors/unused-authority.ts'
import { learnerOf } from '../../detectors/usual.ts'
import { readBody } from '../../src/adapters/files/read-body.ts'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { writeParquet } from '../../src/adapters/parquet/write-parquet.ts'
import { createApi } from '../../src/api/create-api.ts'
import type { ApiAccess, ApiParts } from '../../src/api/parts.ts'
import { readConfig } from '../../src/config/index.ts'
import type { Role } from '../../src/core/index.ts'
import { knowledgeIn } from '../../src/engine/checkpoints.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { counterfactuals, fallsWithout, replay } from '../../src/engine/replay.ts'
import { importers } from '../../src/importers/index.ts'
import type { Store } from '../../src/ports/index.ts'
import { createIncidents } from '../../src/runtime/incidents.ts'
import { createPipeline } from '../../src/runtime/pipeline.ts'
import { pusherOf } from '../../src/runtime/push-events.ts'
import { retryUndelivered } from '../../src/runtime/retry-undelivered.ts'
import { createSilences } from '../../src/runtime/silences.ts'
import { createSilencing } from '../../src/runtime/silencing.ts'
import { accessOf } from '../../src/service/access-of.ts'

export interface Service {
  readonly app: FastifyInstance
  readonly store: Store
  get(url: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>
  post(body: string | Buffer, headers?: Record<string, string>, query?: string): Promise<LightMyRequestResponse>
}

export const NOW = Date.parse('2026-11-20T09:30:00Z')

const AUTH = readConfig({ env: {}, folder: 'test', detectors }).config.auth

/** Who may ask, of the keys in a store. */
export const accessTo = (store: Store, { required = false, ratePerMinute = 100_000 } = {}): ApiAccess =>
  accessOf({ auth: { ...AUTH, required }, api: { ratePerMinute } }, store, pino({ level: 'silent' }))

/** A service that asks for keys, and what makes them. A role without a tenant is for every tenant. */
export function guarded(
  more: Partial<ApiParts> = {},
  limits: { readonly ratePerMinute?: number } = {},
  store: Store = createMemoryStore(),
): Service & { as(role: Role, tenant?: string): Promise<{ authorization: string }> } {
  const access = accessTo(store, { required: true, ...limits })
  const by = { kind: 'local', id: 'test' } as const
  return {
    ...service({ access, allowedHosts: 'any', ...more }, store),
    async as(role, tenant) {
      const made = await access.keys.create({ name: role, role, tenant: tenant ?? null, expiresAt: null, by })
      access.changed()
      return { authorization: `Bearer ${made.key}` }
    },
  }
}

/** The whole service but for its port: real engine, memory store, no network. */
export function service(more: Partial<ApiParts> = {}, store: Store = createMemoryStore()): Service {
  const engine = createEngine({ detectors })
  const pipeline = createPipeline({ engine, store, clock: () => NOW, maxBatch: 100, rawOf: () => null })
  const app = createApi({
    reader: store,
    ingest: (arrivals) => pipeline.ingest(arrivals),
    readBody: (body, { tenant, ...asked }) =>
      readBody(body, { ...asked, importers, decode: { tenant, content: { key: new Uint8Array(32), retain: false } } }),
    isReady: () => ({ ready: true, reasons: [] }),
    pressure: () => null,
    destinations: [],
    outbox: store.outbox,
    retryUndelivered: (destination, ids) => retryUndelivered({ outbox: store.outbox, destination, ids, now: NOW }),
    incidents: createIncidents(store),
    writeParquet,
    silencing: createSilencing({ store, clock: Date.now }),
    silences: createSilences({ store, clock: Date.now, newId: randomUUID }),
    securityEvents: pusherOf({ receivers: [], outbox: store.outbox, clock: () => NOW, wait: async () => undefined }),
    learnerOf: (agentId, checkpoint) =>
      learnerOf(agentId, {}, checkpoint === null ? null : knowledgeIn(checkpoint, { detectors }, 'rare-path')),
    authorityJudge,
    authorityUseReader,
    detectors,
    frameworkOf,
    replay: (steps, options) => replay(steps, { detectors }, options),
    explain: (steps, { detector, evidence }) => counterfactuals(steps, { detectors }, detector, evidence),
    fallsWithout: (steps, alert, without) => fallsWithout(steps, { detectors }, alert, without),
    subscribe: (listener) => pipeline.onCommit(listener),
    access: accessTo(store),
    audit: async () => undefined,
    registry: new Registry(),
    logger: false,
    version: '0.0.0',
    ...more,
  })
  return {
    app,
    store,
    get: (url, headers = {}) => app.inject({ url, headers }),
    post: async (payload, headers = {}, query = '') =>
      app.inject({
        method: 'POST',
        url: `/v1/events${query}`,
        payload,
        headers: { 'content-type': 'application/x-ndjson', ...headers },
      }),
  }
}

/** A message or any other event as a producer writes it. */
export const wire = (id: string, more: object = {}): object => ({
  id,
  time: '2026-11-20T09:00:00Z',
  kind: 'message',
  message: { role: 'user' },
  source: 'test',
  workflow_id: 'wf-1',
  ...more,
})

export const ndjson = (...events: readonly object[]): string => events.map((one) => `${JSON.stringify(one)}\n`).join('')

/** Checks that a reply is a problem of this status, and gives it. */
export function problemIn(reply: LightMyRequestResponse, status: number): Record<string, unknown> {
  expect(reply.statusCode, reply.body.slice(0, 500)).toBe(status)
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(reply.headers['x-content-type-options']).toBe('nosniff')
  const problem = reply.json<Record<string, unknown>>()
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^urn:catenary:problem:/),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    instance: expect.stringMatching(/^\//),
  })
  expect(reply.body).not.toMatch(/node_modules|at .*\.ts:/)
  return problem
}

/** The reply, which must be of the shape to the last field. */
export async function shaped<Shape extends z.ZodType>(
  shape: Shape,
  reply: Promise<LightMyRequestResponse>,
): Promise<z.output<Shape>> {
  const { statusCode, body, headers } = await reply
  expect(statusCode, body.slice(0, 500)).toBe(200)
  expect(headers['content-type']).toMatch(/^application\/json/)
  const value: unknown = JSON.parse(body)
  const parsed = shape.parse(value)
  expect(parsed).toEqual(value)
  return parsed
}

interface Walked {
  readonly items: readonly Readonly<Record<string, unknown>>[]
  readonly next_cursor: string | null
}

/** Every page of a list, by its cursors; the `Link` of each says the same. */
export async function walk({ get }: Service, url: string): Promise<readonly Walked[]> {
  const pages: Walked[] = []
  let next: string | null = url
  while (next !== null) {
    const reply: LightMyRequestResponse = await get(next)
    expect(reply.statusCode, reply.body).toBe(200)
    const page = reply.json<Walked>()
    pages.push(page)
    next = page.next_cursor === null ? null : `${url}&cursor=${encodeURIComponent(page.next_cursor)}`
    const link = /^<(.+)>; rel="next"$/.exec(String(reply.headers['link'] ?? ''))?.[1] ?? null
    expect(link === null ? null : new URL(link, 'http://x').searchParams.get('cursor')).toBe(page.next_cursor)
  }
  return pages
}

export interface Told {
  readonly event: string
  readonly data: unknown
}

/** The server-sent events in a text, comments left out. */
export const eventsIn = (text: string): readonly Told[] =>
  text
    .split('\n\n')
    .map((block) => block.split('\n').filter((line) => line !== '' && !line.startsWith(':')))
    .filter((lines) => lines.length > 0)
    .map((lines) => ({
      event: lines.find((line) => line.startsWith('event: '))?.slice(7) ?? 'message',
      data: JSON.parse(lines.find((line) => line.startsWith('data: '))?.slice(6) ?? 'null') as unknown,
    }))
