import type { DetectorCases } from '../../src/core/index.ts'
import { story, type Told } from './story.ts'

const mine = story('wf-close', 'ledger-bot')
const theirs = story('wf-intake', 'intake-bot')
const held = { operation: 'read', credential_id: 'tok-9' }
const issue = (more: Told = {}): Told =>
  mine.credential('i', 1, { id: 'tok-9', type: 'access_token', action: 'issue', subject: 'ledger-bot', ...more })
const own = mine.calls('u', 5, 'ledger.read', held)
const other = (id: string, second: number, more: Told = {}): Told => theirs.calls(id, second, 'ledger.read', held, more)
const handsOn = (second: number, more: Told = {}): Told => ({
  ...mine.calls('h', second, 'none'),
  kind: 'handoff',
  tool_call: undefined,
  handoff: { to_agent: { id: 'intake-bot' }, credential_id: 'tok-9', mode: 'delegate', ...more },
})
const forPerson = (id: string, workflow: string, second: number, person: string): Told =>
  story(workflow, 'desk-bot').calls(
    id,
    second,
    'mail.read',
    { credential_id: 'tok-ana' },
    {
      principal: { type: 'user', id: person },
    },
  )
const speaksForAna = story('wf-a', 'desk-bot').credential('i', 1, {
  id: 'tok-ana',
  type: 'access_token',
  action: 'issue',
  subject: 'ana@acme.example',
})
const replica = (id: string, second: number, agent: string, workload?: string): Told => ({
  ...other(id, second),
  agent: { id: agent, ...(workload === undefined ? {} : { workload_id: workload }) },
})

export const cases: DetectorCases = {
  detector: 'shared-credential',
  attacks: [
    {
      name: "one agent's token in another agent's task",
      harm: 'x',
      minSeverity: 'high',
      events: [issue(), own, other('x', 60)],
    },
    { name: 'weeks later', harm: 'x', minSeverity: 'high', events: [issue(), own, other('x', 2_000_000)] },
    {
      name: 'a key that the tasks of two agents use, and nothing says so',
      harm: 'x',
      events: [issue({ type: 'api_key' }), own, other('x', 60)],
    },
    {
      name: 'a refused hand-off as cover',
      harm: 'x',
      minSeverity: 'high',
      events: [issue(), own, { ...handsOn(30), outcome: 'denied' }, other('x', 60)],
    },
    {
      name: 'a hand-off that passes on another credential',
      harm: 'x',
      minSeverity: 'high',
      events: [issue(), own, handsOn(30, { credential_id: 'tok-other' }), other('x', 60)],
    },
    {
      name: 'the second hand only makes tokens of its own out of it',
      harm: 'x',
      minSeverity: 'high',
      events: [
        issue(),
        own,
        theirs.credential('x', 60, { id: 'tok-10', type: 'access_token', action: 'exchange', parent_id: 'tok-9' }),
      ],
    },
    {
      name: 'a numbered name like that of the first, on another workload',
      harm: 'x',
      minSeverity: 'high',
      events: [
        issue(),
        { ...own, agent: { id: 'ledger-bot', workload_id: 'spiffe://acme/ledger' } },
        replica('x', 60, 'ledger-bot-2', 'spiffe://acme/intake'),
      ],
    },
    {
      name: 'a token that speaks for one person, at work for another',
      harm: 'x',
      minSeverity: 'high',
      events: [
        speaksForAna,
        forPerson('u', 'wf-a', 5, 'ana@acme.example'),
        forPerson('x', 'wf-b', 60, 'mallory@acme.example'),
      ],
    },
    {
      name: 'the first use is told late',
      harm: 'x',
      minSeverity: 'high',
      events: [issue(), other('x', 60), own],
    },
    {
      name: 'the issue was never told',
      harm: 'x',
      events: [own, other('x', 60)],
    },
  ],
  twins: [
    { name: 'a pool that its issuer declares', events: [issue({ shared: true }), own, other('v', 60)] },
    { name: 'handed on openly', events: [issue(), own, handsOn(30), other('v', 60)] },
    {
      name: 'replicas of one agent, numbered',
      events: [issue(), own, replica('v', 60, 'ledger-bot-2'), replica('w', 61, 'ledger-bot-3')],
    },
    {
      name: 'replicas of one agent, each a pod',
      events: [
        { ...own, agent: { id: 'ledger-7d9f6c54b8-x2k9p' } },
        replica('v', 60, 'ledger-7d9f6c54b8-qq4wz'),
        replica('w', 61, 'ledger-7d9f6c54b8-mm2pl'),
      ],
    },
    { name: 'a second agent that was refused', events: [issue(), own, other('v', 60, { outcome: 'denied' })] },
    {
      name: 'a helper in the same task',
      events: [issue(), own, story('wf-close', 'sum-helper').calls('v', 60, 'ledger.read', held)],
    },
    {
      name: 'one agent with its own token, for many people',
      events: [
        story('wf-a', 'desk-bot').credential('i', 1, { id: 'tok-ana', type: 'access_token', action: 'issue' }),
        ...['ana', 'omar', 'lea'].map((name, i) => forPerson(`u${i}`, `wf-${i}`, 5 + i, `${name}@acme.example`)),
      ],
    },
    {
      name: 'a broker issues, the agent uses',
      events: [
        story(null, 'token-broker').credential('i', 1, { id: 'tok-9', type: 'access_token', action: 'issue' }),
        own,
        story(null, 'token-broker').credential('r', 90, { id: 'tok-9', action: 'revoke' }),
      ],
    },
  ],
}
