import { describe, expect, it } from 'vitest'
import { story, type Told } from '../../detectors/cases/story.ts'
import { lateralMovement } from '../../detectors/lateral-movement.ts'
import { findingsOf } from '../../src/cli/run-cases.ts'

const w = story('wf-ops', 'ops-bot')

const pathIn = (...events: readonly Told[]) =>
  findingsOf({ name: 'path', events }, { detectors: [lateralMovement] }, lateralMovement.id).map(
    ({ evidence, severity, terms }) => ({
      path: evidence.map(({ eventId, role, grade, workflowId }) => [eventId, role, grade, workflowId]),
      severity,
      opened: terms['opened'],
    }),
  )

describe('the path of a crossing', () => {
  const before = w.calls('o', 1, 'erp.read', {
    operation: 'read',
    credential_id: 'tok-own',
    resource: { id: 'erp/1', zone: 'finance' },
  })
  const key = w.credential('k', 2, { id: 'key-1', type: 'api_key', action: 'read' })
  const role = (id: string, second: number, to: string, from: string): Told =>
    w.credential(id, second, { id: to, type: 'role_session', action: 'assume_role', parent_id: from })
  const end = (credential: string): Told =>
    w.calls('x', 9, 'db.dump', {
      operation: 'read',
      credential_id: credential,
      resource: { id: 'db/main', zone: 'prod', sensitivity: 'restricted' },
    })

  it('is told edge by edge, each with its grade, over a secret and the roles taken on with it', () => {
    expect(
      pathIn(before, key, role('r1', 3, 'role-1', 'key-1'), role('r2', 4, 'role-2', 'role-1'), end('role-2')),
    ).toEqual([
      {
        path: [
          ['k', 'secret-read', 'derived', 'wf-ops'],
          ['r1', 'role-assumed', 'derived', 'wf-ops'],
          ['r2', 'role-assumed', 'derived', 'wf-ops'],
          ['x', 'reach', 'derived', 'wf-ops'],
        ],
        severity: 'high',
        opened: 'zone:prod',
      },
    ])
  })

  it('is weaker where the identity stood at its end before', () => {
    const stood = w.calls('p', 1, 'db.read', {
      operation: 'read',
      credential_id: 'tok-own',
      resource: { id: 'db/main', zone: 'prod' },
    })
    expect(pathIn(before, stood, key, end('key-1')).map(({ severity, opened }) => [severity, opened])).toEqual([
      ['medium', ''],
    ])
  })

  it('has its last edge inferred where the secret never told its credential', () => {
    const vault = w.calls('v', 2, 'vault.read', {
      operation: 'read',
      resource: { id: 'vault/1', type: 'secret', zone: 'finance' },
    })
    expect(pathIn(before, vault, end('key-unknown'))[0]?.path.at(-1)).toEqual(['x', 'reach', 'inferred', 'wf-ops'])
  })

  it('goes over workflows, each step with the one it was taken in', () => {
    const other = story('wf-other', 'report-bot')
    const use = other.calls('u', 6, 'db.dump', {
      operation: 'read',
      credential_id: 'key-1',
      resource: { id: 'db/main' },
    })
    expect(pathIn(before, key, other.start('s', 5), use)).toEqual([
      {
        path: [
          ['k', 'secret-read', 'derived', 'wf-ops'],
          ['u', 'reach', 'derived', 'wf-other'],
        ],
        severity: 'high',
        opened: undefined,
      },
    ])
  })
})
