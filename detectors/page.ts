import type { AnyDetector } from '../src/core/index.ts'
import { type Covered, coverageOf, frameworkOf } from './frameworks.ts'

/** The page of one detector, as Markdown. */
export function pageOf({ id, version, about, reads, options }: AnyDetector): string {
  const list = (items: readonly string[]): string => items.map((item) => `- ${item}\n`).join('')
  return [
    `## ${id}\n\n${about.title}. Version ${version}, ${about.maturity}, ${about.severity}. Reads: ${reads.join(', ')}.\n\n${about.why}\n`,
    `### What it does not see\n\n${list(about.misses)}`,
    `### First response\n\n${list(about.respond)}`,
    `### Needs\n\n${list(about.needs)}`,
    `### Options\n\n${list(Object.entries(options.parse({}) as object).map(([name, value]) => `\`${name}\`: ${JSON.stringify(value)} by default`))}`,
    `### Frameworks\n\n${list(about.frameworks.map((one) => `${one} ${frameworkOf(one)?.title ?? ''}`))}`,
  ].join('\n')
}

/** `docs/detectors.md`: every detector's page, under a table of all. */
export function detectorsReference(detectors: readonly AnyDetector[]): string {
  const rows = detectors.map(
    ({ id, about, reads }) => `| [${id}](#${id}) | ${about.severity} | ${reads.join(', ')} | ${about.title} |\n`,
  )
  return `# Detectors

Generated from the detectors themselves by \`npm run docs\`; \`catenary detectors show ID\` prints one page.

| detector | severity | reads | sees |
|---|---|---|---|
${rows.join('')}
${detectors.map(pageOf).join('\n')}
## Frameworks

Ids and titles as in the versions named. Of ATT&CK and ATLAS only what a detector looks for is listed;
\`catenary detectors list --navigator\` prints it as a layer for the ATT&CK Navigator.

${coverageOf(detectors).map(tableOf).join('\n')}`
}

const tableOf = ({ title, version, entries }: ReturnType<typeof coverageOf>[number]): string =>
  `### ${title}, ${version}\n\n| id | title | seen by |\n|---|---|---|\n${entries.map(rowOf).join('')}`

const rowOf = ({ id, title, detectors, reason }: Covered): string =>
  `| ${id} | ${title} | ${reason === null ? detectors.map((one) => `[${one}](#${one})`).join(', ') : `none: ${reason}`} |\n`
