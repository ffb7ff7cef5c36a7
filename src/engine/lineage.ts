import { type AgentEvent, type CredentialSummary, credentialOf, type Grade, parentCredentialOf } from '../core/index.ts'
import { compareOrder, type Order, orderOf } from './order.ts'

/** A workflow that holds a credential, and when it was first seen to. */
export interface Holder {
  readonly workflowId: string
  readonly order: Order
}

/** All that is known of one credential beside its thread's fold. */
export interface Credential {
  readonly tenant: string
  readonly id: string
  parentId: string | null
  parentOrder: Order | null
  parentGrade: Grade | null
  holders: Holder[]
  children: string[]
  agentIds: string[]
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
  grants: string[]
}

const MAX_HOLDERS = 256
const MAX_AGENTS = 64
const MAX_CHILDREN = 1_024
const MAX_DEPTH = 32
const EARLIEST: Order = { at: Number.NEGATIVE_INFINITY, ns: 0, rank: 0, id: '' }

/** The credential an event acts with. A secret that is read is not the one in use; importers say which is. */
export function inUseBy(event: AgentEvent): string | null {
  const named = event.attributes['credential_in_use']
  if (typeof named === 'string') return named
  if (event.kind === 'handoff') return null
  return credentialOf(event)
}

/** The family tree of credentials: who derived from whom, and which workflows hold each. One per tenant and id. */
export class Lineage {
  readonly #byKey = new Map<string, Credential>()

  known(tenant: string, id: string): Credential | null {
    return this.#byKey.get(`${tenant}\u0000${id}`) ?? null
  }

  all(): IterableIterator<Credential> {
    return this.#byKey.values()
  }

  restore(credential: Credential): void {
    this.#byKey.set(`${credential.tenant}\u0000${credential.id}`, credential)
  }

  /** Takes in what an event says of credentials. Returns the ids whose family or holders changed. */
  learn(event: AgentEvent): readonly string[] {
    const changed: string[] = []
    const id = credentialOf(event)
    const order = orderOf(event)
    if (id !== null) {
      const credential = this.#upsert(event, id)
      describe(credential, event)
      const parent = parentCredentialOf(event)
      if (parent !== null && parent !== id && this.#adopt(credential, parent, order, event)) changed.push(id)
      if (this.#hold(credential, event, order)) changed.push(id)
    }
    const inUse = event.attributes['credential_in_use']
    if (typeof inUse === 'string' && inUse !== id) {
      const credential = this.#upsert(event, inUse)
      credential.uses += 1
      if (this.#hold(credential, event, order)) changed.push(inUse)
    }
    return changed
  }

  /** The oldest known ancestor of a credential, itself where it has none. */
  rootOf(tenant: string, id: string): string {
    let root = id
    for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
      const parent = this.known(tenant, root)?.parentId
      if (parent == null || parent === id) return root
      root = parent
    }
    return root
  }

  /** The workflows that held the credential, or its nearest ancestor that any held, at a time. */
  holdersAt(tenant: string, id: string, order: Order): readonly string[] {
    let at: string | null = id
    for (let depth = 0; at !== null && depth < MAX_DEPTH; depth += 1) {
      const credential = this.known(tenant, at)
      const holders = (credential?.holders ?? []).filter((holder) => compareOrder(holder.order, order) <= 0)
      if (holders.length > 0) return holders.map(({ workflowId }) => workflowId).sort()
      at = credential?.parentId ?? null
    }
    return []
  }

  /** The credential and all derived from it. */
  familyOf(tenant: string, id: string): readonly string[] {
    const family = [id]
    for (let i = 0; i < family.length && family.length < MAX_CHILDREN; i += 1) {
      for (const child of this.known(tenant, family[i] ?? '')?.children ?? [])
        if (!family.includes(child)) family.push(child)
    }
    return family
  }

  #upsert(event: AgentEvent, id: string): Credential {
    const key = `${event.tenant}\u0000${id}`
    let credential = this.#byKey.get(key)
    if (credential === undefined) {
      credential = {
        ...BLANK,
        tenant: event.tenant,
        id,
        firstAt: event.at,
        lastAt: event.at,
        holders: [],
        children: [],
        agentIds: [],
        grants: [],
      }
      this.#byKey.set(key, credential)
    }
    credential.firstAt = Math.min(credential.firstAt, event.at)
    credential.lastAt = Math.max(credential.lastAt, event.at)
    const agent = event.agent?.id
    if (agent !== undefined && credential.agentIds.length < MAX_AGENTS && !credential.agentIds.includes(agent))
      credential.agentIds = [...credential.agentIds, agent].sort()
    return credential
  }

  #adopt(credential: Credential, parent: string, order: Order, event: AgentEvent): boolean {
    if (credential.parentOrder !== null && compareOrder(credential.parentOrder, order) <= 0) return false
    const before = credential.parentId
    credential.parentId = parent
    credential.parentOrder = order
    credential.parentGrade = 'derived'
    const record = this.#upsert(event, parent)
    if (record.children.length < MAX_CHILDREN && !record.children.includes(credential.id))
      record.children.push(credential.id)
    return before !== parent
  }

