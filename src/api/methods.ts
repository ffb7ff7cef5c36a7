import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HttpProblem } from './problems.ts'

/** Tells a path that is not there from a method that does not go with it. Give it the app before its routes. */
export function createMisses(app: FastifyInstance): (request: FastifyRequest) => HttpProblem {
  const known = new Map<string, { readonly path: RegExp; readonly methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const route = known.get(url) ?? { path: pathOf(url), methods: new Set() }
    for (const one of [method].flat()) route.methods.add(one)
    known.set(url, route)
  })
  return ({ url, method }) => {
    const path = url.split('?', 1)[0] ?? '/'
    // A path of its own stands before one with an id in its place.
    const found = known.get(path) ?? [...known.values()].find((route) => route.path.test(path))
    if (found === undefined || found.methods.has(method))
      return new HttpProblem('not-found', 'there is no such path; /openapi.json names those there are')
    const allow = [...found.methods].join(', ')
    return new HttpProblem('wrong-method', `this path takes ${allow}`, { headers: { allow } })
  }
}

const pathOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replaceAll('*', '.*')}$`,
  )
