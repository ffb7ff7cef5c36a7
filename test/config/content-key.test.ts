import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { contentKeyOf, parseKey } from '../../src/config/content-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'catenary-key-'))
let data = ''
let count = 0

beforeEach(() => {
  count += 1
  data = join(folder, `data-${count}`)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const write = (text: string, mode = 0o600): void => {
  mkdirSync(data)
  writeFileSync(join(data, 'content.key'), text)
  chmodSync(join(data, 'content.key'), mode)
}

describe('the content key', () => {
  it('is made once, of 32 random bytes, for its owner alone, and is the same ever after', async () => {
    const key = await contentKeyOf(data)
    expect(key).toHaveLength(32)
    expect(statSync(join(data, 'content.key')).mode & 0o777).toBe(0o600)
    expect(await contentKeyOf(data)).toEqual(key)
    expect(readdirSync(data)).toEqual(['content.key'])
  })

  it('is one, whoever comes first', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => contentKeyOf(data)))
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1)
    expect(readdirSync(data)).toEqual(['content.key'])
  })

  it('differs from folder to folder', async () => {
    expect(await contentKeyOf(data)).not.toEqual(await contentKeyOf(`${data}-other`))
  })

  it('is refused where everybody may read it, and how to mend that is said', async () => {
    write('ab'.repeat(32), 0o644)
    await expect(contentKeyOf(data)).rejects.toThrow(/chmod 600/)
  })

  it.each([
    ['too short', 'abcdef', /3 bytes.*16 at least/],
    ['empty', '', /neither hex nor base64/],
    ['no key', 'not a key!', /neither hex nor base64/],
  ])('is refused when it is %s, and left as it is', async (_, text, told) => {
    write(text)
    await expect(contentKeyOf(data)).rejects.toThrow(told)
    expect(readFileSync(join(data, 'content.key'), 'utf8')).toBe(text)
  })

  it('cannot be made where the folder is a file, and another folder is asked for', async () => {
    writeFileSync(data, '')
    await expect(contentKeyOf(data)).rejects.toThrow(/content\.key: cannot be/)
  })

  it('is read as hex or as base64', () => {
    const bytes = Buffer.from('0123456789abcdef0123456789abcdef', 'hex')
    expect(parseKey(bytes.toString('hex'), 'x')).toEqual(bytes)
    expect(parseKey(`${bytes.toString('base64')}\n`, 'x')).toEqual(bytes)
  })

  it('is never repeated in what is said of it', () => {
    expect(() => parseKey('hunter2', 'CATENARY_CONTENT__KEY')).toThrow(/CATENARY_CONTENT__KEY/)
    expect(() => parseKey('hunter2', 'CATENARY_CONTENT__KEY')).not.toThrow(/hunter2/)
  })
})
