import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { Problem } from '../../schemas/api/problem.ts'
import { CatenaryError } from '../core/index.ts'

export interface FieldError {
  readonly field: string
  readonly message: string
}

interface Rest {
  readonly errors?: readonly FieldError[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Every problem by its name: the status and the title it comes with. */
export const PROBLEMS = {
  'bad-request': [400, 'The request is not one that can be read'],
  unauthenticated: [401, 'Nobody knows who asks'],
  forbidden: [403, 'The caller may not do this'],
  'not-secure': [403, 'The request did not come over TLS'],
  'foreign-host': [403, 'The request names a host or an origin that is not served'],
  'not-found': [404, 'There is no such thing'],
  'wrong-method': [405, 'The method does not go with this path'],
  'too-slow': [408, 'The request did not come in time'],
  stale: [412, 'The thing has changed since it was read'],
  'too-large': [413, 'The request is too large'],
  'unknown-media-type': [415, 'The media type or encoding is not one that is read'],
  'too-long': [422, 'The chain is too long for this'],
  'no-version': [428, 'The request does not say which version it changes'],
  'too-many-requests': [429, 'The caller asks too often'],
  'under-pressure': [429, 'Too much waits to be stored'],
  'header-too-large': [431, 'The head of the request is too large'],
  internal: [500, 'Something broke on this side'],
  'store-away': [503, 'The store cannot be reached'],
  'provider-away': [503, 'The identity provider cannot be reached'],
  'no-room': [503, 'There is no room for another stream'],
  closing: [503, 'The service is closing'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>

export type ProblemName = keyof typeof PROBLEMS

/** A request that ends in a problem: what is thrown by a route, and becomes the reply. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly problem: ProblemName
  readonly status: number
  readonly errors: readonly FieldError[] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(problem: ProblemName, detail: string, rest: Rest = {}) {
    super(detail)
    this.problem = problem
    this.status = PROBLEMS[problem][0]
    this.errors = rest.errors
    this.headers = rest.headers ?? {}
  }
}

/** The reply to a thing that is not there. */
export const notFound = (what: string, id: string, tenant: string): HttpProblem =>
  new HttpProblem('not-found', `tenant ${quoted(tenant)} has no ${what} ${quoted(id)}; the list of them gives the ids`)

const quoted = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 199)}…` : text)

/** What a thrown thing amounts to. Nothing of an unexpected one is told but that it happened. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error)
  if (error instanceof CatenaryError) return known(error)
  const status = statusOf(error)
  if (status === 413) return new HttpProblem('too-large', 'the body is larger than is taken; send it in parts')
  if (status === 415) return new HttpProblem('unknown-media-type', 'the media type is not one that is read')
  if (status >= 400 && status < 500) {
    return new HttpProblem('bad-request', `the request cannot be read: ${(error as Error).message}`)
  }
  return new HttpProblem('internal', 'the request failed; the log knows why, under the request id')
}

const statusOf = (error: unknown): number =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500

function known(error: CatenaryError): HttpProblem {
  switch (error.code) {
    case 'CAT_USAGE':
      return new HttpProblem('bad-request', error.message)
    case 'CAT_INPUT':
      return new HttpProblem(error.details['isTooLarge'] === true ? 'too-large' : 'bad-request', error.message)
    case 'CAT_STORE_UNAVAILABLE':
    case 'CAT_SOURCE_UNAVAILABLE':
      if (error.details['isProvider'] === true)
        return new HttpProblem('provider-away', 'who you are cannot be asked now; send the same request again later', {
          headers: { 'retry-after': '5' },
        })
      return new HttpProblem('store-away', 'the store cannot be reached; send the same request again later', {
        headers: { 'retry-after': '5' },
      })
    default:
      return new HttpProblem('internal', 'the request failed; the log knows why, under the request id')
  }
}

type Validation = Pick<FastifyError, 'validationContext'> & {
  readonly validation: readonly {
    readonly instancePath: string
    readonly message?: string | undefined
    readonly params: Readonly<Record<string, unknown>>
  }[]
}

const NOT_KNOWN: Readonly<Record<string, string>> = {
  querystring: 'is no parameter of this path',
  body: 'is no field of this body',
}
const WHERE: Readonly<Record<string, string>> = { params: 'the path', querystring: 'the query', body: 'the body' }

function invalid({ validation, validationContext }: Validation): HttpProblem {
  const errors = validation.flatMap(({ instancePath, message = 'is not allowed', params: { keys } }) =>
    Array.isArray(keys)
      ? keys.map((key) => ({ field: String(key), message: NOT_KNOWN[validationContext ?? ''] ?? 'is not known' }))
      : [{ field: instancePath.slice(1).replaceAll('/', '.'), message }],
  )
  const where = WHERE[validationContext ?? ''] ?? 'the request'
  const told = errors.map(({ field, message }) => `"${field}" ${message}`).join('; ')
  return new HttpProblem('bad-request', `${where} is not allowed: ${told}`, { errors })
}

/** The problem as it is sent. */
export const problemJson = ({ problem, status, message, errors }: HttpProblem, request: FastifyRequest): Problem => ({
  type: `urn:catenary:problem:${problem}`,
  title: PROBLEMS[problem][1],
  status,
  detail: message,
  instance: request.url.split('?', 1)[0] ?? '/',
  request_id: request.id,
  ...(errors === undefined ? {} : { errors: [...errors] }),
})

/** Sends the problem that an error amounts to; logs it when it is ours. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error)
  if (problem.status >= 500) request.log.error({ err: error, problem: problem.problem }, 'request failed')
  reply
    .code(problem.status)
    .headers({ ...SAFE_HEADERS, ...problem.headers })
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problemJson(problem, request))
}

/** Sent with every reply. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}
