import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { transcriptUnits } from '../quality/transcripts.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-lab-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('reads what is true of a transcript from beside its messages', async () => {
  const line = (metadata: object): string =>
    JSON.stringify({
      id: 'the same in all of them',
      messages: [
        { role: 'user', content: 'What is the time?' },
        { role: 'assistant', content: 'Noon.' },
      ],
      metadata,
    })
  const path = join(folder, 'labelled.jsonl')
  const lines = [
    line({ injection_task_id: null, security: true }),
    line({ injection_task_id: 'a', security: true }),
    line({ injection_task_id: 'a', security: false }),
  ]
  writeFileSync(path, `${lines.join('\n')}\n`)
  const units = await transcriptUnits(path, folder)
  expect(units.map(({ truth }) => truth).sort()).toEqual(['attack', 'benign', 'resisted'])
  expect(units.every(({ steps }) => steps > 0)).toBe(true)
})
