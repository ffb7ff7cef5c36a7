import { resolve } from 'node:path'
import type { z } from 'zod'
import { type Frame, frameJson } from '../../schemas/api/step.ts'
import type { ReplayFrame } from '../core/index.ts'
import { type Io, printable } from './io.ts'
import { withRevision } from './other-revision.ts'
import { paintFor } from './render.ts'

type FrameOf = z.output<typeof Frame>

interface Against {
  readonly revision: string
  readonly workflow: string
  readonly files: readonly string[]
  readonly flags: {
    readonly tenant: string
    readonly json?: boolean
    readonly until?: string
    readonly without?: readonly string[]
  }
}

/** What one of the two makes of a step; null for a step that it does not have. */
interface Made {
  readonly score: number
  /** Detectors of its findings. */
  readonly detectors: readonly string[]
}

/** A step of the path as the other revision sees it, and as this one does. */
interface Compared {
  readonly stepId: string
  readonly time: string
  readonly label: string
  readonly before: Made | null
  readonly after: Made | null
}

/**
 * Prints where another revision of this checkout sees the same path otherwise, step by step: the score after it, and what was found.
 * Throws as `withRevision`.
 */
export async function compareWith(frames: readonly ReplayFrame[], against: Against, io: Io): Promise<void> {
  const { revision, workflow, files, flags } = against
  const words = [
    ...['--tenant', flags.tenant],
    ...(flags.until === undefined ? [] : ['--until', flags.until]),
    ...(flags.without === undefined ? [] : ['--without', ...flags.without]),
  ]
  const argv = ['replay', '--json', ...words, '--', workflow, ...files.map((file) => resolve(file))]
  const there = await withRevision(revision, io, (run) =>
    run(argv, async (lines) => {
      const read: FrameOf[] = []
      for await (const line of lines) read.push(JSON.parse(line) as FrameOf)
      return read
    }),
  )
  const compared = comparedOf(there, frames.map(frameJson))
  if (flags.json === true)
    for (const one of compared) {
      const { stepId: step_id, ...rest } = one
      io.stdout.write(`${JSON.stringify({ type: 'comparison', step_id, differs: differs(one), ...rest })}\n`)
    }
  else io.stdout.write(textOf(compared, revision, io))
}

function comparedOf(there: readonly FrameOf[], here: readonly FrameOf[]): readonly Compared[] {
  const before = new Map(there.map((frame) => [frame.step.event_id, frame]))
  const after = new Map(here.map((frame) => [frame.step.event_id, frame]))
  const all = new Map([...before, ...after])
  return [...all].map(([id, { step }]) => ({
    stepId: step.step_id,
    time: step.time,
    label: step.label,
    before: madeOf(before.get(id)),
    after: madeOf(after.get(id)),
  }))
}

const madeOf = (frame: FrameOf | undefined): Made | null =>
  frame === undefined
    ? null
    : { score: frame.score_after, detectors: frame.findings.map(({ detector }) => detector).sort() }

const differs = ({ before, after }: Compared): boolean => JSON.stringify(before) !== JSON.stringify(after)

function textOf(compared: readonly Compared[], revision: string, io: Io): string {
  const paint = paintFor(io)
  const lines = compared.map((one) => {
    const step = `${printable(one.time)}  ${printable(one.label)}`
    if (!differs(one)) return paint.dim(`   ${step}  score ${one.after?.score}`)
    const lost = without(one.before, one.after).map((detector) => `- ${detector}`)
    const gained = without(one.after, one.before).map((detector) => `+ ${detector}`)
    const told = [`score ${one.before?.score ?? 'none'} → ${one.after?.score ?? 'none'}`, ...lost, ...gained].join('  ')
    return `${paint.yellow('≠')}  ${step}  ${told}`
  })
  const many = compared.filter(differs).length
  const sum = many === 0 ? 'both see the path alike' : `${many} of ${compared.length} steps differ`
  return `${lines.join('\n')}\n${sum}: before → after is ${revision} → this tree; - lost, + gained\n`
}

const without = (one: Made | null, other: Made | null): readonly string[] =>
  (one?.detectors ?? []).filter((detector) => other?.detectors.includes(detector) !== true)
