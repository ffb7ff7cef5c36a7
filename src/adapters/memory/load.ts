import { trackIdOf, trackKey } from '../../core/index.ts'
import type { Need, PartOfGroup, Resume, StepRow, Stored } from '../../ports/index.ts'
import { compareText } from './order.ts'
import { keyOf } from './shelf.ts'
import type { Shelves } from './shelves.ts'
import { ofChain, ofEvent, ofGroup, ofSession, ofThread } from './step-shelf.ts'

/** See `ChainStore.load`. */
export function load(shelves: Shelves, needs: readonly Need[], readers?: string): Stored {
  const asked = (...kinds: readonly Need['kind'][]) => needs.filter(({ kind }) => kinds.includes(kind))
  const chains = new Set(asked('chain').map(({ tenant, subject }) => keyOf(tenant, subject)))
  const known = asked('credential', 'grant', 'agent').filter(
    ({ kind, tenant, subject }) =>
      kind !== 'credential' || shelves.credentials.get(keyOf(tenant, subject)) !== undefined,
  )
  const threads = new Set(known.map(trackKey))
  const checkpoints = asked('agent')
    .flatMap((need) => shelves.checkpoints.get(keyOf(need.tenant, trackKey(need))) ?? [])
    .filter((row) => row.readers === readers)
  const from = new Map(checkpoints.map(({ thread, until }) => [thread, until]))
  const isAfter = (thread: string, at: number): boolean => at >= (from.get(thread) ?? Number.NEGATIVE_INFINITY)
  const isAsked = (row: { readonly tenant: string; readonly workflowId: string }): boolean =>
    chains.has(keyOf(row.tenant, row.workflowId))
  return {
    steps: shelves.steps.find(
      [
        ...asked('chain').map(({ tenant, subject }) => ofChain(tenant, subject)),
        ...asked('event').map(({ tenant, subject }) => ofEvent(tenant, subject)),
      ],
      known.map((need) => ({
        name: ofThread(need.tenant, trackKey(need)),
        from: from.get(trackKey(need)) ?? Number.NEGATIVE_INFINITY,
      })),
    ),
    links: shelves.links
      .rows()
      .filter(isAsked)
      .sort(({ event: a }, { event: b }) => a.at - b.at || a.ns - b.ns),
    chains: shelves.chains().filter(isAsked),
    parts: partsOf(shelves.steps.find(asked('group').map(({ tenant, subject }) => ofGroup(tenant, subject)))),
    credentials: asked('credential', 'kin').flatMap(
      ({ tenant, subject }) => shelves.credentials.get(keyOf(tenant, subject)) ?? [],
    ),
    findings: shelves.findings
      .rows()
      .filter(({ finding, status }) => status === 'open' && (isAsked(finding) || threads.has(finding.track))),
    alerts: shelves.lastRevisions().filter(isAsked),
    heartbeats: beats(shelves, keysOf(asked('heartbeat')), keysOf(asked('agent')), isAfter),
    checkpoints,
    sessions: asked('session').flatMap((need) => earliest(shelves, need)),
  }
}

const keysOf = (needs: readonly Need[]): ReadonlySet<string> =>
  new Set(needs.map(({ tenant, subject }) => keyOf(tenant, subject)))

function beats(
  shelves: Shelves,
  ids: ReadonlySet<string>,
  agents: ReadonlySet<string>,
  isAfter: (thread: string, at: number) => boolean,
): Stored['heartbeats'] {
  if (ids.size + agents.size === 0) return []
  return shelves.heartbeats
    .rows()
    .filter(
      ({ event: { tenant, id, at, agent } }) =>
        ids.has(keyOf(tenant, id)) ||
        (agent !== undefined &&
          agents.has(keyOf(tenant, agent.id)) &&
          isAfter(trackKey({ kind: 'agent', tenant, subject: agent.id }), at)),
    )
    .sort(({ event: a }, { event: b }) => compareText(a.id, b.id) || compareText(a.source, b.source))
}

function partsOf(steps: readonly StepRow[]): Stored['parts'] {
  const parts = new Map<string, PartOfGroup>()
  for (const { step } of steps) {
    const { tenant, at } = step.event
    const { workflowId } = step.attribution
    const key = keyOf(tenant, workflowId)
    parts.set(key, { tenant, workflowId, firstAt: parts.get(key)?.firstAt ?? at, lastAt: at })
  }
  return [...parts.values()]
}

/** All steps at the earliest time, since which of equals is first is the engine's to say; and those that named no workflow. */
function earliest(shelves: Shelves, { tenant, subject }: Need): readonly StepRow[] {
  const first = new Map<string, StepRow>()
  return shelves.steps.find([ofSession(tenant, subject)]).filter((row) => {
    const { event, attribution } = row.step
    if (attribution.rule !== 'reported') return true
    const key = keyOf(attribution.workflowId, event.agent?.id ?? '', event.principal?.id ?? '')
    const there = first.get(key)?.step.event
    if (there === undefined) first.set(key, row)
    return there === undefined || (there.at === event.at && there.ns === event.ns)
  })
}

/** See `ChainStore.resume`. */
export const resume = (shelves: Shelves): Resume => ({
  sequence: shelves.sequence,
  maxAt: shelves.steps.maxAt,
  maxBeatAt: shelves.heartbeats
    .rows()
    .reduce<number | null>((latest, { event: { at } }) => Math.max(latest ?? at, at), null),
  open: shelves
    .chains()
    .filter(({ status }) => status === 'open')
    .map(({ tenant, workflowId }) => ({ kind: 'chain' as const, tenant, subject: workflowId }))
    .sort((a, b) => compareText(a.tenant, b.tenant) || compareText(a.subject, b.subject)),
})

/** See `ChainStore.openThreads`. */
export function openThreads(shelves: Shelves): readonly Need[] {
  const needs = new Map<string, Need>()
  for (const { tenant, subject } of resume(shelves).open)
    for (const { threads } of shelves.steps.find([ofChain(tenant, subject)]))
      for (const thread of threads) needs.set(keyOf(tenant, thread), trackIdOf(thread))
  return [...needs].sort(([a], [b]) => compareText(a, b)).map(([, need]) => need)
}
