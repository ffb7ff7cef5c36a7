import { ThreadRecordJson } from '../../../schemas/thread-record.ts'
import type { Fact, ThreadRecord } from '../../ports/index.ts'

/** The record as its topic holds it; -Infinity, which a level of time may be, has no JSON and goes as text. */
export function writeThreadRecord({ time, ...record }: ThreadRecord): Buffer {
  const levels = time?.levels.map((at) => (at === Number.NEGATIVE_INFINITY ? '-Infinity' : at))
  return Buffer.from(JSON.stringify({ v: 1, ...record, ...(time === undefined ? {} : { time: { ...time, levels } }) }))
}

/** The reverse. The refusal says why the bytes are no such record. */
export function readThreadRecord(value: Buffer | null): ThreadRecord | { readonly refusal: string } {
  let json: unknown
  try {
    json = JSON.parse(value?.toString() ?? '')
  } catch {
    return { refusal: 'the record is no JSON; only Catenary writes to this topic' }
  }
  const { success, data, error } = ThreadRecordJson.safeParse(json)
  if (!success) {
    const [issue] = error.issues
    return { refusal: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}; only Catenary writes to this topic` }
  }
  const { from, epoch, fact, time } = data
  return {
    from,
    epoch,
    ...(fact === undefined ? {} : { fact: fact as unknown as Fact }),
    ...(time === undefined
      ? {}
      : { time: { ...time, levels: time.levels.map((at) => (at === '-Infinity' ? Number.NEGATIVE_INFINITY : at)) } }),
  }
}
