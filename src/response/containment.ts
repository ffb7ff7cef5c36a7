import {
  type Alert,
  type BlastRadius,
  type ContainmentAction,
  type Evidence,
  type Held,
  refTo,
  type Step,
  type StepRef,
} from '../core/index.ts'
import type { Dossier } from './gather.ts'

const NOBODY = { agents: [], workflows: [] }
/** What can make further credentials: first, or what is revoked is made again. */
const MAKERS: ReadonlySet<string> = new Set([
  'refresh_token',
  'service_account_key',
  'api_key',
  'certificate',
  'password',
])
/** The detector whose evidence is authority that outlasts the chain. */
const LASTING = 'privilege-persistence'

/**
 * What to revoke, rotate and undo after a compromise, in order: whoever acts is stopped; then what can make new credentials
 * before what was made from it, so that nothing revoked is made again; then secrets whose value was seen; then authority that
 * the path left behind; then who was handed work. Each says what else uses it. Pure; changes nothing anywhere.
 */
export function containmentPlan(
  radius: BlastRadius,
  { steps, alerts }: Pick<Dossier, 'steps' | 'alerts'>,
): readonly ContainmentAction[] {
  const live = radius.held.filter(({ state }) => state === 'live')
  const isRead = new Set(radius.held.flatMap(({ id, as }) => (as === 'read' ? [id] : [])))
  const credentials = live.filter(({ kind, id }) => kind === 'credential' && !isRead.has(id))
  return [
    ...stopped(radius, steps),
    ...live.filter(({ kind }) => kind === 'grant').map(revoked),
    ...credentials
      .toSorted((a, b) => makes(b) - makes(a) || depthOf(a, credentials) - depthOf(b, credentials))
      .map(revoked),
    ...live.filter(({ kind, id }) => kind === 'credential' && isRead.has(id)).map(rotated),
    ...secretsRead(radius),
    ...leftBehind(alerts),
    ...radius.agents
      .filter(({ id }) => !radius.agentIds.includes(id))
      .map(
        ({ id, by }): ContainmentAction => ({
          action: 'check-agent',
          target: { kind: 'agent', id },
          why: 'was handed work by the path: look at what it did with it',
          by,
          breaks: NOBODY,
          endsAt: null,
        }),
      ),
  ]
}

function stopped({ agentIds }: BlastRadius, steps: readonly Step[]): readonly ContainmentAction[] {
  return agentIds.map((id) => {
    const last = steps.findLast(({ event }) => event.agent?.id === id)
    return {
      action: 'stop-agent',
      target: { kind: 'agent', id },
      why: 'acts on the path: end its sessions before anything is revoked, or it sees that it was noticed',
      by: last === undefined ? null : refTo(last),
      breaks: NOBODY,
      endsAt: null,
    }
  })
}

const makes = ({ type }: Held): number => Number(type !== null && MAKERS.has(type))

/** How many of the held credentials it derives from. */
function depthOf(one: Held, all: readonly Held[]): number {
  let depth = 0
  for (let from = one.from; from !== null && depth < all.length; depth += 1)
    from = all.find(({ id }) => id === from)?.from ?? null
  return depth
}

const HELD_AS: Readonly<Record<Held['as'], string>> = {
  issued: 'was issued on the path',
  read: 'was read on the path',
  used: 'was used on the path',
  consented: 'was consented to on the path',
  derived: 'derives from what the path holds',
}

const revoked = (held: Held): ContainmentAction => ({
  action: held.kind === 'grant' ? 'revoke-grant' : 'revoke-credential',
  target: { kind: held.kind, id: held.id },
  why: `${HELD_AS[held.as]}${held.from === null ? '' : `, from ${held.from}`}${opens(held)}`,
  by: held.by,
  breaks: held.alsoUsedBy,
  endsAt: held.expiresAt,
})

const rotated = (held: Held): ContainmentAction => ({ ...revoked(held), action: 'rotate-secret' })

function opens({ scopes, opened }: Held): string {
  const what = [...scopes.slice(0, 3), ...opened.slice(0, 3)]
  const more = scopes.length + opened.length - what.length
  return what.length === 0 ? '' : `; opens ${what.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** Secrets that a tool call read, where no event names the credential in it. */
function secretsRead({ resources, held }: BlastRadius): readonly ContainmentAction[] {
  const told = new Set(held.flatMap(({ by }) => by?.eventId ?? []))
  return resources
    .filter(({ type, operations, by }) => type === 'secret' && operations.includes('read') && !told.has(by.eventId))
    .map(({ id, by }) => ({
      action: 'rotate-secret',
      target: { kind: 'resource', id },
      why: 'its value was read on the path; no event names the credential in it',
      by,
      breaks: NOBODY,
      endsAt: null,
    }))
}

function leftBehind(alerts: readonly Alert[]): readonly ContainmentAction[] {
  const pieces = new Map<string, Evidence>()
  for (const { detectors, evidence } of alerts)
    if (detectors.includes(LASTING)) for (const one of evidence) if (one.context !== true) pieces.set(one.eventId, one)
  return [...pieces.values()].map((one) => ({
    action: 'undo',
    target: { kind: 'step', id: one.stepId },
    why: `left behind: ${one.note} (${one.role})`,
    by: refOf(one),
    breaks: NOBODY,
    endsAt: null,
  }))
}

const refOf = ({ eventId, stepId, at, time, note, workflowId, agentId, grade }: Evidence): StepRef => ({
  eventId,
  stepId,
  at,
  time,
  label: note,
  workflowId,
  agentId,
  grade,
})
