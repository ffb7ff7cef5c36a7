import type { Share } from '../../src/lab/interval.ts'
import type { Figures } from '../../src/lab/judge.ts'
import { table } from '../../src/lab/markdown.ts'

const percent = (share: number): string => `${Number((share * 100).toFixed(1))}`

/** `74/77: 96.1 % [89.2–98.7]`; an en dash where there is nothing to take a share of. */
export const shown = ({ hits, of, value, low, high }: Share): string =>
  value === null ? '–' : `${hits}/${of}: ${percent(value)} % [${percent(low)}–${percent(high)}]`

const perThousand = ({ value, low, high }: Share): string =>
  value === null
    ? '–'
    : `${Number((value * 1_000).toFixed(1))} [${(low * 1_000).toFixed(1)}–${(high * 1_000).toFixed(1)}]`

function delayOf(delays: readonly number[]): string {
  const [middle, last] = [delays[Math.floor((delays.length - 1) / 2)], delays.at(-1)]
  return middle === undefined ? '–' : `${middle}, ${last}`
}

/** One row a detector or baseline. Columns that say nothing for this source are left out. */
export function figuresTable(rows: readonly Figures[]): string {
  const hasBenign = rows.some(({ benign }) => benign.of > 0)
  const hasResisted = rows.some(({ resisted }) => resisted.of > 0)
  const isTimed = rows.some(({ inTime }) => inTime.of > 0)
  const columns: readonly (readonly [string, (row: Figures) => string])[] = [
    ['', ({ by }) => (by.startsWith('baseline') || by.startsWith('all') ? `*${by}*` : `\`${by}\``)],
    ['recall', ({ recall }) => shown(recall)],
    ...(hasBenign || hasResisted ? [['precision', (row: Figures) => shown(row.precision)] as const] : []),
    ...(hasBenign ? [['alerted of 1,000 benign chains', (row: Figures) => perThousand(row.benign)] as const] : []),
    ...(hasResisted ? [['resisted, alerted', (row: Figures) => shown(row.resisted)] as const] : []),
    ...(isTimed
      ? [
          ['in time', (row: Figures) => (row.by.startsWith('baseline') ? '–' : shown(row.inTime))] as const,
          ['delay in steps: median, most', (row: Figures) => delayOf(row.delays)] as const,
        ]
      : []),
  ]
  return table(
    columns.map(([name]) => name),
    rows.map((row) => columns.map(([, cell]) => cell(row))),
  )
}
