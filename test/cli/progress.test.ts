import { afterEach, describe, expect, it } from 'vitest'
import { progressBar } from '../../src/cli/progress.ts'

const written: string[] = []
const terminal = { isTTY: true, columns: 120, write: (text: string) => written.push(text) > 0 }
const io = { stdout: terminal, stderr: terminal, env: {} }

afterEach(() => void written.splice(0))

const ESC = '\u001b'
const CURSOR_SHOWN = `${ESC}[?25h`
const LINES_WRAP = `${ESC}[?7h`
const LINE_CLEARED = `${ESC}[2K`

describe('the progress bar', () => {
  it('leaves the terminal as it was, with no line behind', () => {
    const bar = progressBar(io, 'reading')
    bar.update(50, 100, 10)
    bar.update(100, 100, 20)
    bar.stop()
    bar.stop()
    const text = written.join('')
    expect(text).toContain('20 events')
    expect(text.split(CURSOR_SHOWN)).toHaveLength(2)
    expect(text).toContain(LINES_WRAP)
    expect(text.endsWith(LINE_CLEARED)).toBe(true)
  })

  it('leaves it so when a signal ends the command', () => {
    const others = process.listenerCount('SIGINT')
    const ignore = (): void => undefined
    process.on('SIGINT', ignore)
    const bar = progressBar(io, 'reading')
    bar.update(50, 100, 10)
    process.emit('SIGINT', 'SIGINT')
    process.removeListener('SIGINT', ignore)
    expect(written.join('')).toContain(CURSOR_SHOWN)
    expect(written.join('').endsWith(LINE_CLEARED)).toBe(true)
    expect(process.listenerCount('SIGINT')).toBe(others)
  })

  it('writes nothing where nobody knows how much there is, and none where there is no terminal', () => {
    const bar = progressBar(io, 'reading')
    bar.update(50, null, 10)
    bar.stop()
    const silent = progressBar({ ...io, stderr: { ...terminal, isTTY: false } }, 'reading')
    silent.update(50, 100, 10)
    silent.stop()
    expect(written).toEqual([])
  })
})
