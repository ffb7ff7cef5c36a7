import { beforeAll, expect, it } from 'vitest'
import { describeKafka, KAFKA_START_MS } from '../kit/kafka.ts'
import { buildProgram } from '../kit/program.ts'
import { type ClusterNode, TestCluster } from './cluster.ts'

const MINUTES = 60_000
const POLL = { timeout: 3 * MINUTES, interval: 250 }
/** Workflows enough that several partitions have some. */
const WORKFLOWS = ['wf-1', 'wf-2', 'wf-3', 'wf-4', 'wf-5', 'wf-6']
const CONSUMER = { CATENARY_ROLES: 'consumer', CATENARY_KAFKA__SESSION_TIMEOUT_MS: '10000' }

interface Told {
  readonly severity: string
  readonly workflow_ids: readonly string[]
}

const workflowsIn = (alerts: readonly Told[], prefix: string): readonly string[] => {
  const critical = alerts.filter(({ severity }) => severity === 'critical')
  return [...new Set(critical.flatMap(({ workflow_ids: ids }) => ids))].filter((id) => id.startsWith(prefix)).sort()
}

describeKafka('a containment that is ordered of the API process of a cluster', () => {
  let cluster: TestCluster
  let api: ClusterNode

  beforeAll(async () => {
    const [started] = await Promise.all([TestCluster.start(4), buildProgram()])
    cluster = started
    api = await cluster.node({ CATENARY_ROLES: 'api' })
    return () => cluster.stop()
  }, KAFKA_START_MS)

  async function posted(path: string, body: string): Promise<unknown> {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${api.url}${path}`, { method: 'POST', headers, body })
    expect(answer.status, path).toBeLessThan(300)
    return answer.json()
  }

  const contain = (kind: 'agent' | 'credential', id: string, action: 'contain' | 'release' = 'contain') => {
    const order = { action, targets: [{ kind, id }], reason: 'stolen', dry_run: false }
    return posted('/v1/containments', JSON.stringify(order)) as Promise<{ workflow_id: string; at: string }>
  }

  /** Each workflow calls a tool as this agent with this credential, so many seconds after a time. */
  const called = (workflows: readonly string[], agent: string, credential: string, time: string, seconds: number) => {
    const lines = workflows.map((workflow) =>
      JSON.stringify({
        id: `${workflow}/${agent}/${credential}/${seconds}`,
        time: new Date(Date.parse(time) + seconds * 1_000).toISOString(),
        kind: 'tool_call',
        source: 'test',
        workflow_id: workflow,
        agent: { id: agent },
        outcome: 'success',
        tool_call: { name: 'crm.read', credential_id: credential },
      }),
    )
    return posted('/v1/events', lines.join('\n'))
  }

  /** The workflows that critical alerts of a use cite, of those whose names begin so. */
  async function alerted(prefix: string): Promise<readonly string[]> {
    const answer = await fetch(`${api.url}/v1/alerts?detector=use-after-containment&status=open&limit=100`)
    const { items } = (await answer.json()) as { items: Told[] }
    return workflowsIn(items, prefix)
  }

  it(
    'reaches the consumers: whatever is done with what it names after it is a critical alert, in every partition, and nothing before it or beside it',
    async () => {
      await Promise.all([cluster.node(CONSUMER), cluster.node(CONSUMER)])
      await cluster.joined(4)
      const { at } = await contain('credential', 'tok-1')
      await called(WORKFLOWS, 'bot-1', 'tok-1', at, 60)
      await called(['other-1'], 'bot-1', 'tok-2', at, 60)
      await called(['other-2'], 'bot-1', 'tok-1', at, -60)
      await expect.poll(() => alerted('wf-'), POLL).toEqual(WORKFLOWS)
      await cluster.settled()
      expect(await alerted('other-')).toEqual([])
      const told = (await cluster.records('catenary.alerts')).map(({ value }) => JSON.parse(String(value)) as Told)
      expect(workflowsIn(told, 'wf-')).toEqual(WORKFLOWS)
    },
    10 * MINUTES,
  )

  it(
    'is followed by those who take the partitions over when a consumer is killed, until it is released',
    async () => {
      const { at } = await contain('agent', 'bot-2')
      await cluster.settled()
      const [victim] = cluster.nodes.filter(({ name }) => name !== api.name)
      if (victim === undefined) throw new Error('no consumer is left')
      cluster.end(victim, 'SIGKILL')
      const killed = WORKFLOWS.map((id) => `killed-${id}`)
      await called(killed, 'bot-2', 'tok-3', at, 60)
      await expect.poll(() => alerted('killed-'), POLL).toEqual(killed)
      const released = await contain('agent', 'bot-2', 'release')
      await called(['released-1'], 'bot-2', 'tok-3', released.at, 120)
      await cluster.settled()
      expect(await alerted('released-')).toEqual([])
    },
    10 * MINUTES,
  )
})
