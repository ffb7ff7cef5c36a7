import { cite, type Sighting, type Step, type StepRef } from '../src/core/index.ts'
import { refOf } from './evidence.ts'
import { remember } from './reading.ts'

/** Who read, owned and was handed a credential, over all workflows that touch it. */
export interface Across {
  readonly owners: readonly string[]
  readonly handed: readonly string[]
  readonly readers: readonly { readonly agent: string | null; readonly ref: StepRef }[]
}

export const NOBODY: Across = { owners: [], handed: [], readers: [] }

const MAX_AGENTS = 16
const MAX_READERS = 6

/** A credential read in one workflow and used in another, by another agent. `subject` is the credential. */
export function foldThread(
  across: Across,
  step: Step,
  subject: string,
): { readonly across: Across; readonly sightings: readonly Sighting[] } {
  const { event } = step
  const agent = event.agent?.id ?? null
  const known = learn(across, step, subject, agent)
  const isUse =
    event.kind === 'tool_call' ||
    (event.kind === 'credential' && event.credential.id === subject && (event.credential.action ?? 'use') === 'use')
  if (!isUse || agent === null) return { across: known, sightings: [] }
  if (across.readers.length === 0) {
    const owners = remember(across.owners, agent, MAX_AGENTS)
    return { across: owners === across.owners ? across : { ...across, owners }, sightings: [] }
  }
  const { workflowId } = step.attribution
  const reader = across.readers.find((one) => one.ref.workflowId !== workflowId && one.agent !== agent)
  if (reader === undefined || across.owners.includes(agent)) return { across, sightings: [] }
  const isOpen = across.handed.includes(agent)
  return {
    across,
    sightings: [
      {
        key: `across:${workflowId}`,
        summary: `${agent} used ${subject}, which ${reader.agent ?? 'another agent'} had read in workflow ${reader.ref.workflowId}`,
        severity: isOpen ? 'low' : 'high',
        confidence: 0.9,
        evidence: [
          cite(reader.ref, 'secret-read', { grade: 'derived' }),
          cite(refOf(step), 'reach', { grade: 'derived' }),
        ],
        terms: { how: 'read', acrossWorkflows: true, handedOver: isOpen },
        credentialIds: [subject],
      },
    ],
  }
}

function learn(across: Across, step: Step, subject: string, agent: string | null): Across {
  const { event } = step
  if (event.kind === 'handoff') {
    const to = event.handoff.to_agent?.id
    const handed = to === undefined ? across.handed : remember(across.handed, to, MAX_AGENTS)
    return handed === across.handed ? across : { ...across, handed }
  }
  if (event.kind !== 'credential' || event.credential.id !== subject || event.credential.action !== 'read')
    return across
  const isKnown = across.readers.some(
    (one) => one.agent === agent && one.ref.workflowId === step.attribution.workflowId,
  )
  if (isKnown || across.readers.length >= MAX_READERS) return across
  return { ...across, readers: [...across.readers, { agent, ref: refOf(step) }] }
}
