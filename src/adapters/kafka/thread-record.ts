import { ThreadRecordJson } from '../../../schemas/thread-record.ts'
import type { Fact, ThreadRecord, TimeNotice } from '../../ports/index.ts'

const VERSION = 2

/** Well below what a topic takes of one record. One fact that is larger alone stands alone. */
const MAX_CHARS = 256 * 1_024

type Sender = Pick<ThreadRecord, 'from' | 'epoch'>

/** The records that hold facts for one address, in order: as few as they fit in. */
export function* writeFacts({ from, epoch }: Sender, facts: readonly Fact[]): Generator<Buffer> {
  const record = (texts: readonly string[]): Buffer =>
    Buffer.from(`{"v":${VERSION},"from":${from},"epoch":${epoch},"facts":[${texts.join()}]}`)
  let texts: string[] = []
  let chars = 0
  for (const fact of facts) {
    const text = JSON.stringify(fact)
    if (chars > 0 && chars + text.length > MAX_CHARS) {
      yield record(texts)
      texts = []
      chars = 0
    }
    texts.push(text)
    chars += text.length
  }
  if (texts.length > 0) yield record(texts)
}

/** The record of a notice of time; -Infinity, which a level may be, has no JSON and goes as text. */
export function writeTime({ from, epoch }: Sender, time: TimeNotice): Buffer {
  const levels = time.levels.map((at) => (at === Number.NEGATIVE_INFINITY ? '-Infinity' : at))
  return Buffer.from(JSON.stringify({ v: VERSION, from, epoch, time: { ...time, levels } }))
}

/** A record of either kind. The refusal says why the bytes are no such record. */
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
  const { from, epoch, facts, time } = data
  return {
    from,
    epoch,
    ...(facts === undefined ? {} : { facts: facts as unknown as readonly Fact[] }),
    ...(time === undefined
      ? {}
      : { time: { ...time, levels: time.levels.map((at) => (at === '-Infinity' ? Number.NEGATIVE_INFINITY : at)) } }),
  }
}
