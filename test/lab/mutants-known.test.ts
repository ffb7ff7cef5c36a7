import { describe, expect, it } from 'vitest'
import { audit } from '../mutate/known.ts'

const known = {
  'detectors/a.ts': { 'x > 1 → true': 'open', 'y → false': 'no event has y' },
  'detectors/b.ts': { 'z → true': 'open' },
}
const files = new Set(['detectors/a.ts'])
const a = (what: string) => ({ file: 'detectors/a.ts', what })

describe('conditions that no test needs', () => {
  it('are known, or told', () => {
    const all = [a('x > 1 → true'), a('y → false')]
    expect(audit(all, files, known)).toEqual({ unlisted: [], stale: [], open: 1, explained: 1 })
    expect(audit([...all, a('x > 1 → false')], files, known).unlisted).toEqual([a('x > 1 → false')])
  })

  it('leave the list when a test needs them; other files are not asked about', () => {
    expect(audit([a('y → false')], files, known).stale).toMatchObject([a('x > 1 → true')])
  })
})
