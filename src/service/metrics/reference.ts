import type { Registry } from 'prom-client'

/** A metric as the reference tells of it. */
export interface MetricNote {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly labels: readonly string[]
}

/** What a registry holds, by name. */
export const metricsIn = (registry: Registry): readonly MetricNote[] =>
  registry
    .getMetricsAsArray()
    .map((metric) => {
      // The labels are there, though the client's types do not say so.
      const { labelNames = [] } = metric as { readonly labelNames?: readonly string[] }
      return { name: metric.name, type: String(metric.type), help: metric.help, labels: labelNames }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))

/** `docs/metrics.md`: what a process of cluster mode tells of, and which of it one of embedded mode tells too. */
export function metricsReference(cluster: readonly MetricNote[], embedded: readonly MetricNote[]): string {
  const both = new Set(embedded.map(({ name }) => name))
  const row = ({ name, type, labels, help }: MetricNote): string =>
    `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${both.has(name) ? 'both' : 'cluster'} | ${help} |`
  return `# Metrics

Made by \`npm run docs\` from the program. Every process answers \`GET /metrics\` in the text format of Prometheus; what to do when a
figure is wrong stands in [operations.md](operations.md). A histogram \`x\` is read as \`x_bucket\`, \`x_sum\` and \`x_count\`. No label holds
anything that comes from an event.

| metric | type | labels | mode | tells |
|---|---|---|---|---|
${cluster
  .filter(({ name }) => name.startsWith('catenary_'))
  .map(row)
  .join('\n')}

The process itself is told of by [prom-client](https://github.com/siimon/prom-client): \`process_…\` has its processor time, memory and
open files, \`nodejs_…\` its event loop, heap and garbage collection.
`
}
