import Table from 'cli-table3'
import colors from 'picocolors'
import type { FrameworkOf } from '../../schemas/output.ts'
import { type Alert, type ChainSummary, type Incident, labelOf, type Severity, type Step } from '../core/index.ts'
import type { Io } from './io.ts'
import { printable } from './io.ts'

export type Paint = ReturnType<typeof colors.createColors>

/** Colours only on a terminal, and not where `NO_COLOR` is set. */
export const paintFor = ({ stdout, env }: Io): Paint =>
  colors.createColors(stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '')

const MAX_STEPS = 24

function severityPaint(paint: Paint, severity: Severity): (text: string) => string {
  if (severity === 'critical' || severity === 'high') return (text) => paint.bold(paint.red(text))
  return severity === 'medium' ? paint.yellow : paint.dim
}

/** Heads the alerts of one incident. */
export function renderIncident(incident: Incident, paint: Paint): string {
  const { severity, score, alertIds, workflowIds, agentIds, ties } = incident
  const how = [...new Set(ties.map(({ by }) => BOUND_BY[by]))].join(', ')
  const loud = severityPaint(paint, severity)
  return [
    `${loud(`INCIDENT ${severity.toUpperCase()} ${score}`)}  ${paint.bold(`${alertIds.length} alerts`)} in ${printable(workflowIds.join(', '))}  ${printable(agentIds.join(', '))}`,
    paint.dim(`  one by ${how}  ${incident.id}`),
  ].join('\n')
}

const BOUND_BY: Readonly<Record<Incident['ties'][number]['by'], string>> = {
  chain: 'one chain',
  evidence: 'steps they cite',
  link: 'hand-offs and child workflows',
  credential: 'a credential and what was derived from it',
}

/** One alert as a person reads it: what, where, the path with the guilty steps marked, and what to do first. */
export function renderAlert(alert: Alert, steps: readonly Step[], frameworkOf: FrameworkOf, paint: Paint): string {
  const loud = severityPaint(paint, alert.severity)
  const who = [alert.agentIds.join(', '), alert.principal === null ? '' : `for ${alert.principal.id}`].filter(
    (part) => part !== '',
  )
  const lines = [
    `${loud(`${alert.severity.toUpperCase()} ${alert.score}`)}  ${paint.bold(alert.detector)}  ${printable(alert.workflowId)}  ${printable(who.join(' '))}`,
    `  ${paint.bold(printable(alert.title))}`,
    `  ${printable(alert.summary)}`,
    ...renderPath(alert, steps, paint),
  ]
  if (alert.detectors.length > 1) lines.push(paint.dim(`  also seen by ${alert.detectors.slice(1).join(', ')}`))
  const [first] = alert.respond
  if (first !== undefined) lines.push(`  ${paint.cyan('first:')} ${printable(first)}`)
  const names = alert.frameworks.map((id) => `${id} ${frameworkOf(id)?.title ?? ''}`.trim())
  if (names.length > 0) lines.push(paint.dim(`  ${names.join(' · ')}`))
  lines.push(paint.dim(`  alert ${alert.id}  revision ${alert.revision}  confidence ${alert.confidence}`))
  return `${lines.join('\n')}\n`
}

/** The chain as a path: evidence marked, what stands between it dimmed, long quiet stretches folded. */
function renderPath(alert: Alert, steps: readonly Step[], paint: Paint): readonly string[] {
  const parts = new Map(alert.evidence.map((one) => [one.eventId, one]))
  const own = steps.filter(({ event }) => parts.has(event.id))
  const foreign = alert.evidence.filter(({ eventId }) => !own.some(({ event }) => event.id === eventId))
  const rows = [
    ...foreign.map((one) => ({
      at: one.at,
      line: markedLine(one.time, one.note, one.role, one.grade, one.context === true, paint),
    })),
    ...shown(steps, parts).map((row) => {
      if (typeof row !== 'object') return { at: 0, line: '' }
      if ('skipped' in row) return { at: row.first.event.at, line: paint.dim(`    │ … ${row.skipped} more steps`) }
      const one = parts.get(row.event.id)
      const line =
        one === undefined
          ? paint.dim(`    │ ${clock(row.event.time)} ${printable(labelOf(row.event))}${outcome(row)}`)
          : markedLine(row.event.time, one.note, one.role, one.grade, one.context === true, paint)
      return { at: row.event.at, line }
    }),
  ]
  return rows.map(({ line }) => line)
}

/** Steps that are not drawn. */
interface Skipped {
  skipped: number
  readonly first: Step
}

function shown(steps: readonly Step[], parts: ReadonlyMap<string, unknown>): readonly (Step | Skipped)[] {
  const near = new Set<number>()
  steps.forEach(({ event }, i) => {
    if (parts.has(event.id)) for (const j of [i - 1, i, i + 1]) near.add(j)
  })
  const rows: (Step | Skipped)[] = []
  steps.forEach((step, i) => {
    const last = rows.at(-1)
    if (near.has(i) && rows.length < MAX_STEPS) rows.push(step)
    else if (last !== undefined && 'skipped' in last) last.skipped += 1
    else rows.push({ skipped: 1, first: step })
  })
  return rows.map((row) => ('skipped' in row && row.skipped === 1 ? row.first : row))
}

const markedLine = (
  time: string,
  note: string,
  role: string,
  grade: string,
  isContext: boolean,
  paint: Paint,
): string =>
  isContext
    ? `    ○ ${clock(time)} ${printable(note)}  ${paint.dim(role)}`
    : `  ${paint.red('●')} ${paint.bold(`${clock(time)} ${printable(note)}`)}  ${paint.yellow(role)} ${paint.dim(`(${grade})`)}`

const clock = (time: string): string => time.replace('T', ' ').replace(/\.\d+/, '')

const outcome = ({ event }: Step): string => (event.outcome === 'success' ? '' : ` [${event.outcome}]`)

/** The chains, riskiest first. */
export function renderChains(chains: readonly ChainSummary[], most: number): string {
  const table = new Table({
    head: ['score', 'severity', 'workflow', 'agents', 'steps', 'from', 'status'],
    style: { head: [], border: [] },
  })
  for (const chain of chains.slice(0, most))
    table.push([
      chain.score,
      chain.severity,
      printable(chain.workflowId),
      printable(chain.agentIds.slice(0, 3).join(', ')),
      chain.steps,
      new Date(chain.firstAt).toISOString().slice(0, 19),
      chain.status,
    ])
  const more = chains.length > most ? `… and ${chains.length - most} more chains (--json prints all)\n` : ''
  return `${table.toString()}\n${more}`
}
