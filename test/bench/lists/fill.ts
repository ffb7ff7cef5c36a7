import type { ClickHouseClient } from '@clickhouse/client'
import { alert, chain, credential, finding } from '../../contracts/rows.ts'
import { event } from '../../kit/events.ts'

/** What the stored rows are made of: how many there are of each name. */
export const SIZES = { agents: 500, principals: 2_000, tools: 100, resources: 10_000, detectors: 20 } as const

/** Steps of one chain. */
const CHAIN = 10
/** Every so many chains have an alert. */
const ALERTED = 20
const BATCH = 500_000
const DAYS = 30
/** Of the first step. */
export const BEGAN = Date.parse('2026-10-20T00:00:00Z')

export interface Filled {
  readonly steps: number
  readonly chains: number
  readonly alerts: number
  readonly credentials: number
}

export const sizesOf = (steps: number): Filled => {
  const chains = Math.ceil(steps / CHAIN)
  return { steps, chains, alerts: Math.ceil(chains / ALERTED), credentials: Math.ceil(chains / 5) }
}

const SEVERITY =
  "['info', 'low', 'medium', 'high', 'critical'][multiIf(w % 100 < 60, 1, w % 100 < 85, 2, w % 100 < 95, 3, w % 100 < 99, 4, 5)]"

/** Markers in a row's JSON, and the expression that stands for each in the row of chain `w`. */
const NAMES = {
  '@W@': "concat('wf-', toString(w))",
  '@A@': `concat('agent-', toString(w % ${SIZES.agents}))`,
  '@P@': `concat('user-', toString(w % ${SIZES.principals}), '@acme.example')`,
  '@C@': "concat('cred-', toString(intDiv(w, 5)))",
  '@T@': `concat('tool-', toString((w * 7 + i) % ${SIZES.tools}), '.read')`,
  '@R@': `concat('res/', toString(w % 100), '/', toString((w * ${CHAIN} + i) % ${SIZES.resources}))`,
  '@D@': `concat('detector-', toString(w % ${SIZES.detectors}))`,
  '@S@': SEVERITY,
}

/** The JSON of a row, as SQL. */
const jsonOf = (value: object): string =>
  Object.entries(NAMES).reduce(
    (sql, [marker, expression]) => (sql.includes(marker) ? `replaceAll(${sql}, '${marker}', ${expression})` : sql),
    `'${JSON.stringify(value).replaceAll("'", "\\'")}'`,
  )

/** Chains are spread over the days in an order of their own, not that of their ids. */
const at = (chains: number): string =>
  `fromUnixTimestamp64Milli(toInt64(${BEGAN} + ((w * 7919) % ${chains}) * ${Math.floor((DAYS * 86_400_000) / chains)} + i * 1000), 'UTC')`

