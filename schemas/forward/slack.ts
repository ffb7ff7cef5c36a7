import type { Severity } from '../../src/core/index.ts'
import type { Told } from './alert.ts'

const COLOUR: Readonly<Record<Severity, string>> = {
  info: '#6c757d',
  low: '#2f7ed8',
  medium: '#e0a800',
  high: '#e8590c',
  critical: '#c92a2a',
}

/** Slack's own limits of a header and of a section, with room for what escaping adds. */
const MAX_HEADER = 150
const MAX_TEXT = 2_500

/** An alert as a message of Slack's Block Kit. What comes from events cannot mention anybody or make a link. */
export function slackMessage({ alert, previousStatus }: Told): object {
  const isTakenBack = alert.status === 'retracted'
  const what = isTakenBack ? 'TAKEN BACK' : `${alert.severity.toUpperCase()} ${Math.round(alert.score)}`
  const change = previousStatus === null ? '' : ` (revision ${alert.revision}, was ${previousStatus})`
  const facts = [
    ['Workflow', alert.workflowId],
    ['Agents', alert.agentIds.join(', ')],
    ['For', alert.principal?.name ?? alert.principal?.id ?? ''],
    ['Tenant', alert.tenant],
    ['Detector', alert.detector],
    ['Alert', alert.id],
  ].filter(([, value]) => value !== '')
  const first = alert.respond[0]
  return {
    text: escaped(`${what}: ${alert.title}${change}`, MAX_TEXT),
    attachments: [
      {
        color: isTakenBack ? COLOUR.info : COLOUR[alert.severity],
        blocks: [
          {
            type: 'header',
            text: { type: 'plain_text', text: cut(`${what}: ${alert.title}`, MAX_HEADER), emoji: false },
          },
          section(`${escaped(alert.summary, MAX_TEXT)}${escaped(change, 100)}`),
          ...(alert.reason === null ? [] : [section(`*Why it changed*: ${escaped(alert.reason, MAX_TEXT)}`)]),
          {
            type: 'section',
            fields: facts.map(([name, value]) => ({ type: 'mrkdwn', text: `*${name}*\n${escaped(value ?? '', 500)}` })),
          },
          ...(first === undefined || isTakenBack ? [] : [section(`*First*: ${escaped(first, MAX_TEXT)}`)]),
        ],
      },
    ],
  }
}

const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text } })

const cut = (text: string, most: number): string => {
  const letters = [...text]
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : text
}

/** The three characters that make mentions and links. */
const escaped = (text: string, most: number): string =>
  cut(text, most).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
