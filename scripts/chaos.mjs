// npm run chaos -- --schedules N --seed S: lets N seeded schedules of faults, from seed S on, befall a cluster.
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { schedules: { type: 'string', default: '15' }, seed: { type: 'string', default: '1' } },
})
for (const [name, value] of Object.entries(values))
  if (!/^[1-9]\d{0,8}$/.test(value)) {
    console.error(`--${name} must be a whole number from 1, not "${value}"`)
    process.exit(2)
  }
const { status } = spawnSync('npx', ['vitest', 'run', '--reporter=verbose', 'test/cluster/chaos.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, CATENARY_TEST_SCHEDULES: values.schedules, CATENARY_TEST_CHAOS_SEED: values.seed },
})
process.exit(status ?? 1)
