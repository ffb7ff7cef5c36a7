import { labelOf } from '../core/index.ts'
import { html } from './escape.ts'
import { isGuilty, type Report, type Stop } from './report.ts'

const LANE = 26
const ROW = 26
const LEFT = 24
const MAX_LABEL = 90

/** The path as an SVG picture: a lane an agent, a dot a step, those that alerts stand on filled. */
export function drawing({ path, agentIds }: Pick<Report, 'path' | 'agentIds'>): string {
  const lanes = [...agentIds, '']
  const x = (agent: string): number => LEFT + LANE * Math.max(0, lanes.indexOf(agent))
  const right = LEFT + LANE * (lanes.length - 1) + 24
  const head = 20 + ROW * agentIds.length
  const marks = path.map((stop, i) => stopMark(stop, head + ROW * i, { x, right }))
  const names = agentIds.map(
    (agent, i) =>
      `<text x="${x(agent) + 8}" y="${14 + ROW * i}">${html(shortened(agent))}</text><line x1="${x(agent)}" y1="${8 + ROW * i}" x2="${x(agent)}" y2="${head + ROW * path.length}" class="lane"/>`,
  )
  const line = path.flatMap((stop, i) =>
    'skipped' in stop ? [] : [`${x(stop.step.event.agent?.id ?? '')},${head + ROW * i}`],
  )
  const height = head + ROW * path.length + 8
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="The path, step by step" width="1000" height="${height}" viewBox="0 0 1000 ${height}" font-family="system-ui,sans-serif" font-size="13" fill="currentColor"><style>.lane{stroke:currentColor;opacity:.2}.path{fill:none;stroke:currentColor;opacity:.45}.step{fill:Canvas;stroke:currentColor}.guilty{fill:#c22;stroke:#c22}.aside{opacity:.6}</style>
${names.join('\n')}
<polyline class="path" points="${line.join(' ')}"/>
${marks.join('\n')}
</svg>`
}

interface Frame {
  readonly x: (agent: string) => number
  readonly right: number
}

function stopMark(stop: Stop, y: number, { x, right }: Frame): string {
  if ('skipped' in stop) return `<text class="aside" x="${right}" y="${y + 4}">… ${stop.skipped} more steps</text>`
  const { event } = stop.step
  const guilty = isGuilty(stop.marks)
  const roles = [...new Set(stop.marks.map(({ evidence }) => evidence.role))].join(', ')
  const label = `${event.time.slice(11, 19)} ${shortened(labelOf(event))}${event.outcome === 'success' ? '' : ` [${event.outcome}]`}`
  return `<circle class="${guilty ? 'guilty' : 'step'}" cx="${x(event.agent?.id ?? '')}" cy="${y}" r="${guilty ? 6 : 4}"/><text x="${right}" y="${y + 4}"${guilty ? ' font-weight="bold"' : ' class="aside"'}>${html(label)}${roles === '' ? '' : ` <tspan fill="#c22">${html(roles)}</tspan>`}</text>`
}

const shortened = (text: string): string => (text.length > MAX_LABEL ? `${text.slice(0, MAX_LABEL - 1)}…` : text)
