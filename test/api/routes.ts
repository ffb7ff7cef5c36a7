import type { guarded } from './kit.ts'

/** A route as the document of the API has it, with what a test of its own reads of it besides. */
export type Route<Operation> = Operation & {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT'
  readonly path: string
}

/** Every route that the document has. */
export async function routesOf<Operation>({ get }: ReturnType<typeof guarded>): Promise<readonly Route<Operation>[]> {
  const { paths } = (await get('/openapi.json')).json<{ paths: Record<string, Record<string, Operation>> }>()
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase() as Route<Operation>['method'],
    })),
  )
}
