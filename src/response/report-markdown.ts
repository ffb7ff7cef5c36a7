import { printable } from '../core/index.ts'
import type { Report, Section } from './report.ts'

/** A report as GitHub-flavoured Markdown. Text from events is escaped: it neither formats nor links. */
export function reportMarkdown({ title, lead, alerts, sections, actions }: Report): string {
  const found = alerts.map(
    ({ severity, score, detector, summary, id, confidence }) =>
      `- **${severity} ${score}** ${md(`${detector}: ${summary}`)} (alert ${id}, confidence ${confidence})`,
  )
  const todo = actions.map(({ verb, text }, i) => `${i + 1}. **${verb}** ${md(text)}`)
  return `${[
    `# ${md(title)}`,
    md(lead),
    '## What was found',
    found.join('\n') || 'Nothing.',
    ...sections.flatMap((section) => [`## ${section.title}`, table(section)]),
    '## What to do, in this order',
    todo.join('\n') || 'Nothing.',
  ].join('\n\n')}\n`
}

const md = (text: string): string => printable(text).replaceAll(/[\\`*_{}[\]()#!|<>~@&]/g, (char) => `\\${char}`)

function table({ head, rows }: Section): string {
  if (rows.length === 0) return 'Nothing.'
  const cells = rows.map(({ cells, isMarked }) =>
    cells.map((cell) => (isMarked && cell !== '' ? `**${md(cell)}**` : md(cell))),
  )
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
