import { type Received, type Receiver, type ReceiverTls, type Reply, startReceiver } from './receiver.ts'

/** A Splunk HTTP Event Collector that checks what it is given as Splunk does. */
export interface TestSplunk extends Receiver {
  /** The events it took, in order. */
  readonly events: readonly SplunkEvent[]
  /** What it does next, in place of its own answer. */
  readonly faults: (Reply | 'refuse-one')[]
  /** Whether the indexers have what was sent. */
  hasIndexed: boolean
}

export interface SplunkEvent {
  readonly time: number
  readonly index?: string
  readonly source?: string
  readonly sourcetype?: string
  readonly host?: string
  readonly event: Readonly<Record<string, unknown>>
  readonly fields?: Readonly<Record<string, unknown>>
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const KNOWN = new Set(['time', 'host', 'source', 'sourcetype', 'index', 'event', 'fields'])

export async function startSplunk(
  { token, ack, indexes }: { readonly token: string; readonly ack: boolean; readonly indexes: readonly string[] },
  tls?: ReceiverTls,
): Promise<TestSplunk> {
  const events: SplunkEvent[] = []
  const faults: (Reply | 'refuse-one')[] = []
  const state: { hasIndexed: boolean; given: number } = { hasIndexed: true, given: 0 }
  const say = (status: number, text: string, code: number, more: object = {}): Reply => ({
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text, code, ...more }),
  })

  function answer({ method, path, headers, body }: Received): Reply {
    if (method !== 'POST') return say(405, 'Method not allowed', 404)
    const { authorization } = headers
    if (authorization === undefined) return say(401, 'Token is required', 2)
    if (!authorization.startsWith('Splunk ')) return say(401, 'Invalid authorization', 3)
    if (authorization !== `Splunk ${token}`) return say(403, 'Invalid token', 4)
    const channel = headers['x-splunk-request-channel']
    if (ack && channel === undefined) return say(400, 'Data channel is missing', 10)
    if (channel !== undefined && !GUID.test(String(channel))) return say(400, 'Invalid data channel', 11)
    if (path === '/services/collector/ack') return acks(body)
    if (path !== '/services/collector/event') return say(404, 'The requested URL was not found on this server.', 404)
    const fault = faults.shift()
    if (fault !== undefined && fault !== 'refuse-one') return fault
    return take(body, fault === 'refuse-one')
  }

  function acks(body: string): Reply {
    if (!ack) return say(400, 'ACK is disabled', 14)
    const { acks: ids } = JSON.parse(body) as { acks: number[] }
    const known = Object.fromEntries(ids.map((id) => [id, state.hasIndexed && id < state.given]))
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ acks: known }) }
  }

  /** All of a request or nothing. */
  function take(body: string, refusesOne: boolean): Reply {
    if (body.trim() === '') return say(400, 'No data', 5)
    const batch: SplunkEvent[] = []
    for (const [number, line] of body.split('\n').entries()) {
      const event = parsed(line)
      if (event === null || Object.keys(event).some((key) => !KNOWN.has(key)))
        return say(400, 'Invalid data format', 6, { 'invalid-event-number': number })
      if (event.event === undefined) return say(400, 'Event field is required', 12, { 'invalid-event-number': number })
      if (typeof event.time !== 'number' || event.time > 1e11)
        return say(400, 'Error in handling indexed fields', 15, { 'invalid-event-number': number })
      if (Object.values(event.fields ?? {}).some((value) => typeof value === 'object'))
        return say(400, 'Error in handling indexed fields', 15, { 'invalid-event-number': number })
      if (event.index !== undefined && !indexes.includes(event.index)) return say(400, 'Incorrect index', 7)
      if (event.event['alert_id'] === 'poison' || (refusesOne && number === 0 && body.includes('\n')))
        return say(400, 'Invalid data format', 6, { 'invalid-event-number': number })
      batch.push(event as SplunkEvent)
    }
    events.push(...batch)
    const ackId = state.given
    if (ack) state.given += 1
    return say(200, 'Success', 0, ack ? { ackId } : {})
  }

  const receiver = await startReceiver(answer, tls)
  return Object.assign(state, { ...receiver, events, faults })
}

function parsed(line: string): Partial<SplunkEvent> | null {
  try {
    return JSON.parse(line) as Partial<SplunkEvent>
  } catch {
    return null
  }
}
