import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { frameworkOf } from '../../../detectors/frameworks.ts'
import { formatsOf } from '../../../schemas/forward/formats.ts'
import { createFile } from '../../../src/adapters/destinations/file.ts'
import type { Destination } from '../../../src/ports/index.ts'
import { never, parcel } from '../../kit/parcels.ts'

const folder = mkdtempSync(join(tmpdir(), 'catenary-file-'))
const format = formatsOf({ frameworkOf, version: '0.0.0' }).catenary
let [path, count] = ['', 0]
let destination: Destination

beforeEach(() => {
  count += 1
  path = join(folder, String(count), 'alerts.ndjson')
  destination = createFile({ path, format })
})
afterEach(() => destination.close())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const keysIn = (file: string): readonly string[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      try {
        return (JSON.parse(line) as { idempotency_key: string }).idempotency_key
      } catch {
        return line
      }
    })

describe('a file', () => {
  it('is made, for its owner alone, and grows by a line an alert', async () => {
    expect(await destination.send([parcel(), parcel({ id: 'al2', title: 'two\nlines' })], never)).toEqual([
      { what: 'delivered' },
      { what: 'delivered' },
    ])
    await destination.send([parcel({ revision: 2 })], never)
    expect(keysIn(path)).toEqual(['al1-1', 'al2-1', 'al1-2'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('that is moved away is made anew, and nothing goes to the old one', async () => {
    await destination.send([parcel()], never)
    renameSync(path, `${path}.1`)
    await destination.send([parcel({ id: 'al2' })], never)
    rmSync(path)
    await destination.send([parcel({ id: 'al3' })], never)
    expect(keysIn(`${path}.1`)).toEqual(['al1-1'])
    expect(keysIn(path)).toEqual(['al3-1'])
  })

  it('that ends in half a line keeps it as a line of its own', async () => {
    await destination.send([parcel()], never)
    appendFileSync(path, '{"half":')
    await destination.send([parcel({ id: 'al2' })], never)
    expect(keysIn(path)).toEqual(['al1-1', '{"half":', 'al2-1'])
  })

  it('that cannot be written is tried again', async () => {
    mkdirSync(path, { recursive: true })
    expect(await destination.send([parcel()], never)).toMatchObject([
      { what: 'retry', why: expect.stringMatching(/alerts.ndjson cannot be written \(EISDIR\)/) },
    ])
    rmSync(path, { recursive: true })
    expect(await destination.send([parcel()], never)).toEqual([{ what: 'delivered' }])
  })
})
