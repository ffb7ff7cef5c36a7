import { type Flow, labelOf, type ReplayFrame } from '../core/index.ts'
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
