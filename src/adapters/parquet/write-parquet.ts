import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { ExportColumn } from '../../ports/index.ts'

/** A value of a column: null for none. */
type Value = string | number | Date | null

const TYPES = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  number: { type: 'DOUBLE' },
  integer: { type: 'INT64' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
} as const

/**
 * A Parquet file of rows that come in batches: each batch is a row group and is sent before the next is asked for, so that one
 * batch at most is held.
 */
export async function* writeParquet(
  columns: readonly ExportColumn[],
  batches: AsyncIterable<readonly (readonly (string | number | null)[])[]>,
): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter()
  const file = new ParquetWriter({
    writer,
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(({ name, type }) => ({ name, repetition_type: 'OPTIONAL' as const, ...TYPES[type] })),
    ],
    createdBy: 'catenary',
  })
  for await (const rows of batches) {
    if (rows.length > 0)
      await file.write({
        columnData: columns.map(({ name, type }, i) => ({
          name,
          data: rows.map((row) => storedAs(type, row[i] ?? null)),
        })),
        rowGroupSize: rows.length,
      })
    yield taken(writer)
  }
  await file.finish()
  yield taken(writer)
}

/** What was written since it was last asked; places in the file are counted on. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice()
  writer.index = 0
  return bytes
}

function storedAs(type: ExportColumn['type'], value: string | number | null): Value | bigint {
  if (value === null) return null
  if (type === 'time') return new Date(value)
  return type === 'integer' ? BigInt(Math.trunc(Number(value))) : value
}
