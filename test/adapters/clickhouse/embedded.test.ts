import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClickHouseStore } from '../../../src/adapters/clickhouse/clickhouse-store.ts'
import { connectEmbedded } from '../../../src/adapters/clickhouse/connect.ts'
import { migrate } from '../../../src/adapters/clickhouse/migrate.ts'
import { select } from '../../../src/adapters/clickhouse/select.ts'
import { alert, chain, commit, credential, step } from '../../contracts/rows.ts'

let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'catenary-embedded-'))
})

afterAll(() => rm(root, { recursive: true, force: true }))

const HOLD = `
  const { createChdbConnection } = require('chdb/connection')
  createChdbConnection({ path: process.argv[1] })
  console.log('held')
  setInterval(() => {}, 1000)`

/** Another process that opened the directory and keeps it. */
async function held(path: string): Promise<ChildProcess> {
  const holder = spawn(process.execPath, ['-e', HOLD, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => holder.stdout?.once('data', resolve))
  return holder
}

async function killed(holder: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => holder.once('exit', resolve))
  holder.kill('SIGKILL')
  await gone
}

describe('an embedded store', () => {
  it('is kept from other processes, and free once its holder was killed', async () => {
    const path = join(root, 'data')
    const holder = await held(path)
    await expect(connectEmbedded(path)).rejects.toMatchObject({
      code: 'CAT_STORE_UNAVAILABLE',
      retry: 'later',
      details: { path, pid: holder.pid },
      message: `Another process (${holder.pid}) holds the data directory ${path}. Stop it, or name another directory: one process owns a directory at a time.`,
    })
    await killed(holder)
    const client = await connectEmbedded(path)
    await client.close()
  })

  it('is the same after a restart, and is not migrated again', async () => {
    const path = join(root, 'data')
    const saved = commit(7, { steps: [step({})], alerts: [alert()], credentials: [credential()], chains: [chain()] })
    const before = await openClickHouseStore(await connectEmbedded(path))
    await before.save(saved)
    await before.close()

    const client = await connectEmbedded(path)
    expect(await migrate(client, { dryRun: true })).toEqual([])
    const after = await openClickHouseStore(client)
    expect(await after.load([{ kind: 'chain', tenant: 'default', subject: 'w1' }])).toMatchObject({
      steps: saved.steps,
      alerts: saved.alerts,
      chains: saved.chains,
    })
    expect((await after.resume()).sequence).toBe(7)
    await after.close()
  })

  it('has views for analysts: last alerts, steps with their chain, credentials with their ancestors', async () => {
    const client = await connectEmbedded(join(root, 'data'))
    const store = await openClickHouseStore(client)
    await store.save(
      commit(8, {
        alerts: [alert({ revision: 2, score: 99 })],
        credentials: [
          credential({ id: 'tok-3', parentId: 'tok-2' }),
          credential({ id: 'tok-2', parentId: 'tok-1', subject: 'middle' }),
        ],
      }),
    )
    expect(await select(client, 'SELECT alert_id, revision, score FROM v_alerts')).toEqual([
      { alert_id: 'al1', revision: 2, score: 99 },
    ])
    expect(await select(client, 'SELECT workflow_id, tool, chain_score, chain_severity FROM v_chain_steps')).toEqual([
      { workflow_id: 'w1', tool: 'erp.read', chain_score: 87.5, chain_severity: 'high' },
    ])
    const lineage = "SELECT ancestor_id, depth FROM v_credential_lineage WHERE credential_id = 'tok-3' ORDER BY depth"
    expect(await select(client, lineage)).toEqual([
      { ancestor_id: 'tok-3', depth: 0 },
      { ancestor_id: 'tok-2', depth: 1 },
      { ancestor_id: 'tok-1', depth: 2 },
    ])
    await store.close()
  })
})

describe('a data directory that cannot be used', () => {
  it('because it is a file', async () => {
    const path = join(root, 'a-file')
    await writeFile(path, '')
    await expect(connectEmbedded(path)).rejects.toMatchObject({
      code: 'CAT_STORE_UNAVAILABLE',
      message: expect.stringContaining(`The data directory ${path} cannot be read and written`),
    })
  })

  it.skipIf(process.getuid?.() === 0)('because it may not be written (not tried as root, who may)', async () => {
    const path = await mkdtemp(join(root, 'closed-'))
    await chmod(path, 0o500)
    await expect(connectEmbedded(path)).rejects.toMatchObject({
      code: 'CAT_STORE_UNAVAILABLE',
      message: expect.stringContaining('EACCES'),
    })
  })
})
