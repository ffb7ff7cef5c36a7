import { drawing } from './drawing.ts'
import { html } from './escape.ts'
import type { Report, Section } from './report.ts'

/**
 * A report as one HTML page that loads nothing, with the path drawn. Text from events is escaped, and a content security policy
 * forbids scripts: a page that is opened from a mail does nothing.
 */
export function reportHtml(report: Report): string {
  const { title, lead, alerts, sections, actions } = report
  const found = alerts.map(
    ({ severity, score, detector, summary, id }) =>
      `<li><b class="${severity}">${severity} ${score}</b> ${html(`${detector}: ${summary}`)} <small>alert ${html(id)}</small></li>`,
  )
  const todo = actions.map(({ verb, text }) => `<li><b>${html(verb)}</b> ${html(text)}</li>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${html(title)}</h1>
<p>${html(lead)}</p>
<h2>What was found</h2>
<ul>${found.join('\n') || '<li>Nothing.</li>'}</ul>
<h2>The path, drawn</h2>
<div class="wide">${drawing(report)}</div>
${sections.map((section) => `<h2>${html(section.title)}</h2>\n${table(section)}`).join('\n')}
<h2>What to do, in this order</h2>
<ol>${todo.join('\n') || '<li>Nothing.</li>'}</ol>
</body>
</html>
`
}

const STYLE = `
:root{color-scheme:light dark;--line:#8886;--loud:#c22}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;font-size:.9em}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
td:first-child{white-space:nowrap}
tr.marked td{background:#c2222218}.critical,.high{color:var(--loud)}
.wide{overflow-x:auto;margin-bottom:1rem}
@media (prefers-color-scheme:dark){:root{--loud:#f77}}
@media print{.wide{overflow:visible}}
`

function table({ head, rows }: Section): string {
  if (rows.length === 0) return '<p>Nothing.</p>'
  const body = rows.map(
    ({ cells, isMarked }) =>
      `<tr${isMarked ? ' class="marked"' : ''}>${cells.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`,
  )
  return `<table><thead><tr>${head.map((cell) => `<th>${html(cell)}</th>`).join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`
}
