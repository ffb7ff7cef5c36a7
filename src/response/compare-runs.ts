import {
  type AlignedStep,
  COMPARED,
  type Compared,
  credentialOf,
  labelOf,
  type ReplayFrame,
  type RunComparison,
  type RunStep,
} from '../core/index.ts'

/** So many steps of each run are compared: aligning takes time by the product of both. */
export const MAX_COMPARED = 2_000

/**
 * Sets two replayed runs side by side: steps that do the same (kind and action, or tool) in the same order are one line, the
 * longest such sequence; the others stand alone. Pure; the same for the same runs.
 */
export function compareRuns(left: readonly ReplayFrame[], right: readonly ReplayFrame[]): RunComparison {
  const [one, other] = [left.slice(0, MAX_COMPARED), right.slice(0, MAX_COMPARED)]
  const steps = aligned(one, other)
  const partAt = steps.findIndex(({ how }) => how !== 'same')
  const [has, had] = [facetsOf(one), facetsOf(other)]
  const onlyIn = (name: Compared): RunComparison['only'][Compared] => ({
    left: [...has[name]].filter((value) => !had[name].has(value)),
    right: [...had[name]].filter((value) => !has[name].has(value)),
  })
  const only = Object.fromEntries(COMPARED.map((name) => [name, onlyIn(name)])) as Record<
    Compared,
    RunComparison['only'][Compared]
  >
  return {
    steps,
    partAt: partAt < 0 ? null : partAt,
    only,
    isCut: left.length > MAX_COMPARED || right.length > MAX_COMPARED,
  }
}

function aligned(left: readonly ReplayFrame[], right: readonly ReplayFrame[]): readonly AlignedStep[] {
  const [a, b] = [left.map(doesWhat), right.map(doesWhat)]
  const lengths = commonLengths(a, b)
  const wide = b.length + 1
  const steps: AlignedStep[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [one, other] = [left[i], right[j]]
    if (one !== undefined && other !== undefined && a[i] === b[j]) {
      steps.push(pairOf(one, other))
      i += 1
      j += 1
    } else if (
      one !== undefined &&
      (other === undefined || at(lengths, (i + 1) * wide + j) >= at(lengths, i * wide + j + 1))
    ) {
      steps.push({ how: 'only-left', left: stepOf(one), right: null, differs: [] })
      i += 1
    } else if (other !== undefined) {
      steps.push({ how: 'only-right', left: null, right: stepOf(other), differs: [] })
      j += 1
    }
  }
  return steps
}

/** Of every pair of rests of both, the length of the longest common sequence, row by row. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array {
  const wide = b.length + 1
  const lengths = new Uint16Array((a.length + 1) * wide)
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      lengths[i * wide + j] =
        a[i] === b[j]
          ? at(lengths, (i + 1) * wide + j + 1) + 1
          : Math.max(at(lengths, (i + 1) * wide + j), at(lengths, i * wide + j + 1))
  return lengths
}

const at = (lengths: Uint16Array, index: number): number => lengths[index] ?? 0

/** What a step does, without what it does it to. */
function doesWhat({ step: { event } }: ReplayFrame): string {
  const body = (event as unknown as Readonly<Record<string, { readonly action?: unknown } | undefined>>)[event.kind]
  if (event.kind === 'tool_call') return `tool_call ${event.tool_call.server ?? ''} ${event.tool_call.name}`
  return `${event.kind} ${String(body?.action ?? '')}`
}

function pairOf(one: ReplayFrame, other: ReplayFrame): AlignedStep {
  const [a, b] = [facetsOf([one]), facetsOf([other])]
  // A run gets credentials of its own, so that they differ says nothing of a step.
  const facets = COMPARED.filter((name) => name !== 'credentials' && !isSame(a[name], b[name]))
  const isOtherwise = one.step.event.outcome !== other.step.event.outcome
  const differs = [...facets, ...(isOtherwise ? (['outcome'] as const) : [])]
  return { how: differs.length === 0 ? 'same' : 'differs', left: stepOf(one), right: stepOf(other), differs }
}

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((value) => b.has(value))

const stepOf = ({ step: { event }, scoreAfter, findings }: ReplayFrame): RunStep => ({
  eventId: event.id,
  time: event.time,
  label: labelOf(event),
  outcome: event.outcome,
  score: scoreAfter,
  findings: findings.map(({ detector, severity, summary }) => ({ detector, severity, summary })),
})

type Facets = Readonly<Record<Compared, ReadonlySet<string>>>

function facetsOf(frames: readonly ReplayFrame[]): Facets {
  const facets = Object.fromEntries(COMPARED.map((name) => [name, new Set<string>()])) as Record<Compared, Set<string>>
  const add = (name: Compared, ...values: readonly (string | null | undefined)[]): void => {
    for (const value of values) if (value != null) facets[name].add(value)
  }
  for (const { step } of frames) {
    const { event } = step
    add('agents', event.agent?.id)
    add('credentials', credentialOf(event))
    if (event.kind === 'tool_call') {
      const { name, resource, destination, scopes = [] } = event.tool_call
      add('tools', name)
      add('resources', resource?.id)
      add('zones', resource?.zone)
      add('destinations', destination?.id)
      add('scopes', ...scopes)
    }
    if (event.kind === 'credential') {
      add('resources', event.credential.resource?.id)
      add('zones', event.credential.resource?.zone)
      add('scopes', ...(event.credential.scopes ?? []))
    }
    if (event.kind === 'oauth') add('scopes', ...(event.oauth.scopes ?? []))
    if (event.kind === 'handoff') add('destinations', event.handoff.to_agent?.id)
  }
  return facets
}
