import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CatenaryError } from '../core/index.ts'

const ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/
const FIRST_WORDS = /^(?:no|detect|is)-/

/**
 * Writes a detector that works, with five attacks and five twins, and adds it to both lists. Returns the paths it wrote or
 * changed. Throws `CAT_USAGE` for an id that is none or is taken, and outside a checkout.
 */
export function scaffoldDetector(id: string, folder: string): readonly string[] {
  if (!ID.test(id) || FIRST_WORDS.test(id))
    throw new CatenaryError(
      'CAT_USAGE',
      `"${id}" is no detector id; name what happened as a noun phrase in lower case, as approval-reused or secret-to-egress`,
    )
  const at = (name: string): string => join(folder, 'detectors', name)
  const lists = [at('index.ts'), at('cases/index.ts')] as const
  if (!lists.every((file) => existsSync(file)))
    throw new CatenaryError('CAT_USAGE', `no detectors/index.ts in ${folder}; run it in a checkout of Catenary`)
  const files = [at(`${id}.ts`), at(`cases/${id}.ts`)] as const
  for (const file of files) if (existsSync(file)) throw new CatenaryError('CAT_USAGE', `${file} is there already`)
  const name = id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const [list, cases] = lists.map((file) => readFileSync(file, 'utf8')) as [string, string]
  writeFileSync(files[0], detectorText(id, name))
  writeFileSync(files[1], casesText(id))
  writeFileSync(lists[0], withLine(withLine(list, `import { ${name} } from './${id}.ts'`, IMPORT), `  ${name},`, ITEM))
  writeFileSync(
    lists[1],
    withLine(withLine(cases, `import { cases as ${name} } from './${id}.ts'`, IMPORT), `  ${name},`, ITEM),
  )
  return [...files, ...lists]
}

const IMPORT = /^import \{ (?:cases as )?\w+ \} from '\.\/[\w-]+\.ts'$/
const ITEM = /^ {2}\w+,$/

/** The text with a line put among those of its kind, sorted. */
function withLine(text: string, line: string, kind: RegExp): string {
  const lines = text.split('\n')
  const places = lines.flatMap((one, i) => (kind.test(one) ? [i] : []))
  const key = (one: string): string => /'\.\/([\w-]+)\.ts'/.exec(one)?.[1] ?? one
  const before = places.find((i) => key(lines[i] ?? '') > key(line))
  lines.splice(before ?? (places.at(-1) ?? -1) + 1, 0, line)
  return lines.join('\n')
}

const detectorText = (id: string, name: string): string => `import { z } from 'zod'
import { cite, defineDetector, quiet, refTo, sighted } from '../src/core/index.ts'

/** How many deletions the chain has done. One number, however long the chain grows. */
interface State {
  readonly deletions: number
}

export const ${name} = defineDetector({
  id: '${id}',
  version: 1,
  about: {
    title: 'Many things were deleted in one chain',
    severity: 'medium',
    maturity: 'sandbox',
    why: 'Say what behaviour this is, and why it worries.',
    misses: ['deletions in another workflow, or in none', 'a tool that does not say that it deletes'],
    respond: ['Say what the person who gets the alert should do first.'],
    needs: ['tool_call.operation'],
    references: [],
    frameworks: ['ASI02', 'MAESTRO-3', 'MEASURE'],
  },
  reads: ['chain'],
  wants: ['tool_call'],
  options: z.strictObject({
    /** So many deletions in one chain are too many. */
    most: z.int().positive().default(3),
  }),
  init: (): State => ({ deletions: 0 }),
  fold(state, step, { most }) {
    const { event } = step
    if (event.kind !== 'tool_call' || event.outcome !== 'success' || event.tool_call.operation !== 'delete')
      return quiet(state)
    const next = { deletions: state.deletions + 1 }
    if (next.deletions <= most) return quiet(next)
    return sighted(next, {
      key: 'many',
      summary: \`\${next.deletions} things were deleted in one chain\`,
      severity: 'medium',
      confidence: 0.7,
      evidence: [cite(refTo(step), 'deletion')],
      terms: { deletions: next.deletions, most },
    })
  },
})
`

const casesText = (id: string): string => `import type { DetectorCases } from '../../src/core/index.ts'
import { story } from './story.ts'

const clerk = story('wf-1', 'clerk')
const other = story('wf-1', 'helper')
const next = story('wf-2', 'clerk')
const deletes = (nth: number, second = nth) => clerk.calls(\`d\${nth}\`, second, 'files.delete', { operation: 'delete' })
const refused = (nth: number) => ({ ...deletes(nth), outcome: 'denied' })

export const cases: DetectorCases = {
  detector: '${id}',
  attacks: [
    { name: 'one deletion too many', harm: 'd4', events: [deletes(1), deletes(2), deletes(3), deletes(4)] },
    {
      name: 'slowly, one an hour',
      harm: 'd4',
      events: [deletes(1, 0), deletes(2, 3_600), deletes(3, 7_200), deletes(4, 10_800)],
    },
    {
      name: 'by several tools',
      harm: 'd4',
      events: [deletes(1), deletes(2), deletes(3), clerk.calls('d4', 4, 'mail.purge', { operation: 'delete' })],
    },
    {
      name: 'by two agents of one workflow',
      harm: 'd4',
      events: [deletes(1), deletes(2), deletes(3), other.calls('d4', 4, 'files.delete', { operation: 'delete' })],
    },
    {
      name: 'with a refused one between, and one that comes late',
      harm: 'd5',
      events: [deletes(1), refused(2), deletes(5), deletes(4), deletes(3)],
    },
  ],
  twins: [
    { name: 'a few deletions', events: [deletes(1), deletes(2), deletes(3)] },
    { name: 'many that were refused', events: [1, 2, 3, 4, 5].map(refused) },
    { name: 'one deletion told four times', events: [deletes(1), deletes(1), deletes(1), deletes(1)] },
    {
      name: 'many reads',
      events: [1, 2, 3, 4, 5].map((nth) => clerk.calls(\`r\${nth}\`, nth, 'files.read', { operation: 'read' })),
    },
    {
      name: 'a few in each of two tasks',
      events: [
        deletes(1),
        deletes(2),
        next.calls('n1', 3, 'files.delete', { operation: 'delete' }),
        next.calls('n2', 4, 'files.delete', { operation: 'delete' }),
      ],
    },
  ],
  // What some attack still gets past it by (test/kit/evasions.ts), with the miss that owns up to it.
  evades: {
    'in another workflow': 'deletions in another workflow, or in none',
    'in no workflow': 'deletions in another workflow, or in none',
    'by a tool that tells nothing': 'a tool that does not say that it deletes',
  },
}
`
