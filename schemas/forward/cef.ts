import type { Severity } from '../../src/core/index.ts'
import { idempotencyKey } from '../../src/ports/index.ts'
import type { Told } from './alert.ts'

const SEVERITY: Readonly<Record<Severity, number>> = { info: 1, low: 3, medium: 5, high: 8, critical: 10 }
/** The most that an extension's value may be, in characters: the common limit of custom strings is 4,000. */
const MAX = 4_000

/** An alert as one line of ArcSight's Common Event Format, version 0. `version`: of this program. */
export function cefLine({ alert, previousStatus }: Told, version: string): string {
  const header = ['Catenary', 'Catenary', version, alert.detector, alert.title, SEVERITY[alert.severity]]
  const extension: readonly (readonly [string, string | number])[] = [
    ['externalId', alert.id],
    ['rt', alert.lastAt],
    ['start', alert.firstAt],
    ['end', alert.lastAt],
    ['cat', alert.detectors.join(',')],
    ['msg', alert.summary],
    ['act', alert.status],
    ...(alert.reason === null ? [] : [['reason', alert.reason] as const]),
    ...(alert.principal === null ? [] : [['suid', alert.principal.id] as const]),
    ['cn1', alert.revision],
    ['cn1Label', 'revision'],
    ['cn2', Math.round(alert.score)],
    ['cn2Label', 'score'],
    ['cs1', alert.workflowId],
    ['cs1Label', 'workflowId'],
    ['cs2', alert.tenant],
    ['cs2Label', 'tenant'],
    ['cs3', alert.agentIds.join(',')],
    ['cs3Label', 'agentIds'],
    ['cs4', alert.credentialIds.join(',')],
    ['cs4Label', 'credentialIds'],
    ['cs5', previousStatus ?? ''],
    ['cs5Label', 'previousStatus'],
    ['cs6', idempotencyKey(alert)],
    ['cs6Label', 'idempotencyKey'],
  ]
  const pairs = extension
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${inExtension(String(value))}`)
  return `CEF:0|${header.map((field) => inHeader(String(field))).join('|')}|${pairs.join(' ')}`
}

/** A header has no line ends. */
const inHeader = (text: string): string =>
  cut(text)
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\|]/g, '\\$&')

const inExtension = (text: string): string =>
  cut(text)
    .replace(/[\\=]/g, '\\$&')
    .replace(/\r\n|\r|\n/g, '\\n')

/** Whole characters, and none that a terminal obeys. */
const cut = (text: string): string =>
  [...text]
    .slice(0, MAX)
    .join('')
    .replace(/[^\P{Cc}\r\n]/gu, '?')
