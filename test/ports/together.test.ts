import { expect, it } from 'vitest'
import { together } from '../../src/ports/together.ts'

it('writes the first at once, and together what comes meanwhile', async () => {
  const written: (readonly number[])[] = []
  const write = together<number>(async (items) => {
    written.push(items)
  })
  await Promise.all([1, 2, 3].map(write))
  await write(4)
  expect(written).toEqual([[1], [2, 3], [4]])
})

it('tells a failure to those that it befell, and goes on with the next', async () => {
  const write = together<number>(async (items) => {
    if (items.includes(2)) throw new Error('cut off')
  })
  const ends = await Promise.allSettled([1, 2, 3].map(write))
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  await expect(write(2.5)).resolves.toBeUndefined()
})

it('refuses one alone', async () => {
  const write = together<number>(async (items, refuse) => {
    for (const item of items) if (item === 3) refuse(item, new Error('not this one'))
  })
  const ends = await Promise.allSettled([1, 2, 3, 4].map(write))
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
})
