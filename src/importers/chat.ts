import { operationOf, targetsOf } from './chat-tools.ts'
import { type Fields, type ImportContext, type Imported, type Importer, isFields } from './importer.ts'

/** Transcripts say nothing of time: theirs starts here, an hour a record, a second a message, so that order is kept. */
const EPOCH = Date.UTC(2020, 0, 1)

/**
 * OpenAI-style transcripts.
 *
 * | in the transcript | becomes |
 * |---|---|
 * | a record with `messages` | one workflow: `workflow_id`, `trace_id` or `id`, else `<file>#<line>` |
 * | the first `user` message | `workflow` start with it as `request` |
 * | further `user`, `system` and `assistant` messages | `message` |
 * | an assistant's tool call and its `tool` message | one `tool_call` with arguments and result |
 * | `error`, or a result that starts like one | outcome `failure`; no result: `attempted` |
 * | an assistant message without calls at the end | `workflow` complete |
 *
 * Times are made from the order where a message has no `timestamp`. Labels beside `messages` are never read.
 */
export const chat: Importer = {
  format: 'chat',
  sniff: (record) => isFields(record) && Array.isArray(messagesOf(record)),
  convert(record, at) {
    const messages = isFields(record) ? messagesOf(record) : undefined
    if (!isFields(record) || messages === undefined)
      return [
        { ok: false, reason: 'not_this_format', path: 'messages', message: 'a transcript needs a list of messages' },
      ]
    return new Transcript(record, at).read(messages)
  },
}

const messagesOf = (record: Fields): readonly unknown[] | undefined => {
  const { messages, traj } = record as { messages?: unknown; traj?: unknown }
  if (Array.isArray(messages)) return messages
  return Array.isArray(traj) && traj.some((one) => isFields(one) && typeof one['role'] === 'string') ? traj : undefined
}

class Transcript {
  readonly #workflow: string
  readonly #at: ImportContext
  readonly #agent: string
  readonly #start: number
  readonly #out: Imported[] = []
  #count = 0
  #started = false

  constructor(record: Fields, at: ImportContext) {
    const named = [record['workflow_id'], record['trace_id'], record['id']].find(
      (id) => typeof id === 'string' && id !== '',
    )
    const nth = at.nth ?? 1
    this.#workflow = typeof named === 'string' ? named : `${at.file}#${at.line}${nth === 1 ? '' : `.${nth}`}`
    this.#at = at
    this.#agent = typeof record['agent'] === 'string' ? record['agent'] : 'assistant'
    this.#start = EPOCH + (at.line + nth) * 3_600_000
  }

  read(messages: readonly unknown[]): readonly Imported[] {
    const results = resultsOf(messages)
    messages.forEach((message, i) => {
      if (!isFields(message) || typeof message['role'] !== 'string') {
        this.#out.push({ ok: false, reason: 'wrong_type', path: `messages[${i}]`, message: 'a message needs a role' })
        return
      }
      this.#message(message, message['role'], i, results)
    })
    const last = messages.at(-1)
    if (isFields(last) && last['role'] === 'assistant' && callsOf(last).length === 0)
      this.#push('workflow', { action: 'complete' }, messages.length, 'success')
    return this.#out
  }

  #message(message: Fields, role: string, i: number, results: ReadonlyMap<string, Fields>): void {
    const content = message['content']
    if (role === 'user' && !this.#started) {
      this.#started = true
      this.#push('workflow', { action: 'start', trigger: 'human', request: textOf(content) }, i, 'success')
      return
    }
    if (role === 'user' || role === 'system' || (role === 'assistant' && textOf(content) !== ''))
      this.#push('message', { role, content: textOf(content) }, i, 'success')
    if (role !== 'assistant') return
    for (const [n, call] of callsOf(message).entries()) this.#call(call, n, i, results)
  }

  #call(call: Fields, n: number, i: number, results: ReadonlyMap<string, Fields>): void {
    const fn = call['function']
    const name = isFields(fn) ? fn['name'] : fn
    if (typeof name !== 'string' || name === '') {
      this.#out.push({
        ok: false,
        reason: 'missing_field',
        path: `messages[${i}].tool_calls[${n}].function`,
        message: 'a tool call needs the name of its function',
      })
      return
    }
    const args = argumentsOf(isFields(fn) ? fn['arguments'] : call['args'])
    const id = typeof call['id'] === 'string' && call['id'] !== '' ? call['id'] : `${i}.${n}`
    const result = results.get(`${i}/${id}`)
    const body = {
      name,
      call_id: `${id}/${i}.${n}`,
      ...operationOf(name, args),
      ...targetsOf(args),
      arguments: args,
      ...(result === undefined ? {} : { result: textOf(result['content']) }),
    }
    const outcome = result === undefined ? 'attempted' : hasFailed(result) ? 'failure' : 'success'
    this.#push('tool_call', body, i, outcome)
  }

  #push(kind: string, body: Fields, i: number, outcome: string): void {
    this.#count += 1
    this.#out.push({
      ok: true,
      value: {
        id: `${this.#workflow}/${this.#count}`,
        time: new Date(this.#start + i * 1_000 + this.#count).toISOString(),
        kind,
        tenant: this.#at.tenant,
        source: `chat:${this.#at.file}`,
        workflow_id: this.#workflow,
        agent: { id: this.#agent },
        outcome,
        [kind]: body,
      },
    })
  }
}

/** Tool messages by the call they answer: `<index of the assistant message>/<call id>`, since ids may be used again. */
function resultsOf(messages: readonly unknown[]): ReadonlyMap<string, Fields> {
  const results = new Map<string, Fields>()
  let asked = -1
  let pending: string[] = []
  messages.forEach((message, i) => {
    if (!isFields(message)) return
    const calls = message['role'] === 'assistant' ? callsOf(message) : []
    if (calls.length > 0) {
      asked = i
      pending = calls.map((call, n) => (typeof call['id'] === 'string' && call['id'] !== '' ? call['id'] : `${i}.${n}`))
    }
    if (message['role'] !== 'tool') return
    const named = message['tool_call_id']
    const id = typeof named === 'string' && pending.includes(named) ? named : pending[0]
    if (id === undefined) return
    pending = pending.filter((one, n) => one !== id || n !== pending.indexOf(id))
    results.set(`${asked}/${id}`, message)
  })
  return results
}

const callsOf = (message: Fields): readonly Fields[] => {
  const calls = message['tool_calls']
  return Array.isArray(calls) ? calls.filter(isFields) : []
}

/** Content as text: a string, or the text of its parts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (content === null || content === undefined) return ''
  if (!Array.isArray(content)) return JSON.stringify(content)
  return content
    .map((part) => (typeof part === 'string' ? part : isFields(part) ? (part['text'] ?? part['content'] ?? '') : ''))
    .filter((part) => typeof part === 'string')
    .join('\n')
}

/** Arguments come as an object or as its JSON text; text that is no JSON stays text. */
function argumentsOf(args: unknown): unknown {
  if (typeof args !== 'string') return args ?? {}
  try {
    return JSON.parse(args)
  } catch {
    return args
  }
}

const hasFailed = (result: Fields): boolean =>
  (result['error'] !== undefined && result['error'] !== null && result['error'] !== '' && result['error'] !== false) ||
  /^\s*(?:error|exception|traceback|\{?"?error"?\s*[:=]|[a-z]*error:)/i.test(textOf(result['content']))
