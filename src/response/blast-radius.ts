import {
  type BlastRadius,
  type CredentialSummary,
  credentialOf,
  grantOf,
  type Held,
  type Operation,
  type Outcome,
  type Reached,
  refTo,
  type Sensitivity,
  type Step,
  type Touched,
} from '../core/index.ts'
import type { Dossier } from './gather.ts'
import type { Shown } from './held.ts'

const MAX_OPENED = 50
const SENSITIVITIES: readonly (Sensitivity | null)[] = [null, 'public', 'internal', 'confidential', 'restricted']

/**
 * What a subject did, and what it could still do: the resources it touched, where it sent things, whom it handed work to, and
 * the credentials and grants in its hands with what they open. `at`, in milliseconds since the epoch, is when they are judged
 * live; a credential or grant whose end no event told is live. Pure.
 */
export function blastRadius(
  { subject, steps, isCut, held: shown, credentials, around }: Dossier,
  at: number,
): BlastRadius {
  const own = new Set(steps.map(({ attribution }) => attribution.workflowId))
  const agents = new Set(steps.flatMap(({ event }) => event.agent?.id ?? []))
  const held = [
    ...shown.map((one) =>
      one.kind === 'grant' ? grantHeld(one, around, at) : credentialHeld(one, { credentials, around, at }),
    ),
    ...derivedFrom(shown, credentials).map((one) => derivedHeld(one, { around, at })),
  ].map((one) => ({ ...one, alsoUsedBy: others(one, { credentials, around, own, agents }) }))
  return {
    subject,
    at,
    steps: steps.length,
    isCut,
    firstAt: steps[0]?.event.at ?? at,
    lastAt: steps.at(-1)?.event.at ?? at,
    workflowIds: [...own],
    agentIds: [...agents],
    principalIds: [...new Set(steps.flatMap(({ event }) => event.principal?.id ?? []))],
    resources: touchedIn(steps),
    destinations: reachedIn(steps, destinationOf),
    agents: reachedIn(steps, receiverOf),
    held: held.toSorted((a, b) => Number(b.state === 'live') - Number(a.state === 'live')),
  }
}

/** Everything of a held thing but who else uses it. */
type Holding = Omit<Held, 'alsoUsedBy'>

interface Known {
  readonly credentials: readonly CredentialSummary[]
  readonly around: readonly Step[]
  readonly at: number
}

function credentialHeld({ id, as, by, from }: Shown, { credentials, around, at }: Known): Holding {
  const row = credentials.find((one) => one.id === id)
  return {
    kind: 'credential',
    id,
    type: row?.type ?? null,
    as,
    by,
    from: from ?? row?.parentId ?? null,
    grade: by.grade,
    ...lifeOf(row ?? null, at),
    ...openedBy(id, row?.scopes ?? [], around),
  }
}

function derivedHeld(row: CredentialSummary, { around, at }: Omit<Known, 'credentials'>): Holding {
  return {
    kind: 'credential',
    id: row.id,
    type: row.type,
    as: 'derived',
    by: null,
    from: row.parentId,
    grade: row.parentGrade ?? 'inferred',
    ...lifeOf(row, at),
    ...openedBy(row.id, row.scopes, around),
  }
}

/** Credentials that come from those in hand and that no step of the subject shows. */
function derivedFrom(shown: readonly Shown[], credentials: readonly CredentialSummary[]): readonly CredentialSummary[] {
  const inHand = new Set(shown.map(({ id }) => id))
  const byId = new Map(credentials.map((one) => [one.id, one]))
  const comesFromHand = (id: string | null, depth = 0): boolean =>
    id !== null && depth < 32 && (inHand.has(id) || comesFromHand(byId.get(id)?.parentId ?? null, depth + 1))
  return credentials.filter(({ id, parentId }) => !inHand.has(id) && comesFromHand(parentId))
}

function lifeOf(
  row: CredentialSummary | null,
  at: number,
): Pick<Held, 'state' | 'expiresAt' | 'revokedAt' | 'lastUsedAt'> {
  const expiresAt = row?.expiresAt ?? null
  const revokedAt = row?.revokedAt ?? null
  const state =
    revokedAt !== null && revokedAt <= at ? 'revoked' : expiresAt !== null && expiresAt <= at ? 'expired' : 'live'
  return { state, expiresAt, revokedAt, lastUsedAt: row?.lastAt ?? null }
}

function openedBy(
  id: string,
  said: readonly string[],
  around: readonly Step[],
): Pick<Held, 'scopes' | 'audience' | 'opened'> {
  const scopes = new Set(said)
  const audience = new Set<string>()
  const opened = new Set<string>()
  for (const { event } of around) {
    if (credentialOf(event) !== id) continue
    if (event.kind === 'credential' || event.kind === 'oauth') {
      const body = event.kind === 'credential' ? event.credential : event.oauth
      for (const scope of body.scopes ?? []) scopes.add(scope)
      for (const one of body.audience ?? []) audience.add(one)
    }
    const resource = event.kind === 'tool_call' ? event.tool_call.resource?.id : undefined
    if (resource !== undefined && event.outcome === 'success' && opened.size < MAX_OPENED) opened.add(resource)
  }
  return { scopes: [...scopes], audience: [...audience], opened: [...opened] }
}

