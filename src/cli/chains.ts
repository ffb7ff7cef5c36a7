import type { Command } from 'commander'
import type { z } from 'zod'
import type { Chain, ChainDetail } from '../../schemas/api/chain.ts'
import { ChainQuery } from '../../schemas/api/query.ts'
import type { StepPage } from '../../schemas/api/step.ts'
import { type Exit, type Io, printable } from './io.ts'
import { clock, fieldLines, section } from './page-text.ts'
import { addResource, type PageParts, type Resource } from './resource.ts'

type Row = z.output<typeof Chain>
type Detail = z.output<typeof ChainDetail>

/** `catenary chains list | show` */
export function addChains(program: Command, io: Io, exit: Exit): void {
  addResource({ program, io, exit }, CHAINS)
}

const MAX_STEPS = 500

const CHAINS: Resource<Row, Detail> = {
  name: 'chains',
  one: 'a chain',
  about: 'the action chains of workflows',
  query: ChainQuery,
  idOf: ({ workflow_id }) => workflow_id,
  head: ['score', 'severity', 'workflow', 'agents', 'steps', 'last seen', 'status'],
  row: ({ score, severity, workflow_id, agent_ids, steps, last_at, status }) => [
    score,
    severity,
    workflow_id,
    agent_ids.join(', '),
    steps,
    clock(last_at),
    status,
  ],
  page: chainPage,
  examples: `  catenary chains list --min-severity high --since 24h
  catenary chains list --agent billing-bot --limit all --json | jq -r .workflow_id
  catenary chains list --status open --watch
  catenary chains show wf-17 --profile prod`,
}

async function chainPage(chain: Detail, { paint, ask }: PageParts): Promise<string> {
  const { items, next_cursor } = await ask<z.output<typeof StepPage>>('steps', { limit: MAX_STEPS })
  const cited = new Map(
    chain.findings
      .filter(({ status }) => status === 'open')
      .flatMap(({ detector, evidence }) => evidence.map(({ event_id, role }) => [event_id, `${detector}: ${role}`])),
  )
  const steps = items.map(({ event_id, time, label, agent_id, outcome }) => {
    const mark = cited.get(event_id)
    const what = `${clock(time)}  ${printable(label)}${outcome === 'success' ? '' : ` [${outcome}]`}`
    const who = printable(agent_id ?? '')
    return mark === undefined
      ? paint.dim(`│ ${what}  ${who}`)
      : `${paint.red('●')} ${what}  ${who}  ${paint.yellow(mark)}`
  })
  const findings = chain.findings.map(
    ({ severity, detector, summary, status }) =>
      `${severity.padEnd(8)} ${detector}${status === 'open' ? '' : ` (${status})`}: ${printable(summary)}`,
  )
  return [
    `${paint.bold(`chain ${printable(chain.workflow_id)}`)}  ${chain.severity} ${chain.score}\n`,
    fieldLines([
      ['tenant', chain.tenant],
      ['status', chain.status],
      ['task', chain.task],
      ['for', chain.principal?.id ?? null],
      ['agents', chain.agent_ids],
      ['credentials', chain.credential_ids],
      ['from', clock(chain.first_at)],
      ['to', clock(chain.last_at)],
      ['events', chain.events],
      ['linked with', chain.links.map(({ relation, workflow_id, grade }) => `${relation} ${workflow_id} (${grade})`)],
    ]),
    section(paint, 'found', findings),
    section(paint, `steps (${chain.steps})`, steps, next_cursor === null ? '' : `  … the first ${MAX_STEPS}\n`),
  ].join('')
}
