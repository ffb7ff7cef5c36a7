import { type AgentEvent, credentialOf, type Grade, parentCredentialOf } from '../core/index.ts'
import type { Kin } from '../ports/index.ts'
import { compareOrder, type Order, orderOf, rankOf } from './order.ts'
import { Squeezer } from './squeezer.ts'

/** A workflow that holds a credential, and when it was first seen to. */
export interface Holder {
  readonly workflowId: string
  readonly order: Order
}

/** All that is known of one credential beside its thread's fold. Plain JSON. */
export interface Credential {
  readonly id: string
  parentId: string | null
  parentOrder: Order | null
  parentGrade: Grade | null
  holders: Holder[]
  /** Workflows that used it without naming themselves: they were told by their session or the credential itself. */
  guests: readonly string[]
  children: string[]
  agentIds: readonly string[]
  type: string | null
  scopes: readonly string[]
  issuer: string | null
  subject: string | null
  uses: number
  firstAt: number
  lastAt: number
  expiresAt: number | null
  revokedAt: number | null
  /** OAuth grants whose events named this credential. */
  grants: readonly string[]
  /** Those of them whose threads were told what it did before. */
  backfilled: readonly string[]
}

const MAX_HOLDERS = 256
const MAX_AGENTS = 64
const MAX_CHILDREN = 1_024
const MAX_DEPTH = 32
const MAX_GRANTS = 16
const MAX_SCOPES = 256
const NONE: readonly string[] = []

/** The credential an event acts with. A secret that is read is not the one in use; importers say which is. */
export function inUseBy(event: AgentEvent): string | null {
  const named = event.attributes['credential_in_use']
  if (typeof named === 'string') return named
  return event.kind === 'handoff' ? null : credentialOf(event)
}

/** The family tree of one tenant's credentials: who derived from whom, and which workflows hold each. */
export class Lineage {
  readonly #squeezer = new Squeezer()
  /** A string is a record put away. */
  readonly #byId = new Map<string, Credential | string>()

  has(id: string): boolean {
    return this.#byId.has(id)
  }

  known(id: string): Credential | null {
    const there = this.#byId.get(id)
    if (typeof there !== 'string') return there ?? null
    const credential = JSON.parse(this.#squeezer.unpack(there)) as Credential
    this.#byId.set(id, credential)
    return credential
  }

  restore(state: string): void {
    const credential = JSON.parse(state) as Credential
    this.#byId.set(credential.id, credential)
  }

  /** Puts a record away; it comes back when it is asked for. */
  pack(id: string): void {
    const there = this.#byId.get(id)
    if (there !== undefined && typeof there !== 'string') this.#byId.set(id, this.#squeezer.pack(JSON.stringify(there)))
  }

  drop(id: string): void {
    this.#byId.delete(id)
  }

  /** Drops what is known of credentials that are not kept, the oldest first, down to a bound. */
  shed(most: number, isKept: (id: string) => boolean): void {
    let excess = this.#byId.size - most
    if (excess <= 0) return
    for (const id of this.#byId.keys()) {
      if (excess <= 0) return
      if (isKept(id)) continue
      this.#byId.delete(id)
      excess -= 1
    }
  }

  /** Takes in what an event says of credentials. Returns the ids whose family or holders changed. */
  learn(event: AgentEvent): readonly string[] {
    const id = credentialOf(event)
    const inUse = event.attributes['credential_in_use']
    if (id === null && inUse === undefined) return NONE
    let changed: string[] | null = null
    if (id !== null) {
      const credential = this.#upsert(event, id)
      describe(credential, event)
      const parent = parentCredentialOf(event)
      const isAdopted = parent !== null && parent !== id && this.#adopt(credential, parent, event)
      if (this.#hold(credential, event) || isAdopted) changed = [id]
    }
    if (typeof inUse === 'string' && inUse !== id) {
      const credential = this.#upsert(event, inUse)
      credential.uses += 1
      if (this.#hold(credential, event)) changed = [...(changed ?? NONE), inUse]
    }
    return changed ?? NONE
  }

  /**
   * Takes in what an event says of one credential alone, where others are known elsewhere. True when its family or holders
   * changed. `isRepeat`: its uses were counted before.
   */
  learnOf(event: AgentEvent, id: string, isRepeat: boolean): boolean {
    const named = credentialOf(event)
    const parent = parentCredentialOf(event)
    const credential = this.#upsert(event, id)
    const { uses } = credential
    let changed = false
    if (id === named) {
      describe(credential, event)
      if (parent !== null && parent !== id) changed = this.#descend(credential, parent, orderOf(event))
    } else if (id === inUseBy(event)) credential.uses += 1
    else {
      if (named !== null && id === parent) bear(credential, named)
      return false
    }
    if (isRepeat) credential.uses = uses
    return this.#hold(credential, event) || changed
  }

  /** The credential and its ancestors, the nearest first, for those that are known elsewhere and derive from it. */
  kinOf(id: string): readonly Kin[] {
    const kin: Kin[] = []
    for (let at: string | null = id; at !== null && kin.length < MAX_DEPTH; ) {
      const credential = this.known(at)
      if (credential === null) break
      kin.push({ id: at, parentId: credential.parentId, holders: credential.holders })
      at = credential.parentId
      if (kin.some((one) => one.id === at)) break
    }
    return kin
  }

  /** Takes in what is known elsewhere of a credential's ancestors, the nearest first. */
  adoptKin(child: string, kin: readonly Kin[], isOurs: (id: string) => boolean): void {
    let below = child
    for (const { id, parentId, holders } of kin) {
      if (isOurs(id)) return
      const credential = this.known(id) ?? blank(id, 0)
      credential.parentId = parentId
      credential.holders = [...holders]
      bear(credential, below)
      this.#byId.set(id, credential)
      below = id
    }
  }

  /** The oldest known ancestor of a credential, itself where it has none. */
  rootOf(id: string): string {
    let root = id
    for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
      const parent = this.known(root)?.parentId
      if (parent == null || parent === id) return root
      root = parent
    }
    return root
  }

  /** The workflows that held the credential, or its nearest ancestor that any held, at a time. */
  holdersAt(id: string, order: Order): readonly string[] {
    let at: string | null = id
    for (let depth = 0; at !== null && depth < MAX_DEPTH; depth += 1) {
      const credential = this.known(at)
      const holders = (credential?.holders ?? []).filter((holder) => compareOrder(holder.order, order) <= 0)
      if (holders.length > 0) return holders.map(({ workflowId }) => workflowId).sort()
      at = credential?.parentId ?? null
    }
    return NONE
  }

  /** The credential and all derived from it. */
  familyOf(id: string): readonly string[] {
    const family = [id]
    for (let i = 0; i < family.length && family.length < MAX_CHILDREN; i += 1) {
      for (const child of this.known(family[i] ?? '')?.children ?? NONE) if (!family.includes(child)) family.push(child)
    }
    return family
  }

  #upsert(event: AgentEvent, id: string): Credential {
    let credential = this.known(id)
    if (credential === null) {
      credential = blank(id, event.at)
      this.#byId.set(id, credential)
    }
    if (event.at < credential.firstAt) credential.firstAt = event.at
    if (event.at > credential.lastAt) credential.lastAt = event.at
    const agent = event.agent?.id
    if (agent !== undefined && credential.agentIds.length < MAX_AGENTS && !credential.agentIds.includes(agent))
      credential.agentIds = [...credential.agentIds, agent].sort()
    return credential
  }

  #adopt(credential: Credential, parent: string, event: AgentEvent): boolean {
    const { parentId: before, parentOrder } = credential
    this.#descend(credential, parent, orderOf(event))
    if (credential.parentOrder === parentOrder) return false
    bear(this.#upsert(event, parent), credential.id)
    return before !== parent
  }

  /** Notes a parent, unless an earlier event named one. True when it is another than before. */
  #descend(credential: Credential, parent: string, order: Order): boolean {
    if (credential.parentOrder !== null && compareOrder(credential.parentOrder, order) <= 0) return false
    const before = credential.parentId
    credential.parentId = parent
    credential.parentOrder = order
    credential.parentGrade = 'derived'
    return before !== parent
  }

