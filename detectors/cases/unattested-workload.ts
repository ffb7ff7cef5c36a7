import type { DetectorCases } from '../../src/core/index.ts'
import { clock, story, type Told } from './story.ts'

const w = story('wf-report', 'report-bot')
const SVID = { type: 'spiffe-x509', verified: true, issuer: 'spiffe://acme.example' }
const by = (attestation: Told | undefined, more: Told = {}): Told => ({
  agent: { id: 'report-bot', workload_id: 'spiffe://acme.example/report', ...(attestation && { attestation }) },
  ...more,
})
const reads = (id: string, second: number, attestation: Told | undefined, more: Told = {}): Told =>
  w.calls(id, second, 'ledger.read', { operation: 'read', credential_id: 'tok-1' }, by(attestation, more))
const usual = [1, 2, 3, 4].map((n) => reads(`u${n}`, n, SVID))

export const cases: DetectorCases = {
  detector: 'unattested-workload',
  attacks: [
    {
      name: 'acts without proof under the name of one that has it',
      harm: 'x',
      minSeverity: 'high',
      events: [...usual, reads('x', 60, { type: 'none' })],
    },
    {
      name: 'a shared secret instead of its workload identity',
      harm: 'x',
      events: [...usual, reads('x', 60, { type: 'shared-secret' })],
    },
    {
      name: 'a proof that did not hold',
      harm: 'x',
      minSeverity: 'high',
      events: [...usual, reads('x', 60, { ...SVID, verified: false })],
    },
    {
      name: 'no word of a proof, where its producer always tells one',
      harm: 'x',
      events: [...usual, reads('x', 60, undefined)],
    },
    {
      name: 'a proof that ran out an hour ago',
      harm: 'x',
      events: [...usual, reads('x', 7_200, { ...SVID, expires_at: clock(3_600) })],
    },
    {
      name: 'a proof by another that nobody checked',
      harm: 'x',
      events: [...usual, reads('x', 60, { type: 'oidc', issuer: 'https://id.elsewhere.example' })],
    },
    {
      name: 'between the steps of the true one',
      harm: 'x',
      minSeverity: 'high',
      events: [...usual, reads('x', 60, { type: 'none' }), reads('v', 61, SVID), reads('w', 62, SVID)],
    },
    {
      name: 'weeks after the last proof, in another workflow',
      harm: 'x',
      minSeverity: 'high',
      events: [...usual, story('wf-x', 'report-bot').calls('x', 2_000_000, 'ledger.read', {}, by({ type: 'none' }))],
    },
    {
      name: 'a refused try first, as cover',
      harm: 'x',
      minSeverity: 'high',
      events: [...usual, reads('d', 50, { type: 'none' }, { outcome: 'denied' }), reads('x', 60, { type: 'none' })],
    },
    {
      name: 'the proofs come late',
      harm: 'x',
      minSeverity: 'high',
      events: [reads('x', 60, { type: 'none' }), ...usual],
    },
    {
      name: 'the name of a new version as cover',
      harm: 'x',
      minSeverity: 'high',
      events: [
        ...usual,
        w.calls(
          'x',
          60,
          'ledger.read',
          {},
          { agent: { id: 'report-bot', version: '2.0.0', attestation: { type: 'none' } } },
        ),
      ],
    },
  ],
  twins: [
    { name: 'an agent that never had proof', events: [1, 2, 3, 4, 5].map((n) => reads(`u${n}`, n, { type: 'none' })) },
    {
      name: 'an agent of which no proof is ever told',
      events: [1, 2, 3, 4, 5].map((n) => reads(`u${n}`, n, undefined)),
    },
    {
      name: 'another kind of proof, verified',
      events: [...usual, reads('v', 60, { type: 'oidc', verified: true, issuer: 'spiffe://acme.example' })],
    },
    {
      name: 'a proof renewed a minute late',
      events: [...usual, reads('v', 3_660, { ...SVID, expires_at: clock(3_600) })],
    },
    {
      name: 'a step without proof that was refused',
      events: [...usual, reads('d', 60, { type: 'none' }, { outcome: 'denied' })],
    },
    {
      name: 'a second producer that never tells of proofs',
      events: [...usual, ...[1, 2, 3].map((n) => reads(`v${n}`, 60 + n, undefined, { source: 'app-log' }))],
    },
    {
      name: 'a producer that tells it now and then',
      events: [reads('a', 0, undefined), ...usual, reads('b', 60, undefined), reads('c', 61, undefined)],
    },
    {
      name: 'a sign-in, of which its producer tells no key and no proof',
      events: [...usual, w.calls('v', 60, 'portal.sign_in', { operation: 'execute' })],
    },
    {
      name: 'without proof at first, then with',
      events: [reads('a', 0, { type: 'shared-secret' }), reads('b', 1, { type: 'shared-secret' }), ...usual],
    },
  ],
}
