// Copies what the compiler does not: data files and SQL beside the code that reads them.
import { cp } from 'node:fs/promises'

for (const [from, to] of [
  ['detectors/data', 'dist/detectors/data'],
  ['schemas/sql', 'dist/schemas/sql'],
  ['schemas/json', 'dist/schemas/json'],
  ['src/estate/data', 'dist/src/estate/data'],
])
  await cp(from, to, { recursive: true, force: true }).catch((error) => {
    if (error.code !== 'ENOENT') throw error
  })