/** Fills empty tables with rows by SQL, seeded by their number alone, and tells how far it is. */
export async function fill(client: ClickHouseClient, steps: number, told: (line: string) => void): Promise<Filled> {
  const sizes = sizesOf(steps)
  const insert = async (table: string, columns: Readonly<Record<string, string>>, count: number): Promise<void> => {
    for (let from = 0; from < count; from += BATCH) {
      const rows = Math.min(BATCH, count - from)
      const select = Object.entries(columns).map(([name, sql]) => `${sql} AS \`${name}\``)
      // The values of a row are named by none of its columns, so that one expression may stand in several.
      const query = `INSERT INTO ${table} (${Object.keys(columns)
        .map((name) => `\`${name}\``)
        .join(
          ', ',
        )}) SELECT ${select.join(', ')} FROM (SELECT ${COUNTED[table] ?? 'number AS w, 0 AS i'} FROM numbers(${from}, ${rows}))
        SETTINGS prefer_column_name_to_alias = 1, max_insert_threads = 1`
      await client.command({ query })
      told(`${table}: ${from + rows}`)
    }
  }
  await insert('steps', stepColumns(sizes.chains), sizes.steps)
  await insert('chains', chainColumns(sizes.chains), sizes.chains)
  await insert('alerts', alertColumns(sizes.chains), sizes.alerts)
  await insert('credentials', credentialColumns(sizes.chains), sizes.credentials)
  return sizes
}

const COUNTED: Readonly<Record<string, string>> = {
  steps: `intDiv(number, ${CHAIN}) AS w, number % ${CHAIN} AS i`,
  alerts: `number * ${ALERTED} AS w, 3 AS i`,
  credentials: 'number * 5 AS w, 0 AS i',
}

const COMMON = { tenant: "if(w % 10 = 0, 'acme', 'default')", sequence: 'toUInt64(1)' }

const severity = `CAST(${SEVERITY} AS Enum8('info' = 0, 'low' = 1, 'medium' = 2, 'high' = 3, 'critical' = 4))`

function stepColumns(chains: number): Readonly<Record<string, string>> {
  const call = event({ id: 'e', at: 0, workflow: '@W@', agent: '@A@', tool: { name: '@T@', resource: { id: '@R@' } } })
  return {
    ...COMMON,
    workflow_id: NAMES['@W@'],
    time: at(chains),
    source: "'bench'",
    event_id: "concat('e-', toString(w), '-', toString(i))",
    arrived_at: at(chains),
    step_id: "concat('e-', toString(w), '-', toString(i))",
    step_index: 'toInt32(i)',
    kind: "'tool_call'",
    outcome: "'success'",
    agent_id: NAMES['@A@'],
    principal_type: "'user'",
    principal_id: NAMES['@P@'],
    tool: NAMES['@T@'],
    resource_id: NAMES['@R@'],
    credential_id: NAMES['@C@'],
    attribution_rule: "'reported'",
    attribution_grade: "'reported'",
    event: jsonOf(call),
  }
}

const PEOPLE = (chains: number): Readonly<Record<string, string>> => ({
  first_at: at(chains),
  last_at: at(chains),
  principal_type: "'user'",
  principal_id: NAMES['@P@'],
  agent_ids: `[${NAMES['@A@']}]`,
  credential_ids: `[${NAMES['@C@']}]`,
})

const who = { agentIds: ['@A@'], credentialIds: ['@C@'], principal: { type: 'user', id: '@P@' } } as const

function chainColumns(chains: number): Readonly<Record<string, string>> {
  return {
    ...COMMON,
    ...PEOPLE(chains),
    workflow_id: NAMES['@W@'],
    status: "'closed'",
    events: 'toUInt64(10)',
    steps: 'toUInt64(10)',
    score: 'toFloat64(w % 100)',
    severity,
    task: "'reconcile'",
    chain: jsonOf(chain({ workflowId: '@W@', ...who, status: 'closed', links: [] })),
  }
}

function alertColumns(chains: number): Readonly<Record<string, string>> {
  const evidence = finding().evidence.map((one) => ({ ...one, workflowId: '@W@' }))
  return {
    ...COMMON,
    ...PEOPLE(chains),
    alert_id: "concat('al-', toString(w))",
    revision: 'toUInt32(1)',
    status: "'open'",
    workflow_id: NAMES['@W@'],
    detector: NAMES['@D@'],
    detectors: `[${NAMES['@D@']}]`,
    title: "'A task climbed'",
    severity,
    score: 'toFloat64(w % 100)',
    workflow_ids: `[${NAMES['@W@']}]`,
    'evidence.workflow_id': `[${NAMES['@W@']}, ${NAMES['@W@']}]`,
    'evidence.event_id': "[concat('e-', toString(w), '-3'), concat('e-', toString(w), '-5')]",
    'evidence.role': "['read', 'used']",
    alert: jsonOf(
      alert({ id: 'al-@W@', workflowId: '@W@', workflowIds: ['@W@'], detectors: ['@D@'], evidence, ...who }),
    ),
  }
}

function credentialColumns(chains: number): Readonly<Record<string, string>> {
  const { state: _state, ...summary } = credential({ id: '@C@', agentIds: ['@A@'], workflowIds: ['@W@'] })
  return {
    ...COMMON,
    credential_id: NAMES['@C@'],
    type: "'api_key'",
    uses: 'toUInt64(5)',
    first_at: at(chains),
    last_at: at(chains),
    workflow_ids: `[${NAMES['@W@']}]`,
    agent_ids: `[${NAMES['@A@']}]`,
    credential: jsonOf(summary),
    state: "'{}'",
  }
}