  #hold(credential: Credential, event: AgentEvent): boolean {
    const workflowId = event.workflow_id
    if (workflowId === undefined) return false
    const { holders } = credential
    const at = holders.findIndex((holder) => holder.workflowId === workflowId)
    if (at < 0) {
      if (holders.length >= MAX_HOLDERS) return false
      holders.push({ workflowId, order: orderOf(event) })
      return true
    }
    const there = (holders[at] as Holder).order
    if (event.at > there.at || (event.at === there.at && event.ns >= there.ns && rankOf(event) > there.rank))
      return false
    const order = orderOf(event)
    if (compareOrder(order, there) >= 0) return false
    holders[at] = { workflowId, order }
    return true
  }
}

const blank = (id: string, at: number): Credential => ({
  id,
  parentId: null,
  parentOrder: null,
  parentGrade: null,
  holders: [],
  guests: NONE,
  children: [],
  agentIds: NONE,
  type: null,
  scopes: NONE,
  issuer: null,
  subject: null,
  uses: 0,
  firstAt: at,
  lastAt: at,
  expiresAt: null,
  revokedAt: null,
  grants: NONE,
  backfilled: NONE,
})

function bear(parent: Credential, child: string): void {
  if (parent.children.length < MAX_CHILDREN && !parent.children.includes(child)) parent.children.push(child)
}

function describe(credential: Credential, event: AgentEvent): void {
  if (event.kind === 'tool_call' || event.kind === 'oauth') credential.uses += 1
  if (event.kind === 'oauth') {
    const grant = event.oauth.grant_id ?? event.oauth.client_id
    if (!credential.grants.includes(grant))
      credential.grants = [...credential.grants, grant].slice(0, MAX_GRANTS).sort()
  }
  if (event.kind !== 'credential') return
  const { credential: body } = event
  if (body.action === undefined || body.action === 'use') credential.uses += 1
  credential.type ??= body.type ?? null
  credential.issuer ??= body.issuer ?? null
  credential.subject ??= body.subject ?? null
  if (body.scopes !== undefined)
    credential.scopes = [...new Set([...credential.scopes, ...body.scopes])].sort().slice(0, MAX_SCOPES)
  if (body.expires_at !== undefined) {
    const at = Date.parse(body.expires_at)
    if (!Number.isNaN(at)) credential.expiresAt = Math.max(credential.expiresAt ?? at, at)
  }
  if (body.action === 'revoke' && event.outcome === 'success')
    credential.revokedAt = Math.min(credential.revokedAt ?? event.at, event.at)
}