/** A grant as its last consent left it. */
function grantHeld({ id, as, by }: Shown, around: readonly Step[], at: number): Holding {
  const told = around.filter(({ event }) => grantOf(event) === id && event.outcome === 'success')
  let scopes: readonly string[] = []
  let app: string | null = null
  let revokedAt: number | null = null
  let lastUsedAt: number | null = null
  const audience = new Set<string>()
  for (const { event } of told) {
    if (event.kind !== 'oauth') continue
    const { action, scopes: given, app_name, client_id, resource_server } = event.oauth
    app = app_name ?? app ?? client_id
    if (resource_server !== undefined) audience.add(resource_server)
    if (action === 'revoke') revokedAt = event.at
    else if (action === 'consent' || action === 'grant' || action === 'scope_change') {
      scopes = action === 'scope_change' ? (given ?? scopes) : [...new Set([...scopes, ...(given ?? [])])]
      revokedAt = null
    } else lastUsedAt = event.at
  }
  const tokens = new Set(told.flatMap(({ event }) => credentialOf(event) ?? []))
  const opened = new Set(
    around.flatMap(({ event }) =>
      event.kind === 'tool_call' && event.outcome === 'success' && tokens.has(event.tool_call.credential_id ?? '')
        ? (event.tool_call.resource?.id ?? [])
        : [],
    ),
  )
  return {
    kind: 'grant',
    id,
    type: app,
    as,
    by,
    from: null,
    grade: by.grade,
    state: revokedAt !== null && revokedAt <= at ? 'revoked' : 'live',
    expiresAt: null,
    revokedAt,
    scopes,
    audience: [...audience],
    opened: [...opened].slice(0, MAX_OPENED),
    lastUsedAt,
  }
}

/** Agents and workflows beside the subject's own that use a held thing. */
function others(
  { kind, id }: Holding,
  {
    credentials,
    around,
    own,
    agents,
  }: Pick<Known, 'credentials' | 'around'> & {
    readonly own: ReadonlySet<string>
    readonly agents: ReadonlySet<string>
  },
): Held['alsoUsedBy'] {
  const row = kind === 'credential' ? credentials.find((one) => one.id === id) : undefined
  const using = kind === 'grant' ? around.filter(({ event }) => grantOf(event) === id) : []
  const foreign = (ids: readonly string[], mine: ReadonlySet<string>): readonly string[] =>
    [...new Set(ids)].filter((one) => !mine.has(one)).sort()
  return {
    agents: foreign([...(row?.agentIds ?? []), ...using.flatMap(({ event }) => event.agent?.id ?? [])], agents),
    workflows: foreign(
      [...(row?.workflowIds ?? []), ...using.map(({ attribution }) => attribution.workflowId)].filter(
        (one) => !one.startsWith('~'),
      ),
      own,
    ),
  }
}

interface Draft {
  first: Touched
  operations: Set<Operation>
  outcomes: Partial<Record<Outcome, number>>
  lastAt: number
}

function touchedIn(steps: readonly Step[]): readonly Touched[] {
  const found = new Map<string, Draft>()
  for (const step of steps) {
    const { event } = step
    if (event.kind !== 'tool_call' && event.kind !== 'credential') continue
    const resource = event.kind === 'tool_call' ? event.tool_call.resource : event.credential.resource
    const id = resource?.id ?? (event.kind === 'tool_call' ? event.tool_call.name : undefined)
    if (id === undefined) continue
    const key = `${resource === undefined ? 'tool' : 'resource'}\u0000${id}`
    const there = found.get(key) ?? {
      first: {
        id,
        type: resource === undefined ? 'tool' : (resource.type ?? null),
        zone: resource?.zone ?? null,
        sensitivity: resource?.sensitivity ?? null,
        operations: [],
        outcomes: {},
        firstAt: event.at,
        lastAt: event.at,
        by: refTo(step),
      },
      operations: new Set<Operation>(),
      outcomes: {},
      lastAt: event.at,
    }
    const operation = event.kind === 'tool_call' ? event.tool_call.operation : 'read'
    if (operation !== undefined && event.outcome === 'success') there.operations.add(operation)
    there.outcomes[event.outcome] = (there.outcomes[event.outcome] ?? 0) + 1
    there.lastAt = event.at
    found.set(key, there)
  }
  return [...found.values()]
    .map(({ first, operations, outcomes, lastAt }) => ({ ...first, operations: [...operations], outcomes, lastAt }))
    .sort((a, b) => rankOf(b) - rankOf(a) || a.firstAt - b.firstAt)
}

const rankOf = ({ sensitivity }: Touched): number => SENSITIVITIES.indexOf(sensitivity)

type End = Pick<Reached, 'id' | 'type' | 'isExternal'>

function reachedIn(steps: readonly Step[], endOf: (step: Step) => End | null): readonly Reached[] {
  const found = new Map<string, Reached>()
  for (const step of steps) {
    const end = step.event.outcome === 'success' ? endOf(step) : null
    if (end === null) continue
    const there = found.get(end.id)
    found.set(
      end.id,
      there === undefined ? { ...end, count: 1, by: refTo(step) } : { ...there, count: there.count + 1 },
    )
  }
  return [...found.values()]
}

function destinationOf({ event }: Step): End | null {
  const destination = event.kind === 'tool_call' ? event.tool_call.destination : undefined
  if (destination?.id === undefined) return null
  return { id: destination.id, type: destination.type ?? null, isExternal: destination.external ?? null }
}

function receiverOf({ event }: Step): End | null {
  if (event.kind !== 'handoff') return null
  const id = event.handoff.to_agent?.id ?? event.handoff.to_workflow_id
  return id === undefined ? null : { id, type: event.handoff.mode ?? null, isExternal: null }
}
