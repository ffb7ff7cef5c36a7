import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { INPUTS, type Left, type TestCluster } from './cluster.ts'

const TABLES = ['owners', 'steps', 'links', 'findings', 'alerts', 'credentials', 'chains', 'coverage']

/** Keeps all that a cluster left, to find out what went wrong: rows of every commit, records, logs; and what a calm one left. */
export async function keepRemains(cluster: TestCluster, calm: Left, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'calm.json'), JSON.stringify(calm, null, 1))
  writeFileSync(join(folder, 'left.json'), JSON.stringify(await cluster.left(), null, 1))
  const client = cluster.client()
  try {
    for (const table of TABLES) {
      const rows = await (await client.query({ query: `SELECT * FROM ${table}`, format: 'JSONEachRow' })).text()
      writeFileSync(join(folder, `${table}.ndjson`), rows)
    }
  } finally {
    await client.close()
  }
  for (const topic of [...INPUTS, 'catenary.threads', 'catenary.alerts', 'catenary.dead-letters']) {
    const records = await cluster.records(topic)
    const lines = records.map(({ key, value, offset, timestamp }) =>
      JSON.stringify({ key: String(key), offset, timestamp, value: String(value) }),
    )
    writeFileSync(join(folder, `${topic}.ndjson`), lines.join('\n'))
  }
  for (const { name, code, err } of cluster.gone) writeFileSync(join(folder, `${name}.log`), `${err}\nended: ${code}\n`)
}
