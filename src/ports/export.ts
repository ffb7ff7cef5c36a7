/** A column of an export. `time`: milliseconds since the epoch. */
export interface ExportColumn {
  readonly name: string
  readonly type: 'text' | 'number' | 'integer' | 'time'
}

/** Rows by column, batch by batch. */
export type ExportRows = AsyncIterable<readonly (readonly (string | number | null)[])[]>

/** A file of rows, in pieces as they are ready. */
export type WriteFile = (columns: readonly ExportColumn[], rows: ExportRows) => AsyncIterable<Uint8Array>
