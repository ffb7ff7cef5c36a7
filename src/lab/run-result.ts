import type { Severity } from '../core/index.ts'

/** An alert as two versions are compared by it. */
export interface RunAlert {
  readonly id: string
  readonly detector: string
  readonly detectors: readonly string[]
  readonly severity: Severity
  readonly score: number
  readonly workflowId: string
  readonly summary: string
  /** Ids of the events it cites, sorted. */
  readonly events: readonly string[]
}

/** What one version made of a set of events. */
export interface RunResult {
  /** What it is called in the report: `this tree`, `v0.3.0`, `settings of strict.json`. */
  readonly name: string
  readonly events: number
  readonly chains: number
  readonly alerts: readonly RunAlert[]
}

/** A line of `analyze --json`, as far as a comparison needs it. */
export interface AlertLine {
  readonly type: 'alert'
  readonly alert_id: string
  readonly detector: string
  readonly detectors: readonly string[]
  readonly severity: Severity
  readonly score: number
  readonly workflow_id: string
  readonly summary: string
  readonly evidence: readonly { readonly event_id: string }[]
}

interface SummaryLine {
  readonly type: 'summary'
  readonly events: number
  readonly chains: number
}

/** A result from the lines of `analyze --json`, of this version or of another. Throws on a line that is no JSON. */
export async function resultOfLines(name: string, lines: AsyncIterable<string>): Promise<RunResult> {
  const alerts: RunAlert[] = []
  let [events, chains] = [0, 0]
  for await (const text of lines) {
    if (!text.startsWith('{"type":"alert"') && !text.startsWith('{"type":"summary"')) continue
    const line = JSON.parse(text) as AlertLine | SummaryLine
    if (line.type === 'alert') alerts.push(alertOf(line))
    else {
      events = line.events
      chains = line.chains
    }
  }
  return { name, events, chains, alerts }
}

const alertOf = (line: AlertLine): RunAlert => ({
  id: line.alert_id,
  detector: line.detector,
  detectors: line.detectors,
  severity: line.severity,
  score: line.score,
  workflowId: line.workflow_id,
  summary: line.summary,
  events: [...new Set(line.evidence.map(({ event_id }) => event_id))].sort(),
})
