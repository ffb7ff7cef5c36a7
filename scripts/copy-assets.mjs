// Copies what the compiler does not: data files and SQL beside the code that reads them. What has another name now goes, and
// only that: a command that runs from dist at this moment finds its data.
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

for (const [from, to] of [
  ['detectors/data', 'dist/detectors/data'],
  ['schemas/sql', 'dist/schemas/sql'],
  ['schemas/json', 'dist/schemas/json'],
  ['src/estate/data', 'dist/src/estate/data'],
]) {
  const wanted = new Set(await filesIn(from))
  if (wanted.size > 0) await cp(from, to, { recursive: true, force: true })
  for (const file of await filesIn(to)) if (!wanted.has(file)) await rm(join(to, file), { recursive: true })
}

/** Paths below a folder; none where there is no such folder. */
async function filesIn(folder) {
  try {
    const found = await readdir(folder, { recursive: true, withFileTypes: true })
    return found
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath ?? one.path, one.name).slice(folder.length + 1))
  } catch (error) {
    if (error.code === 'ENOENT') return []
    throw error
  }
}
