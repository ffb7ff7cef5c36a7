/** One question to a Catenary service. */
export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the base URL, as `v1/keys`. Ids in it are percent-encoded. */
  readonly path: string
  /** What is undefined is left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** An object is sent as JSON, a text as the NDJSON it is. */
  readonly body?: object | string
  /** The version that is to be changed, as its `ETag` told it. */
  readonly ifMatch?: string
}

/** What the service said. */
export interface Answered {
  /** The JSON; null for an answer that has none. */
  readonly body: unknown
  /** Names the version; null where the answer has none. */
  readonly etag: string | null
}

/**
 * A Catenary service, asked over its API. `ask` waits and asks again what was only asked too often (429). It throws
 * `CAT_SOURCE_UNAVAILABLE` when the service is away, says nothing in time or breaks, and `CAT_USAGE` with what the service said
 * when it refuses; `details` has the HTTP `status` where there was one, and
 * `isStranger` where somebody answered whose certificate does not hold.
 */
export interface ApiClient {
  /** Its base URL. */
  readonly url: string
  ask(asked: Asked): Promise<Answered>
  close(): Promise<void>
}

/** A list as the API sends it. */
interface Sent<T> {
  readonly items: readonly T[]
  readonly next_cursor: string | null
}

/** Reads a list of the API page by page, for `pagesOf`. */
export const pageReader =
  <T>(client: ApiClient, path: string, query: Asked['query'] = {}) =>
  async ({ limit, cursor }: { readonly limit: number; readonly cursor?: string }) => {
    const { body } = await client.ask({ path, query: { ...query, limit, cursor } })
    const { items, next_cursor } = body as Sent<T>
    return { items, cursor: next_cursor }
  }
