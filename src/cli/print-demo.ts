import { frameworkOf } from '../../detectors/frameworks.ts'
import { alertJson } from '../../schemas/output.ts'
import { type Alert, type ChainSummary, SEVERITIES } from '../core/index.ts'
import { byUrgency } from '../runtime/collector.ts'
import { alertsInStore, chainsInStore, stepsInStore } from '../service/stored-path.ts'
import type { Service } from '../service.ts'
import { estateLabels } from './estate-file.ts'
import type { Io } from './io.ts'
import { counted } from './print-analysis.ts'
import { paintFor, renderAlert } from './render.ts'

/** What was played in. */
export interface Played {
  readonly events: number
  readonly duplicates: number
  readonly seconds: number
}

export interface Telling extends Played {
  /** The demo ends when this is printed. */
  readonly isOnce: boolean
  /** The folder that stays; null for one that goes. */
  readonly keptIn: string | null
}

interface Found {
  /** Strongest first. */
  readonly alerts: readonly Alert[]
  readonly chains: readonly ChainSummary[]
}

async function foundIn({ reader }: Service): Promise<Found> {
  const alerts: Alert[] = []
  for await (const alert of alertsInStore(reader, { status: 'open' })) alerts.push(alert)
  const chains: ChainSummary[] = []
  for await (const chain of chainsInStore(reader, {})) chains.push(chain)
  return { alerts: alerts.sort(byUrgency), chains }
}

/** What the demo found, as NDJSON: alerts, a summary, the service. */
export async function printFoundJson(service: Service, played: Played, io: Io): Promise<void> {
  const { alerts, chains } = await foundIn(service)
  const line = (value: object): unknown => io.stdout.write(`${JSON.stringify(value)}\n`)
  for (const alert of alerts) line(alertJson(alert, frameworkOf, null))
  line({ type: 'service', url: service.url })
  line({ type: 'summary', ...played, chains: chains.length, alerts: alerts.length })
}

/** What the demo found, as a person reads it, and what to do next. */
export async function printFound(service: Service, telling: Telling, io: Io): Promise<void> {
  const paint = paintFor(io)
  const { alerts, chains } = await foundIn(service)
  for (const alert of alerts) {
    const steps = await stepsInStore(service.reader, alert.tenant, alert.workflowId)
    io.stdout.write(`${renderAlert(alert, steps, frameworkOf, paint)}\n`)
  }
  const by = SEVERITIES.toReversed().flatMap((severity) => {
    const count = alerts.filter((alert) => alert.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}`]
  })
  io.stdout.write(
    `${paint.bold(`${counted(telling.events, 'event')} in ${counted(chains.length, 'chain')}, ${counted(alerts.length, 'alert')}`)}` +
      ` (${by.join(', ') || 'none'}) in ${telling.seconds.toFixed(1)} s\n${truthOf(alerts)}\n`,
  )
  io.stdout.write(nextOf(service.url, alerts[0], telling))
}

/** Held against the estate's labels, which the engine never saw. */
function truthOf(alerts: readonly Alert[]): string {
  const { attacks, twins } = estateLabels()
  const cites = (id: string): boolean => alerts.some(({ evidence }) => evidence.some(({ eventId }) => eventId === id))
  const found = attacks.filter(({ harm }) => cites(harm)).length
  const loud = twins.filter(({ lookalike }) => cites(lookalike)).length
  return `The day holds ${counted(attacks.length, 'attack')} and ${counted(twins.length, 'harmless look-alike')}: ${found} of the attacks are told, and ${loud} of the look-alikes.\n`
}

function nextOf(url: string, strongest: Alert | undefined, { isOnce, keptIn }: Telling): string {
  const lines = isOnce
    ? commandsOnFolder(strongest, keptIn)
    : [...pagesOf(url, strongest), '', ...commandsOn(url, strongest), '']
  if (!isOnce) lines.push('It answers this machine only, and until Ctrl-C.')
  return `${lines.join('\n')}\n`
}

function pagesOf(url: string, strongest: Alert | undefined): readonly string[] {
  const chain = strongest === undefined ? null : `${url}/v1/chains/${encodeURIComponent(strongest.workflowId)}`
  return [
    'Open',
    `  ${url}/docs   the API, to try`,
    `  ${url}/v1/alerts   every alert`,
    ...(chain === null
      ? []
      : [`  ${chain}/graph   the riskiest chain as a graph`, `  ${chain}/replay   the same, step by step`]),
    `  ${url}/v1/tail   live`,
  ]
}

const commandsOn = (url: string, strongest: Alert | undefined): readonly string[] => [
  'Try next',
  ...(strongest === undefined ? [] : [`  npx catenary detectors show ${strongest.detector}`]),
  `  curl -H 'content-type: application/x-ndjson' --data-binary @your-events.ndjson ${url}/v1/events`,
]

const commandsOnFolder = (strongest: Alert | undefined, keptIn: string | null): string[] => {
  if (strongest === undefined) return ['Try next', '  npx catenary demo']
  if (keptIn === null) return ['Try next', '  npx catenary demo', `  npx catenary detectors show ${strongest.detector}`]
  return [
    'Try next',
    `  npx catenary replay ${strongest.workflowId} --data ${keptIn}`,
    `  npx catenary explain ${strongest.id.slice(0, 8)} --data ${keptIn}`,
  ]
}
