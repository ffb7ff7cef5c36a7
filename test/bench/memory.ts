import { decodeEvent } from '../../schemas/event.ts'
import type { AgentEvent } from '../../src/core/index.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { decodeOptions, engineParts } from '../../src/main.ts'

const START = Date.parse('2026-11-02T00:00:00Z')
const OPTIONS = decodeOptions({})

function eventOf(value: Readonly<Record<string, unknown>>): AgentEvent {
  const decoded = decodeEvent(value, OPTIONS)
  if (!decoded.ok) throw new Error(decoded.message)
  return decoded.event
}

/** The `nth` step of a plain workflow: its start, the token it is given, then reads and updates of its own records. */
export function plainStep(workflow: number, nth: number, at: number): AgentEvent {
  const envelope = {
    id: `e-${workflow}-${nth}`,
    time: new Date(START + at).toISOString(),
    source: 'urn:bench:agents',
    workflow_id: `wf-${workflow}`,
    agent: { id: `agent-${workflow % 40}`, workload_id: `spiffe://acme.example/agents/${workflow % 40}` },
    principal: { type: 'user', id: `user-${workflow % 200}@acme.example` },
    outcome: 'success',
  }
  const credential = `tok-${workflow}`
  const scopes = ['tickets:read', 'tickets:write']
  if (nth === 0)
    return eventOf({
      ...envelope,
      kind: 'workflow',
      workflow: { action: 'start', task: 'triage', scopes, tools: ['tickets.*'] },
    })
  if (nth === 1)
    return eventOf({
      ...envelope,
      kind: 'credential',
      credential: { id: credential, type: 'access_token', action: 'issue', scopes },
    })
  const isRead = nth % 3 !== 0
  return eventOf({
    ...envelope,
    kind: 'tool_call',
    tool_call: {
      name: isRead ? 'tickets.read' : 'tickets.update',
      operation: isRead ? 'read' : 'update',
      credential_id: credential,
      scopes: [isRead ? 'tickets:read' : 'tickets:write'],
      resource: { id: `tickets/${workflow}/${nth}`, type: 'ticket', zone: 'support', sensitivity: 'internal' },
    },
  })
}

function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run it with node --expose-gc')
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

const feed = (engine: Engine, event: AgentEvent): unknown => engine.accept(event, { origin: null, arrivedAt: event.at })

/** Bytes a step takes in chains that are hot: as many steps as are kept unpacked, in chains of `length`. */
export function bytesOfHotStep(steps: number, length: number): number {
  const engine = createEngine({ ...engineParts(), limits: { maxHotSteps: Number.POSITIVE_INFINITY } })
  const before = heapBytes()
  for (let i = 0; i < steps; i += 1) {
    feed(engine, plainStep(Math.floor(i / length), i % length, i))
    if (i % 5_000 === 0) engine.drain()
  }
  engine.drain()
  const bytes = (heapBytes() - before) / steps
  if (engine.counts.events !== steps) throw new Error('not every step was folded')
  return bytes
}

/**
 * Bytes that each packed open chain adds, with its thread and its credential's record, and what stays however many there are:
 * steps still hot, ids that tell a repeat. The growth over the second half of so many chains counts.
 */
export function bytesOfPackedChain(chains: number, length: number): { readonly each: number; readonly fixed: number } {
  const engine = createEngine({ ...engineParts(), limits: { maxHotSteps: 20_000, idleMs: 1e12, latenessMs: 1_000 } })
  const before = heapBytes()
  let half = before
  for (let chain = 0; chain < chains; chain += 1) {
    if (chain === chains >> 1) half = heapBytes()
    for (let nth = 0; nth < length; nth += 1) feed(engine, plainStep(chain, nth, chain * 1_000 + nth * 10))
    if (chain % 500 === 0) engine.drain()
  }
  engine.drain()
  const after = heapBytes()
  if (engine.counts.packed < chains * 0.9)
    throw new Error(`only ${engine.counts.packed} of ${chains} chains were packed`)
  const each = (after - half) / (chains - (chains >> 1))
  return { each, fixed: after - before - each * chains }
}

/** Processor time in microseconds a step, for so many steps in chains of one length. Events are made before. */
export function microsOfStep(steps: number, length: number): number {
  const engine = createEngine(engineParts())
  let spent = 0
  for (let from = 0; from < steps; from += 10_000) {
    const events = Array.from({ length: 10_000 }, (_, i) => {
      const at = from + i
      return plainStep(Math.floor(at / length), at % length, at * 50)
    })
    const began = process.cpuUsage()
    for (const event of events) feed(engine, event)
    engine.drain()
    const { user, system } = process.cpuUsage(began)
    spent += user + system
  }
  return spent / steps
}
