import { parser } from '@prometheus-io/lezer-promql'
import type { MetricNote } from '../../src/service/metrics/reference.ts'

/** What a query asks for: series by name, within which functions, and by which labels. */
export interface Asked {
  readonly series: readonly { readonly name: string; readonly functions: readonly string[] }[]
  readonly labels: readonly string[]
  readonly isWhole: boolean
}

/** Reads a query by Prometheus's own grammar. */
export function askedBy(query: string): Asked {
  const series: { name: string; functions: readonly string[] }[] = []
  const labels: string[] = []
  const functions: string[] = []
  let isWhole = true
  parser.parse(query).iterate({
    enter(node) {
      const text = query.slice(node.from, node.to)
      if (node.type.isError) isWhole = false
      if (node.name === 'FunctionCall') functions.push(text.slice(0, text.indexOf('(')))
      if (node.name === 'VectorSelector') series.push({ name: text.replace(/\{.*/s, ''), functions: [...functions] })
      if (node.name === 'LabelName') labels.push(text)
    },
    leave(node) {
      if (node.name === 'FunctionCall') functions.pop()
    },
  })
  return { series, labels, isWhole }
}

/** Labels that Prometheus adds to what it scrapes, and that of a histogram's buckets. */
const ADDED = ['job', 'instance', 'le']
const OF_COUNTERS = ['rate', 'increase', 'irate']

/** What is wrong with a query of these metrics, in words; nothing when all is there. */
export function mistakesIn(query: string, metrics: readonly MetricNote[]): readonly string[] {
  const { series, labels, isWhole } = askedBy(query)
  const found = series.map(({ name }) => metricOf(name, metrics))
  const known = [...ADDED, ...found.flatMap((metric) => metric?.labels ?? [])]
  return [
    ...(isWhole ? [] : ['no PromQL']),
    ...series.flatMap(({ name, functions }, i) => {
      const metric = found[i]
      if (metric === undefined) return [`no metric ${name}`]
      const isCounted = metric.type === 'counter' || metric.type === 'histogram'
      return name !== 'up' && isCounted !== functions.some((one) => OF_COUNTERS.includes(one))
        ? [`${name} is a ${metric.type}`]
        : []
    }),
    ...labels.filter((label) => !known.includes(label)).map((label) => `no label ${label}`),
  ]
}

const UP: MetricNote = { name: 'up', type: 'gauge', help: '', labels: [] }

function metricOf(name: string, metrics: readonly MetricNote[]): MetricNote | undefined {
  const histogram = /^(.+)_(?:bucket|sum|count)$/.exec(name)?.[1]
  return (
    [UP, ...metrics].find((metric) => metric.name === name && metric.type !== 'histogram') ??
    metrics.find((metric) => metric.name === histogram && metric.type === 'histogram')
  )
}
