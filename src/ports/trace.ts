/** What a piece of work is called, and what is said of it: by OpenTelemetry's names where there are any. Never content. */
export interface SpanParts {
  readonly name: string
  /** Whether it takes records, sends some, or asks a server; left out for work inside. */
  readonly kind?: 'consumer' | 'producer' | 'client'
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
}

/** Times pieces of work, and tells which is part of which. */
export interface Trace {
  /** Does work as a span: a part of the one that it is called in, else the first of a trace. Rejects as the work does. */
  span<T>(parts: SpanParts, work: () => Promise<T>): Promise<T>
}

/** Tells nobody. */
export const untraced: Trace = { span: (_parts, work) => work() }
