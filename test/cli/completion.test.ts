import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catenary } from '../kit/asked-service.ts'

let folder = ''
const scriptOf = (shell: string): string => join(folder, `catenary.${shell}`)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catenary-completion-'))
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await catenary(['completion', shell])
    expect(code).toBe(0)
    writeFileSync(scriptOf(shell), out)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const has = (program: string): boolean => {
  try {
    execFileSync(program, ['-c', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What each shell offers for a line that is cut into words, the last of which is being written. */
const OFFERS = {
  bash: (words) => {
    const ask = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _catenary; printf '%s\n' "\${COMPREPLY[@]}"`
    return linesOf(execFileSync('bash', ['-c', ask, scriptOf('bash'), ...words], { cwd: folder, encoding: 'utf8' }))
  },
  fish: (words) => {
    const ask = `source ${scriptOf('fish')}; complete -C "${words.join(' ')}"`
    const told = execFileSync('fish', ['--no-config', '-c', ask], { cwd: folder, encoding: 'utf8', env: inFolder() })
    return linesOf(told).map((line) => line.split('\t')[0] ?? '')
  },
  zsh: (words) => {
    const ask = `
      words=("$@"); CURRENT=$#; prefix="\${@[-1]}"
      compdef() { : }
      _files() { print -rl -- *(N) }
      compadd() { shift; print -rl -- "\${@}" }
      _describe() { local one; for one in "\${(@P)2}"; do print -r -- "\${one%%:*}"; done }
      source "$0"; _catenary`
    const told = execFileSync('zsh', ['-f', '-c', ask, scriptOf('zsh'), ...words], { cwd: folder, encoding: 'utf8' })
    // Zsh itself narrows what it is offered.
    return linesOf(told).filter((one) => one.startsWith(words.at(-1) ?? ''))
  },
} as const satisfies Readonly<Record<string, (words: readonly string[]) => readonly string[]>>

const inFolder = () => ({ PATH: process.env['PATH'], HOME: folder })
const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')

describe.each(Object.entries(OFFERS))('completion in %s', (shell, offers) => {
  const isThere = has(shell)
  if (!isThere) console.warn(`skipped: ${shell} is not on this machine`)
  const offered = (...words: readonly string[]) => [...offers(['catenary', ...words])].sort()

  it.skipIf(!isThere)('offers every command there is', async () => {
    const { out } = await catenary(['--help'])
    const commands = [...out.slice(out.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name)
    expect(commands.length).toBeGreaterThan(20)
    expect(offered('')).toEqual(commands.filter((name) => name !== 'help').sort())
  })

  it.skipIf(!isThere)('offers what goes with a command, and what an option may be', () => {
    expect(offered('forward', 'dead-letters', '')).toEqual(['list', 'retry'])
    expect(offered('alerts', 'list', '--min-sev')).toEqual(['--min-severity'])
    expect(offered('alerts', 'list', '--min-severity', 'h')).toEqual(['high'])
    expect(offered('alerts', 'list', '--json', '--triage', 'a')).toEqual(['acknowledged'])
    expect(offered('completion', '')).toEqual(['bash', 'fish', 'zsh'])
    expect(offered('keys', 'create', '--role', 'an')).toEqual(['analyst'])
  })

  it.skipIf(!isThere)('offers files where a command reads them', () => {
    expect(offered('analyze', '')).toContain('catenary.bash')
  })
})

describe('completion', () => {
  it('of bash completes a value behind =', () => {
    const { bash } = OFFERS
    expect(bash(['catenary', 'alerts', 'list', '--triage', '=', 'cl'])).toEqual(['closed'])
    expect(bash(['catenary', 'alerts', 'list', '--triage', '='])).toContain('closed')
  })

  it('says which shells there are', async () => {
    expect(await catenary(['completion', 'tcsh'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('bash, zsh, fish'),
    })
  })
})
