// Copies what the compiler does not: data files and SQL beside the code that reads them. What has another name now goes.
import { cp, rm } from 'node:fs/promises'

for (const [from, to] of [
  ['detectors/data', 'dist/detectors/data'],
  ['schemas/sql', 'dist/schemas/sql'],
  ['schemas/json', 'dist/schemas/json'],
  ['src/estate/data', 'dist/src/estate/data'],
]) {
  await rm(to, { recursive: true, force: true })
  await cp(from, to, { recursive: true, force: true }).catch((error) => {
    if (error.code !== 'ENOENT') throw error
  })
}
