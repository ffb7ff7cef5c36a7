import { ThreadRecordJson } from '../../../schemas/thread-record.ts'
import type { Fact, ThreadRecord } from '../../ports/index.ts'

/** -Infinity has no JSON. */
const asJson = (_key: string, value: unknown): unknown => (value === Number.NEGATIVE_INFINITY ? '-Infinity' : value)

export const writeThreadRecord = (record: ThreadRecord): Buffer =>
  Buffer.from(JSON.stringify({ v: 1, ...record }, asJson))

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
