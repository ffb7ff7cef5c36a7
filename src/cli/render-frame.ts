import {
  type Flow,
  type Grant,
  type GrantUse,
  isInForce,
  labelOf,
  labelOfDetail,
  type ReplayFrame,
} from '../core/index.ts'
import { type Io, printable } from './io.ts'
import { paintFor } from './render.ts'

const MAX_STATE = 160

/** One step of a replayed path as a person reads it: the score, what each detector knew before and after, what it found. */
export function renderFrame(frame: ReplayFrame, io: Io): string {
  const paint = paintFor(io)
  const { step, scoreBefore, scoreAfter, findings } = frame
  const score = scoreBefore === scoreAfter ? paint.dim(`${scoreAfter}`) : paint.red(`${scoreBefore} → ${scoreAfter}`)
  const ids = Object.keys(frame.states)
  const changed = ids.filter((id) => textOf(frame.statesBefore[id]) !== textOf(frame.states[id]))
  const same = ids.filter((id) => !changed.includes(id))
  const lines = [
    `${String(step.index).padStart(4)}  ${printable(step.event.time)}  ${paint.bold(printable(labelOf(step.event)))}  ${step.event.outcome}  score ${score}`,
    ...changed.flatMap((id) => [
      paint.dim(`      ${id}  before ${shown(frame.statesBefore[id])}`),
      paint.dim(`      ${' '.repeat(id.length)}   after ${shown(frame.states[id])}`),
    ]),
    ...(same.length === 0 ? [] : [paint.dim(`      as before: ${same.join(', ')}`)]),
    ...findings.map(
      ({ detector, severity, summary }) => `      ${paint.red('●')} ${severity} ${detector}: ${printable(summary)}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

/** What flowed into the step that is shown next. */
export function renderFlow({ from, to, type, grade, rule, carries }: Flow, io: Io): string {
  const paint = paintFor(io)
  const what = carries === null ? type : `${type} ${printable(carries)}`
  const where = from.workflowId === to.workflowId ? '' : ` in ${printable(from.workflowId)}`
  return `${paint.cyan(`      ← ${what}`)} from ${printable(from.stepId)}${where} ${paint.dim(`(${grade}: ${rule})`)}\n`
}

const textOf = (state: unknown): string => JSON.stringify(state ?? null)

function shown(state: unknown): string {
  const text = printable(textOf(state))
  return text.length > MAX_STATE ? `${text.slice(0, MAX_STATE - 1)}…` : text
}

const MAX_NAMES = 6

/** What the chain may do at a step, grant by grant: who gave it, what it is, and what was used of it so far. */
export function renderAuthority({ step, authority, uses = [] }: ReplayFrame, io: Io): string {
  const paint = paintFor(io)
  const lines = authority.grants.map((grant) => {
    const use = uses.find(({ eventId }) => eventId === grant.eventId)
    const ended = isInForce(grant, step.event.at) ? '' : ', no longer in force'
    const head = `      may, by ${grant.via}${grant.by === null ? '' : ` of ${printable(grant.by)}`}${ended}: `
    return paint.dim(head + (partsOf(grant, use).join('; ') || 'anything'))
  })
  return lines.map((line) => `${line}\n`).join('')
}

/** What a grant limits; what was used of it is behind it. */
function partsOf(grant: Grant, use: GrantUse | undefined): readonly string[] {
  const details = grant.details?.map(labelOfDetail) ?? null
  const parts: readonly (readonly [string, readonly string[] | null, readonly string[] | undefined])[] = [
    ['scopes', grant.scopes, use?.scopes],
    ['permissions', details, use?.details],
    ['tools', grant.tools, use?.tools],
    ['resources', grant.resources, use?.resources],
  ]
  return parts.flatMap(([name, held, used = []]) =>
    held === null ? [] : [`${name} ${listed(held)} (${used.length === 0 ? 'none used' : `used ${listed(used)}`})`],
  )
}

const listed = (names: readonly string[]): string =>
  names.length === 0
    ? 'none'
    : `${names.slice(0, MAX_NAMES).map(printable).join(', ')}${names.length > MAX_NAMES ? ' …' : ''}`
