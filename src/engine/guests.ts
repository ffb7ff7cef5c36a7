import { type AgentEvent, credentialOf } from '../core/index.ts'
import { type Credential, inUseBy, type Lineage } from './lineage.ts'
import type { Track } from './track.ts'

const MAX_GUESTS = 256

/** Notes the workflows that used a credential without naming themselves, as far as its thread shows them unsealed. */
export function noteGuests(credential: Credential, thread: Track | null): void {
  if (thread === null) return
  let guests: Set<string> | null = null
  for (const { placed } of thread.entries) {
    const { rule, workflowId } = placed.attribution
    if (rule === 'reported' || !uses(placed.event, credential.id)) continue
    guests ??= new Set(credential.guests)
    guests.add(workflowId)
  }
  if (guests !== null && guests.size > credential.guests.length) credential.guests = [...guests].slice(0, MAX_GUESTS)
}

/** Takes a workflow off the credentials of an event that turned out to be another's; those still there are noted anew. */
export function leaveGuests(lineage: Lineage, event: AgentEvent, workflowId: string): void {
  for (const id of [credentialOf(event), inUseBy(event)]) {
    const known = id === null ? null : lineage.known(id)
    if (known?.guests.includes(workflowId) === true) known.guests = known.guests.filter((guest) => guest !== workflowId)
  }
}

const uses = (event: AgentEvent, id: string): boolean => credentialOf(event) === id || inUseBy(event) === id