  #hold(credential: Credential, event: AgentEvent, order: Order): boolean {
    const workflowId = event.workflow_id
    if (workflowId === undefined) return false
    const at = credential.holders.findIndex((holder) => holder.workflowId === workflowId)
    if (at < 0) {
      if (credential.holders.length >= MAX_HOLDERS) return false
      credential.holders.push({ workflowId, order })
      return true
    }
    if (compareOrder(order, credential.holders[at]?.order ?? EARLIEST) >= 0) return false
    credential.holders[at] = { workflowId, order }
    return true
  }
}

const BLANK = {
  parentId: null,
  parentOrder: null,
  parentGrade: null,
  type: null,
  scopes: [],
  issuer: null,
  subject: null,
  uses: 0,
  expiresAt: null,
  revokedAt: null,
}

function describe(credential: Credential, event: AgentEvent): void {
  if (event.kind === 'tool_call' || event.kind === 'oauth') credential.uses += 1
  if (event.kind === 'oauth') {
    const grant = event.oauth.grant_id ?? event.oauth.client_id
    if (!credential.grants.includes(grant)) credential.grants = [...credential.grants, grant].slice(0, 16).sort()
  }
  if (event.kind !== 'credential') return
  const { credential: body } = event
  if (body.action === undefined || body.action === 'use') credential.uses += 1
  credential.type ??= body.type ?? null
  credential.issuer ??= body.issuer ?? null
  credential.subject ??= body.subject ?? null
  if (body.scopes !== undefined)
    credential.scopes = [...new Set([...credential.scopes, ...body.scopes])].sort().slice(0, 256)
  if (body.expires_at !== undefined) {
    const at = Date.parse(body.expires_at)
    if (!Number.isNaN(at)) credential.expiresAt = Math.max(credential.expiresAt ?? at, at)
  }
  if (body.action === 'revoke' && event.outcome === 'success')
    credential.revokedAt = Math.min(credential.revokedAt ?? event.at, event.at)
}

/** The row behind `credential` lines and `/v1/credentials`. */
export const summaryOf = (credential: Credential, extraWorkflows: readonly string[]): CredentialSummary => ({
  tenant: credential.tenant,
  id: credential.id,
  type: credential.type,
  parentId: credential.parentId,
  parentGrade: credential.parentGrade,
  workflowIds: [...new Set([...credential.holders.map(({ workflowId }) => workflowId), ...extraWorkflows])].sort(),
  agentIds: credential.agentIds,
  scopes: credential.scopes,
  issuer: credential.issuer,
  subject: credential.subject,
  uses: credential.uses,
  firstAt: credential.firstAt,
  lastAt: credential.lastAt,
  expiresAt: credential.expiresAt,
  revokedAt: credential.revokedAt,
})
