import { frameworkOf } from '../../detectors/frameworks.ts'
import { alertJson, chainJson, credentialJson, incidentJson, rejectedJson } from '../../schemas/output.ts'
import type { AnalyzeResult } from '../main.ts'
import { byUrgency } from '../runtime/collector.ts'
import { type Io, printable } from './io.ts'
import { paintFor, renderAlert, renderChains, renderIncident } from './render.ts'

const MAX_REJECTED = 20
const MAX_CHAINS = 15

/**
 * What was found as NDJSON: alerts, chains, credentials, rejected records, incidents, a summary last. Of a large input not every
 * harmless chain, credential and refused record is printed; the summary then says how many were left out. It also counts
 * what could not be seen or left memory on the way.
 */
export function printJson(result: AnalyzeResult, io: Io): void {
  const line = (value: object): unknown => io.stdout.write(`${JSON.stringify(value)}\n`)
  const incidentOf = new Map(result.incidents.flatMap(({ id, alertIds }) => alertIds.map((alert) => [alert, id])))
  for (const alert of result.alerts)
    line(alertJson(alert, frameworkOf, result.originOf(alert.tenant, alert.workflowId), incidentOf.get(alert.id)))
  for (const chain of result.chains) line(chainJson(chain, result.originOf(chain.tenant, chain.workflowId)))
  for (const credential of result.credentials) line(credentialJson(credential))
  for (const rejected of result.rejected) line(rejectedJson(rejected))
  for (const incident of result.incidents) line(incidentJson(incident))
  const { leftOut } = result
  const isWhole = leftOut.chains + leftOut.credentials + leftOut.rejected === 0
  line({ type: 'summary', ...result.summary, ...(isWhole ? {} : { left_out: leftOut }) })
}

/** What was found as a person reads it; refused records on standard error. */
export async function printAnalysis(result: AnalyzeResult, io: Io): Promise<void> {
  const paint = paintFor(io)
  const alerts = new Map(result.alerts.map((alert) => [alert.id, alert]))
  for (const incident of result.incidents) {
    if (incident.alertIds.length > 1) io.stdout.write(`${renderIncident(incident, paint)}\n`)
    const members = incident.alertIds.flatMap((id) => alerts.get(id) ?? []).sort(byUrgency)
    for (const alert of members)
      io.stdout.write(
        `${renderAlert(alert, await result.stepsOf(alert.tenant, alert.workflowId), frameworkOf, paint)}\n`,
      )
  }
  if (result.chains.length > 0) io.stdout.write(renderChains(result.chains, MAX_CHAINS))
  for (const { origin, reason, path, message } of result.rejected.slice(0, MAX_REJECTED))
    io.stderr.write(
      `${origin.file}:${origin.line}: ${reason}${path === '' ? '' : ` at ${path}`}: ${printable(message)}\n`,
    )
  const more = result.summary.rejected - Math.min(MAX_REJECTED, result.rejected.length)
  const shown = result.leftOut.rejected === 0 ? 'all' : 'the first of each reason'
  if (more > 0) io.stderr.write(`… and ${more} more refused records (--json prints ${shown})\n`)
  const last = new Map(result.coverage.map((one) => [one.what, one]))
  for (const [what, { detail }] of last)
    io.stderr.write(
      `coverage: ${what}, told ${counted(result.summary.coverage?.[what] ?? 0, 'time')}, last: ${printable(detail)}\n`,
    )
  const { events, duplicates, rejected, chains, alerts: raised, seconds } = result.summary
  io.stdout.write(
    `${counted(events, 'event')} in ${counted(chains, 'chain')}, ${counted(raised, 'alert')}; ${counted(duplicates, 'duplicate')}, ${rejected} refused; ${seconds} s\n`,
  )
}

/** A number and its noun: `1 chain`, `2 chains`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
