import { describe, expect, it } from 'vitest'
import { remembered } from '../../detectors/remembered.ts'

function counting(): { readonly lengthOf: (text: string) => string; readonly asked: string[] } {
  const asked: string[] = []
  const lengthOf = remembered((text) => {
    asked.push(text)
    return `${text.length}`
  })
  return { lengthOf, asked }
}

describe('a remembered function', () => {
  it('is asked once for a text that comes again', () => {
    const { lengthOf, asked } = counting()
    expect([lengthOf('files.read'), lengthOf('files.read')]).toEqual(['10', '10'])
    expect(asked).toEqual(['files.read'])
  })

  it('remembers an answer of null', () => {
    let asked = 0
    const none = remembered((): null => {
      asked += 1
      return null
    })
    expect([none('a'), none('a'), asked]).toEqual([null, null, 1])
  })

  it('forgets when there are too many, and keeps answering right', () => {
    const { lengthOf, asked } = counting()
    const texts = [...Array.from({ length: 6_000 }, (_, i) => `${i}`), '0']
    expect(texts.filter((text) => lengthOf(text) !== `${text.length}`)).toEqual([])
    expect(asked.filter((text) => text === '0')).toHaveLength(2)
  })

  it('does not keep long texts', () => {
    const { lengthOf, asked } = counting()
    const long = 'x'.repeat(129)
    expect([lengthOf(long), lengthOf(long)]).toEqual(['129', '129'])
    expect(asked).toHaveLength(2)
  })
})
