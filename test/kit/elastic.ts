import { type Received, type Receiver, type Reply, startReceiver } from './receiver.ts'

interface Document {
  readonly version: number
  readonly source: Readonly<Record<string, unknown>>
}

/** An Elasticsearch `_bulk` that checks what it is given, and keeps versions as it does. */
export interface TestElastic extends Receiver {
  /** By id. */
  readonly documents: ReadonlyMap<string, Document>
  /** What it does next, in place of its own answer. */
  readonly faults: Reply[]
  /** What it answers for a document of an id, once each time it stands here. */
  readonly itemFaults: { readonly id: string; readonly status: number; readonly type: string }[]
}

interface Action {
  readonly _index: string
  readonly _id: string
  readonly version?: number
  readonly version_type?: string
}

export async function startElastic({
  authorization,
  index,
  isDataStream = false,
}: {
  readonly authorization: string
  readonly index: string
  readonly isDataStream?: boolean
}): Promise<TestElastic> {
  const documents = new Map<string, Document>()
  const faults: Reply[] = []
  const itemFaults: { readonly id: string; readonly status: number; readonly type: string }[] = []
  const say = (status: number, body: object): Reply => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const refused = (status: number, type: string, reason = type): Reply =>
    say(status, { error: { type, reason }, status })

  function answer({ path, headers, body }: Received): Reply {
    const fault = faults.shift()
    if (fault !== undefined) return fault
    if (headers.authorization !== authorization) return refused(401, 'security_exception')
    if (path !== '/_bulk') return refused(400, 'illegal_argument_exception')
    if (!/^application\/x-ndjson/.test(headers['content-type'] ?? ''))
      return refused(406, 'media_type_header_exception')
    if (!body.endsWith('\n'))
      return refused(400, 'illegal_argument_exception', 'The bulk request must be terminated by a newline [\\n]')
    const lines = body.slice(0, -1).split('\n')
    const items = Array.from({ length: lines.length / 2 }, (_, i) => item(lines[2 * i] ?? '', lines[2 * i + 1] ?? ''))
    return say(200, {
      took: 1,
      errors: items.some((one) => Object.values(one).some(({ status }) => status >= 300)),
      items,
    })
  }

  function item(head: string, source: string) {
    const [[kind = '', action] = []] = Object.entries(JSON.parse(head) as Record<string, Action>)
    const { _index, _id, version = 1, version_type } = action as Action
    const result = (status: number, type?: string, reason = type) => ({
      [kind]: { _index, _id, status, ...(type === undefined ? {} : { error: { type, reason } }) },
    })
    const at = itemFaults.findIndex(({ id }) => id === _id)
    const [fault] = at < 0 ? [] : itemFaults.splice(at, 1)
    if (fault !== undefined)
      return result(fault.status, fault.type, `${fault.type} in field [x] Preview of field's value: 'hunter2'`)
    if (_index !== index) return result(404, 'index_not_found_exception')
    if (isDataStream && kind !== 'create') return result(400, 'illegal_argument_exception')
    const there = documents.get(_id)
    if (kind === 'create' && there !== undefined) return result(409, 'version_conflict_engine_exception')
    if (version_type === 'external_gte' && there !== undefined && there.version > version)
      return result(409, 'version_conflict_engine_exception')
    documents.set(_id, { version, source: JSON.parse(source) as Document['source'] })
    return result(there === undefined ? 201 : 200)
  }

  const receiver = await startReceiver(answer)
  return { ...receiver, documents, faults, itemFaults }
}
