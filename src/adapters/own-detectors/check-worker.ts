import { parentPort, workerData } from 'node:worker_threads'
import { type DecodeOptions, decodeEvent } from '../../../schemas/event.ts'
import type { AgentEvent, DetectorCases, DetectorEvasions } from '../../core/index.ts'
import { hostileDraft } from '../../lab/hostile.ts'
import { LAWS, lawsOf } from '../../lab/laws.ts'
import type { Answer, Question } from './check.ts'
import { guard, MAX_STATE, messageOf } from './guard.ts'
import { createRealm } from './realm.ts'
import { type Exported, exportedOf } from './shape.ts'

/**
 * The thread in which a foreign file runs for the first time. It may be ended from outside at any moment, has no environment
 * and little memory; what it finds out is told as plain data.
 */
const { kit, stepMs } = workerData as { readonly kit: string; readonly stepMs: number }

const OPTIONS: DecodeOptions = {
  content: { key: new TextEncoder().encode('a key for cases, not a secret'), retain: false },
}
const HOSTILE_STEPS = 125
/** Decoding is what costs: each is told again under other names so often. */
const TELLINGS = 8

parentPort?.on('message', (question: Question) => {
  parentPort?.postMessage(answerTo(question))
})

function answerTo({ file, code }: Question): Answer {
  const realm = createRealm(kit)
  let exported: ReturnType<typeof exportedOf>
  try {
    exported = exportedOf(realm.load(code, file))
  } catch (error) {
    return { mistakes: [`it cannot be loaded: ${messageOf(error)}`] }
  }
  if (!('detector' in exported)) return { mistakes: exported }
  const { cases, evasions } = exported
  let told: readonly AgentEvent[][]
  try {
    told = casesOf(cases, evasions).map(({ name, events }) => events.map((event) => eventOf(event, name)))
  } catch (error) {
    return { mistakes: [messageOf(error)] }
  }
  try {
    return { laws: judged(exported, told, realm) }
  } catch (error) {
    return { laws: LAWS.map((law, i) => ({ law, problem: i === 0 ? messageOf(error) : null })) }
  }
}

function judged({ detector }: Exported, told: readonly AgentEvent[][], realm: ReturnType<typeof createRealm>) {
  let slow: string | null = null
  const onAside = ({ reason, detail }: { reason: string; detail: string }): void => {
    if (reason === 'slow') slow = detail
  }
  const { detector: guarded } = guard(detector, { realm, stepMs, now: () => performance.now(), onAside })
  const once = Array.from({ length: HOSTILE_STEPS }, (_, i) =>
    eventOf(hostileDraft(detector.wants[i % detector.wants.length] ?? 'tool_call', i), 'hostile'),
  )
  const hostile = Array.from({ length: TELLINGS }, (_, i) => once.map((event, n) => toldAgain(event, n, i))).flat()
  const results = lawsOf(guarded, { sequences: [...told, hostile], maxState: MAX_STATE })
  return slow === null ? results : results.map((one, i) => (i === 0 ? { ...one, problem: slow } : one))
}

/** The same event later and under other names: they hold its number. */
function toldAgain(event: AgentEvent, n: number, telling: number): AgentEvent {
  const text = JSON.stringify(event).replaceAll(`-${n}`, `-${n}.${telling}`)
  return { ...(JSON.parse(text) as AgentEvent), at: event.at + telling * HOSTILE_STEPS * 1_000 }
}

const casesOf = ({ attacks, twins }: DetectorCases, evasions: DetectorEvasions | null) => [
  ...attacks,
  ...twins,
  ...(evasions === null ? [] : [...evasions.seen, ...evasions.unseen]),
]

function eventOf(value: unknown, name: string): AgentEvent {
  const decoded = decodeEvent(value, OPTIONS)
  if (!decoded.ok) throw new Error(`case "${name}" holds what is no event: ${decoded.path}: ${decoded.message}`)
  return decoded.event
}
