import type { AgentEvent } from '../core/index.ts'
import type { Address } from '../ports/index.ts'
import { inUseBy } from './lineage.ts'
import type { Mail } from './mail.ts'
import { compareOrder, type Order } from './order.ts'
import type { Placing } from './placing.ts'

/** Who decides about an event that names no workflow. */
export type Decider = Pick<Address, 'kind' | 'subject'>

const MAX_SESSIONS = 100_000

/** The owner of its credential, else of the made-up chain that it would open: it has what the decision takes. */
export function deciderOf(event: AgentEvent, placing: Placing): Decider {
  const credential = inUseBy(event)
  return credential === null
    ? { kind: 'chain', subject: placing.groupOf(event) }
    : { kind: 'credential', subject: credential }
}

/** Carries what sessions were seen with to those who decide by it. Idle where all is folded here. */
export class Sessions {
  readonly #mail: Mail
  /** Who asked, by session id and then by name. */
  readonly #askers = new Map<string, Map<string, Decider>>()
  /** What the owner of a session was told, by session key and workflow. */
  readonly #told = new Map<string, Order>()

  constructor(mail: Mail) {
    this.#mail = mail
  }

  /** An event of a session that is known here goes to its decider: what the session was seen with goes before it. */
  asked(event: AgentEvent, placing: Placing): void {
    const { session_id: session } = event
    const decider = deciderOf(event, placing)
    if (session === undefined || this.#mail.owns(decider.kind, decider.subject)) return
    if (this.#askers.size >= MAX_SESSIONS) this.#askers.clear()
    const askers = this.#askers.get(session) ?? new Map<string, Decider>()
    askers.set(`${decider.kind} ${decider.subject}`, decider)
    this.#askers.set(session, askers)
    for (const binding of placing.bindingsOf(event)) this.#send(decider, binding)
  }

  /** A session was seen with another workflow than was known. */
  changed(
    session: string,
    binding: { readonly key: string; readonly workflowId: string; readonly order: Order },
  ): void {
    for (const decider of this.#askers.get(session)?.values() ?? []) this.#send(decider, binding)
  }

  /** Whether the owner of a session, elsewhere, has to be told that it was seen with a workflow at a time. */
  isNews(key: string, workflowId: string, order: Order): boolean {
    const name = `${key}\u0000${workflowId}`
    const there = this.#told.get(name)
    if (there !== undefined && compareOrder(there, order) <= 0) return false
    if (this.#told.size >= MAX_SESSIONS) this.#told.clear()
    this.#told.set(name, order)
    return true
  }

  #send({ kind, subject }: Decider, { key, workflowId, order }: Parameters<Sessions['changed']>[1]): void {
    this.#mail.sendNew(`bind ${key}`, kind, subject, { what: 'bind', key, workflowId, order })
  }
}
