import type { Rejection } from '../ports/index.ts'

/** Where a foreign record stood, and whose it is. */
export interface ImportContext {
  /** The file's base name as shown; `stdin` for standard input. */
  readonly file: string
  /** 1-based line at which the record starts. */
  readonly line: number
  readonly tenant: string
  /** 1-based place of the record among those that start on this line; left out for the first. */
  readonly nth?: number
}

/** One event in the wire form of the contract, content raw, before the door; or a refusal. */
export type Imported =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | ({ readonly ok: false } & Rejection)

/** Turns records of one foreign format into events of the contract. Pure; never throws on a record of any shape. */
export interface Importer {
  /** What `--format` calls it. */
  readonly format: string
  /** Whether a parsed record looks like this format, by its content alone. */
  sniff(record: unknown): boolean
  /** The events a record amounts to, in order; none for a record that says nothing happened. */
  convert(record: unknown, at: ImportContext): readonly Imported[]
}

/** A parsed JSON object: not null, not an array. */
export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
