import {
  type AgentEvent,
  authorityGivenBy,
  authorityUsedBy,
  credentialOf,
  fits,
  giverOf,
  grantOf,
  type Millis,
  readTrackKey,
} from '../../core/index.ts'
import type { AuthorityQuery, HeldAuthority, HolderKind, Page, StepRow } from '../../ports/index.ts'
import { compareText } from './order.ts'
import { pageOf, type SortKey } from './page.ts'
import { keyOf } from './shelf.ts'
import type { Shelves } from './shelves.ts'

type Holder = readonly [kind: HolderKind, id: string]
type Held = Omit<HeldAuthority, 'uses' | 'isHighRisk'> & { readonly lastAt: Millis }

const MAX_USES = 500

/** Put together from the steps, as the list of any store is. */
export function authorityPage(shelves: Shelves, query: AuthorityQuery): Page<HeldAuthority> {
  const steps = shelves.steps
    .all()
    .filter(({ step }) => query.tenant === undefined || step.event.tenant === query.tenant)
    .sort((a, b) => a.step.event.at - b.step.event.at)
  const items = [...heldIn(steps).values()]
    .filter((one) => !hasEnded(one, shelves, steps, query.at) && isAsked(one, query))
    .map(({ lastAt: _lastAt, ...one }) => ({ ...one, isHighRisk: query.judge(one.name), uses: [] }))
    .filter(({ isHighRisk }) => query.isHighRisk === undefined || query.isHighRisk === isHighRisk)
  const page = pageOf({ name: 'authority', items, keyOf: placeOf, compare }, query)
  return { ...page, items: page.items.map((one) => ({ ...one, uses: usesOf(one, steps) })) }
}

function heldIn(steps: readonly StepRow[]): ReadonlyMap<string, Held> {
  const held = new Map<string, Held>()
  for (const { step } of steps) {
    const { event } = step
    for (const [kind, holder] of holdersOf(event))
      for (const name of authorityGivenBy(event)) {
        const key = keyOf(event.tenant, kind, holder, name)
        const first = held.get(key) ?? {
          tenant: event.tenant,
          kind,
          holder,
          name,
          by: giverOf(event),
          firstAt: event.at,
        }
        held.set(key, { ...first, lastAt: event.at })
      }
  }
  return held
}

const isAsked = ({ kind, holder, name }: Held, query: AuthorityQuery): boolean =>
  (query.kind === undefined || query.kind === kind) &&
  (query.holder === undefined || fits(query.holder, holder)) &&
  (query.name === undefined || fits(query.name, name))

function hasEnded({ tenant, kind, holder, lastAt }: Held, shelves: Shelves, steps: readonly StepRow[], at: Millis) {
  if (kind === 'credential') {
    const row = shelves.credentials.get(keyOf(tenant, holder))
    return row !== undefined && (row.revokedAt !== null || (row.expiresAt !== null && row.expiresAt <= at))
  }
  return (
    kind === 'grant' &&
    steps.some(
      ({ step: { event } }) =>
        event.tenant === tenant &&
        event.kind === 'oauth' &&
        event.oauth.action === 'revoke' &&
        event.outcome === 'success' &&
        event.oauth.credential_id === undefined &&
        grantOf(event) === holder &&
        event.at > lastAt,
    )
  )
}

function usesOf({ tenant, kind, holder }: HeldAuthority, steps: readonly StepRow[]): HeldAuthority['uses'] {
  const last = new Map<string, Millis>()
  for (const { step, threads } of steps) {
    const { event } = step
    if (event.tenant !== tenant || event.outcome !== 'success') continue
    const isOf = [...holdersOf(event), ...grantsOf(threads)].some(([one, id]) => one === kind && id === holder)
    if (isOf) for (const name of authorityUsedBy(event)) last.set(name, event.at)
  }
  return [...last]
    .map(([name, at]) => ({ name, at }))
    .sort((a, b) => b.at - a.at)
    .slice(0, MAX_USES)
}

function holdersOf(event: AgentEvent): readonly Holder[] {
  const [credential, grant] = [credentialOf(event), grantOf(event)]
  return [
    ...(event.agent === undefined ? [] : [['agent', event.agent.id] as const]),
    ...(credential === null ? [] : [['credential', credential] as const]),
    ...(grant === null ? [] : [['grant', grant] as const]),
  ]
}

const grantsOf = (threads: readonly string[]): readonly Holder[] =>
  threads.flatMap((thread) => {
    const track = readTrackKey(thread)
    return track?.kind === 'grant' ? [['grant', track.subject] as const] : []
  })

const placeOf = ({ isHighRisk, firstAt, kind, holder, name, tenant }: HeldAuthority): SortKey => [
  isHighRisk ? 0 : 1,
  firstAt,
  kind,
  holder,
  name,
  tenant,
]

const compare = (a: SortKey, b: SortKey): number =>
  Number(a[0]) - Number(b[0]) ||
  Number(a[1]) - Number(b[1]) ||
  [2, 3, 4, 5].reduce((before, i) => before || compareText(String(a[i]), String(b[i])), 0)
