import type { EventReceiver, Outcome, Pushed, SecurityEvent, SecurityEvents } from '../ports/index.ts'

export interface PushParts {
  readonly receivers: readonly EventReceiver[]
  wait(ms: number): Promise<void>
  /** After this long nothing more is sent, in milliseconds. */
  readonly patienceMs?: number
}

const PAUSES_MS = [250, 1_000]
const MOST_WAIT_MS = 5_000
const PATIENCE_MS = 60_000

/**
 * A responder waits for the answer, so an event is tried three times within seconds and no more: what was not taken is told, and
 * may be ordered again. A receiver that is down is tried once for each later event.
 */
export const pusherOf = ({ receivers, wait, patienceMs = PATIENCE_MS }: PushParts): SecurityEvents => ({
  hearers: (tenant) => receivers.flatMap((one) => (one.hears(tenant) ? [one.name] : [])),
  async push(events) {
    const signal = AbortSignal.timeout(patienceMs)
    const found = await Promise.all(receivers.map((receiver) => pushTo(receiver, events, { wait, signal })))
    return new Map(events.map(({ jti }) => [jti, found.flatMap((one) => one.get(jti) ?? [])]))
  },
})

interface Around extends Pick<PushParts, 'wait'> {
  readonly signal: AbortSignal
}

async function pushTo(
  receiver: EventReceiver,
  events: readonly SecurityEvent[],
  around: Around,
): Promise<ReadonlyMap<string, Pushed>> {
  const pushed = new Map<string, Pushed>()
  let isUp = true
  for (const event of events) {
    if (!receiver.hears(event.tenant)) continue
    const outcome = await pushOne(receiver, event, { ...around, pauses: isUp ? PAUSES_MS : [] })
    isUp = outcome.what !== 'retry'
    pushed.set(event.jti, { receiver: receiver.name, why: outcome.what === 'delivered' ? null : outcome.why })
  }
  return pushed
}

async function pushOne(
  receiver: EventReceiver,
  event: SecurityEvent,
  { wait, signal, pauses }: Around & { readonly pauses: readonly number[] },
): Promise<Outcome> {
  let outcome = await receiver.push(event, signal)
  for (const pause of pauses) {
    if (outcome.what !== 'retry' || signal.aborted) break
    await wait(Math.min(outcome.afterMs ?? pause, MOST_WAIT_MS))
    outcome = await receiver.push(event, signal)
  }
  return outcome
}
