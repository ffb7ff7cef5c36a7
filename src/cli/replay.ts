import type { Command } from 'commander'
import { frameworkOf } from '../../detectors/frameworks.ts'
import { CatenaryError, labelOf, type ReplayFrame, type Step } from '../core/index.ts'
import { counterfactuals, replay } from '../engine/replay.ts'
import { type AnalyzeResult, analyzeFiles, engineParts } from '../main.ts'
import { optionsOf } from './analyze.ts'
import { EXIT, type Io, printable } from './io.ts'
import { paintFor, renderAlert } from './render.ts'

interface ReplayFlags {
  readonly json?: boolean
  readonly until?: string
  readonly without?: readonly string[]
  readonly tenant?: string
}

/** `catenary replay WORKFLOW FILE…` and `catenary explain ALERT FILE…` */
export function addReplay(program: Command, io: Io, exit: (code: number) => void): void {
  program
    .command('replay')
    .description(
      "a workflow's path, step by step, with each detector's state and the score before and after every step",
    )
    .argument('<workflow>', 'the workflow id, as analyze prints it')
    .argument('<file...>', 'the files that hold it')
    .option('--json', 'one JSON object a step')
    .option('--until <step>', 'stop after this step or event id')
    .option('--without <event...>', 'leave these events out, as if they had never come')
    .option('--tenant <name>', 'whose workflow', 'default')
    .action(async (workflow: string, files: string[], flags: ReplayFlags) => {
      const result = await analyzeFiles(await optionsOf(files, {}))
      const steps = upTo(stepsOrThrow(result, flags.tenant ?? 'default', workflow), flags.until)
      const frames = replay(steps, engineParts(), { without: flags.without ?? [] })
      for (const frame of frames)
        io.stdout.write(flags.json === true ? `${JSON.stringify(frameJson(frame))}\n` : renderFrame(frame, io))
      exit(EXIT.done)
    })
  program
    .command('explain')
    .description('why an alert was raised: evidence, terms, and what would have kept it quiet')
    .argument('<alert>', 'the alert id or the start of one')
    .argument('<file...>', 'the files it came from')
    .option('--json', 'one JSON object')
    .action(async (id: string, files: string[], flags: { json?: boolean }) => {
      explain(id, await analyzeFiles(await optionsOf(files, {})), flags.json === true, io)
      exit(EXIT.done)
    })
}

function stepsOrThrow(result: AnalyzeResult, tenant: string, workflow: string): readonly Step[] {
  const steps = result.stepsOf(tenant, workflow)
  if (steps.length > 0) return steps
  const near = result.chains.slice(0, 5).map(({ workflowId }) => workflowId)
  throw new CatenaryError(
    'CAT_USAGE',
    `no workflow ${workflow} of tenant ${tenant} in these files; there are ${result.chains.length}, such as ${near.join(', ')}`,
  )
}

function upTo(steps: readonly Step[], until: string | undefined): readonly Step[] {
  if (until === undefined) return steps
  const at = steps.findIndex(({ id, event }) => id === until || event.id === until)
  if (at < 0) throw new CatenaryError('CAT_USAGE', `--until ${until}: the workflow has no such step or event`)
  return steps.slice(0, at + 1)
}

const frameJson = ({
  step,
  scoreBefore,
  scoreAfter,
  statesBefore,
  states,
  findings,
  authority,
}: ReplayFrame): object => ({
  step_id: step.id,
  event_id: step.event.id,
  index: step.index,
  time: step.event.time,
  label: labelOf(step.event),
  outcome: step.event.outcome,
  agent_id: step.event.agent?.id ?? null,
  score_before: scoreBefore,
  score_after: scoreAfter,
  authority: authority.grants,
  detectors: Object.keys(states).map((detector) => ({
    detector,
    before: statesBefore[detector],
    after: states[detector],
  })),
  findings: findings.map(({ id, detector, severity, summary }) => ({ finding_id: id, detector, severity, summary })),
})

function renderFrame(frame: ReplayFrame, io: Io): string {
  const paint = paintFor(io)
  const { step, scoreBefore, scoreAfter, findings } = frame
  const score = scoreBefore === scoreAfter ? paint.dim(`${scoreAfter}`) : paint.red(`${scoreBefore} → ${scoreAfter}`)
  const lines = [
    `${String(step.index).padStart(4)}  ${step.event.time}  ${paint.bold(printable(labelOf(step.event)))}  ${step.event.outcome}  score ${score}`,
    ...Object.keys(frame.states)
      .filter((detector) => JSON.stringify(frame.statesBefore[detector]) !== JSON.stringify(frame.states[detector]))
      .map((detector) => paint.dim(`      ${detector}: ${printable(clip(JSON.stringify(frame.states[detector])))}`)),
    ...findings.map(
      ({ detector, severity, summary }) => `      ${paint.red('●')} ${severity} ${detector}: ${printable(summary)}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

const clip = (text: string): string => (text.length > 160 ? `${text.slice(0, 159)}…` : text)

function explain(id: string, result: AnalyzeResult, asJson: boolean, io: Io): void {
  const found = result.alerts.filter((alert) => alert.id.startsWith(id))
  const [alert] = found
  if (alert === undefined || found.length > 1)
    throw new CatenaryError(
      'CAT_USAGE',
      alert === undefined
        ? `no alert ${id} in these files; analyze prints the ids`
        : `${found.length} alerts start with ${id}; give more of the id`,
    )
  const steps = result.stepsOf(alert.tenant, alert.workflowId)
  const without = counterfactuals(steps, engineParts(), alert.detector, alert.evidence)
  if (asJson) {
    io.stdout.write(
      `${JSON.stringify({ alert_id: alert.id, detector: alert.detector, terms: alert.terms, without })}\n`,
    )
    return
  }
  const paint = paintFor(io)
  io.stdout.write(renderAlert(alert, steps, frameworkOf, paint))
  io.stdout.write(`\n  ${paint.bold('what held')}\n`)
  for (const [term, value] of Object.entries(alert.terms)) io.stdout.write(`    ${term}: ${printable(String(value))}\n`)
  io.stdout.write(`  ${paint.bold('without')}\n`)
  for (const { label, score, falls } of without)
    io.stdout.write(
      `    ${printable(label)}: the chain scores ${score}${falls ? `, and ${alert.detector} stays quiet` : ''}\n`,
    )
}
