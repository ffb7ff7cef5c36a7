import {
  type Alert,
  type BlastRadius,
  type ContainmentAction,
  type Evidence,
  type Held,
  labelOf,
  type Step,
  type StepRef,
} from '../core/index.ts'
import type { Dossier } from './gather.ts'

/** The most steps that a report draws. */
const MAX_ROWS = 200
/** A path of no more steps than this is told whole. */
const MAX_WHOLE = 50

/** The part that a step plays in an alert. */
export interface Mark {
  readonly alert: Alert
  readonly evidence: Evidence
}

/** A step of the path, or how many are left out between two that are shown. */
export type Stop = { readonly step: Step; readonly marks: readonly Mark[] } | { readonly skipped: number }

/** A table of a report, in plain text. */
export interface Section {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly { readonly cells: readonly string[]; readonly isMarked: boolean }[]
}

/** What is told of a path, in plain text, whatever form it is written in. */
export interface Report {
  readonly title: string
  readonly lead: string
  readonly agentIds: readonly string[]
  readonly alerts: readonly Alert[]
  /** Steps that alerts cite and their neighbours in time; everything where that is not much. */
  readonly path: readonly Stop[]
  readonly sections: readonly Section[]
  /** What to do, in order: the verb, and the rest. */
  readonly actions: readonly { readonly verb: string; readonly text: string }[]
}

const KIND = { alert: 'Alert', workflow: 'Workflow', agent: 'Agent', credential: 'Credential' } as const

/** Everything a report tells: what was found, the path, what it did and could still do, and what to do about it. Pure. */
export function reportOn(
  { steps, alerts }: Pick<Dossier, 'steps' | 'alerts'>,
  radius: BlastRadius,
  actions: readonly ContainmentAction[],
): Report {
  const path = pathOf(steps, marksIn(alerts))
  return {
    title: `${KIND[radius.subject.kind]} ${radius.subject.id}`,
    lead: leadOf(radius),
    agentIds: radius.agentIds,
    alerts,
    path,
    sections: [
      section('The path', ['time', 'agent', 'step', 'outcome', 'part in an alert'], path.map(stopRow)),
      section('What it touched', ['resource', 'sensitivity', 'zone', 'done', 'first step'], touchedRows(radius)),
      section(
        'Where it sent things, and who was handed work',
        ['to', 'kind', 'times', 'first step'],
        reachedRows(radius),
      ),
      section(
        `What it could still use at ${iso(radius.at)}`,
        ['what', 'how it was got', 'ends', 'opens', 'also used by'],
        radius.held.filter(({ state }) => state === 'live').map(heldRow),
      ),
    ],
    actions: actions.map(({ action, target, why, breaks }) => {
      const others = [...breaks.agents, ...breaks.workflows]
      return {
        verb: action,
        text: `${target.kind} ${target.id}: ${why}${others.length === 0 ? '' : `; breaks ${others.join(', ')}`}`,
      }
    }),
  }
}

const iso = (at: number): string => new Date(at).toISOString()

function leadOf({ subject, steps, firstAt, lastAt, agentIds, principalIds, isCut }: BlastRadius): string {
  const who = agentIds.length === 0 ? 'nobody known' : agentIds.join(', ')
  const forWhom = principalIds.length === 0 ? '' : `, for ${principalIds.join(', ')}`
  const cut = isCut ? ` Only the first ${steps} steps were read.` : ''
  return `Tenant ${subject.tenant}. ${steps} steps from ${iso(firstAt)} to ${iso(lastAt)} by ${who}${forWhom}.${cut}`
}

type MarksOf = (step: Step) => readonly Mark[]

function marksIn(alerts: readonly Alert[]): MarksOf {
  const keyOf = (workflowId: string, eventId: string): string => `${workflowId}\u0000${eventId}`
  const marks = new Map<string, Mark[]>()
  for (const alert of alerts)
    for (const evidence of alert.evidence) {
      const key = keyOf(evidence.workflowId, evidence.eventId)
      const there = marks.get(key)
      if (there === undefined) marks.set(key, [{ alert, evidence }])
      else there.push({ alert, evidence })
    }
  return ({ event, attribution }) => marks.get(keyOf(attribution.workflowId, event.id)) ?? []
}

function pathOf(steps: readonly Step[], marksOf: MarksOf): readonly Stop[] {
  const near = new Set<number>()
  steps.forEach((step, i) => {
    if (marksOf(step).length > 0) for (const j of [i - 1, i, i + 1]) near.add(j)
  })
  const isShown = (i: number): boolean => steps.length <= MAX_WHOLE || near.size === 0 || near.has(i)
  const path: Stop[] = []
  let skipped = 0
  let shown = 0
  const leap = (): void => {
    if (skipped > 0) path.push({ skipped })
    skipped = 0
  }
  steps.forEach((step, i) => {
    if (!isShown(i) || shown >= MAX_ROWS) {
      skipped += 1
      return
    }
    leap()
    path.push({ step, marks: marksOf(step) })
    shown += 1
  })
  leap()
  return path
}

type SectionRow = Section['rows'][number]

const section = (
  title: string,
  head: readonly string[],
  rows: readonly (SectionRow | readonly string[])[],
): Section => ({
  title,
  head,
  rows: rows.map((row) => ('cells' in row ? row : { cells: row, isMarked: false })),
})

/** Whether a step is one that an alert stands on, rather than what led to it. */
export const isGuilty = (marks: readonly Mark[]): boolean => marks.some(({ evidence }) => evidence.context !== true)

function stopRow(stop: Stop): SectionRow {
  if ('skipped' in stop) return { cells: ['…', '', `${stop.skipped} more steps`, '', ''], isMarked: false }
  const { event } = stop.step
  const marks = stop.marks.map(({ alert, evidence }) => `${evidence.role} (${alert.detector}, ${evidence.grade})`)
  return {
    cells: [event.time, event.agent?.id ?? '', labelOf(event), event.outcome, marks.join('; ')],
    isMarked: isGuilty(stop.marks),
  }
}

const stepText = ({ time, label }: StepRef): string => `${time} ${label}`

const touchedRows = ({ resources }: BlastRadius): readonly (readonly string[])[] =>
  resources.map(({ id, sensitivity, zone, operations, outcomes, by }) => {
    const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`)
    return [id, sensitivity ?? '', zone ?? '', (operations.length > 0 ? operations : counts).join(', '), stepText(by)]
  })

const reachedRows = ({ destinations, agents }: BlastRadius): readonly (readonly string[])[] =>
  [...destinations, ...agents].map(({ id, type, isExternal, count, by }) => {
    const kind = [type ?? '', isExternal === true ? 'outside' : ''].filter((word) => word !== '')
    return [id, kind.join(', '), String(count), stepText(by)]
  })

const heldRow = ({ kind, id, as, from, by, expiresAt, scopes, opened, alsoUsedBy }: Held): readonly string[] => [
  `${kind} ${id}`,
  `${as}${from === null ? '' : ` from ${from}`}${by === null ? '' : `, ${stepText(by)}`}`,
  expiresAt === null ? 'not known' : iso(expiresAt),
  [...scopes, ...opened].join(', '),
  [...alsoUsedBy.agents, ...alsoUsedBy.workflows].join(', '),
]
