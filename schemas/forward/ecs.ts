import type { Alert, Severity } from '../../src/core/index.ts'
import type { FrameworkOf } from '../output.ts'
import { forwardedAlert, type Told } from './alert.ts'

const ECS_VERSION = '8.17.0'

/** As Elastic's own detection rules number severities. */
const SEVERITY: Readonly<Record<Severity, number>> = { info: 1, low: 21, medium: 47, high: 73, critical: 99 }

/**
 * An alert as a document of the Elastic Common Schema. What ECS has no field for stands under `catenary`: the whole alert, its
 * terms as a list, so that their names make no fields.
 */
export function ecsDocument(told: Told, frameworkOf: FrameworkOf): object {
  const { alert } = told
  const { terms: _terms, ...rest } = forwardedAlert(told, frameworkOf) as Readonly<Record<string, unknown>>
  const terms = Object.entries(alert.terms).map(([name, value]) => ({ name, value: String(value) }))
  return {
    '@timestamp': iso(alert.lastAt),
    ecs: { version: ECS_VERSION },
    message: alert.summary,
    event: {
      kind: 'alert',
      category: ['intrusion_detection'],
      type: ['info'],
      module: 'catenary',
      dataset: 'catenary.alert',
      provider: 'catenary',
      id: alert.id,
      action: alert.status === 'open' ? 'alert-raised' : 'alert-retracted',
      severity: SEVERITY[alert.severity],
      risk_score: alert.score,
      start: iso(alert.firstAt),
      end: iso(alert.lastAt),
      sequence: alert.revision,
      ...(alert.reason === null ? {} : { reason: alert.reason }),
    },
    rule: { id: alert.detector, name: alert.title, version: String(alert.detectorVersion), ruleset: 'catenary' },
    organization: { id: alert.tenant },
    ...threatOf(alert, frameworkOf),
    ...(alert.principal === null
      ? {}
      : { user: { id: alert.principal.id, name: alert.principal.name ?? alert.principal.id } }),
    related: { user: [...new Set([...(alert.principal === null ? [] : [alert.principal.id]), ...alert.agentIds])] },
    tags: ['catenary', alert.severity, alert.status],
    catenary: { ...rest, terms },
  }
}

/** Techniques of ATT&CK and ATLAS; ECS has one framework an event, and ATT&CK goes first. */
function threatOf({ frameworks }: Alert, frameworkOf: FrameworkOf): object {
  const entries = frameworks.flatMap((id) => frameworkOf(id) ?? [])
  for (const [framework, name] of [
    [/att&?ck/i, 'MITRE ATT&CK'],
    [/atlas/i, 'MITRE ATLAS'],
  ] as const) {
    const own = entries.filter((entry) => framework.test(entry.framework))
    if (own.length > 0)
      return {
        threat: { framework: name, technique: { id: own.map(({ id }) => id), name: own.map(({ title }) => title) } },
      }
  }
  return {}
}

const iso = (at: number): string => new Date(at).toISOString()
