import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { CatenaryError } from '../../core/index.ts'
import type { LawResult } from '../../lab/laws.ts'
import type { Aside } from './guard.ts'
import type { OwnDetector } from './own-detector.ts'

export interface LoadParts {
  /** How long one fold may take, in milliseconds. */
  readonly stepMs: number
  /** Told once for each that is set aside, now or later. */
  readonly onAside: (aside: Aside) => void
}

const CODE = /^[^_.].*(?<!\.d)(?<!\.test)\.(?:ts|mts|js|mjs)$/

/** A pattern that goes back over a text again and again is matched in linear time from there on; else it could hang a fold. */
const LINEAR_PATTERNS = '--enable-experimental-regexp-engine-on-excessive-backtracks'

/**
 * Loads a folder: code, and Sigma rules (`*.yml`, `*.yaml`). Throws one `CAT_CONFIG` with all in it that is no detector.
 */
export async function loadFolder(folder: string, parts: LoadParts): Promise<readonly OwnDetector[]> {
  const names = await namesIn(folder)
  const mistakes: string[] = []
  const loaded: OwnDetector[] = []
  const { loadSigma } = await import('./sigma-file.ts')
  for (const load of [() => loadCode(folder, names, parts), () => loadSigma(folder, names)]) {
    try {
      loaded.push(...(await load()))
    } catch (error) {
      if (!(error instanceof CatenaryError)) throw error
      mistakes.push(error.message)
    }
  }
  if (mistakes.length > 0) throw new CatenaryError('CAT_CONFIG', mistakes.join('\n'))
  return loaded
}

/** The names in a folder. Throws `CAT_CONFIG` where it cannot be read. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new CatenaryError('CAT_CONFIG', `${folder}: cannot be read (${code}); give a folder of detectors`, { cause })
  }
}

/**
 * Loads every TypeScript and JavaScript file of a folder as a detector; what begins with `_` or `.`, type declarations and
 * tests are left out. Each runs first in a thread of its own. Throws one `CAT_CONFIG` with all that is no detector; one that
 * is a detector but breaks a law is set aside.
 */
async function loadCode(folder: string, names: readonly string[], parts: LoadParts): Promise<readonly OwnDetector[]> {
  const files = names.filter((name) => CODE.test(name)).map((name) => join(folder, name))
  if (files.length === 0) return []
  // What compiles and parses weighs something, so it is loaded by those who need it.
  const { bundleOf, bundleOfKit, endBundling } = await import('./bundle.ts')
  const { metered } = await import('./metered.ts')
  const { Checker } = await import('./check.ts')
  setFlagsFromString(LINEAR_PATTERNS)
  const kit = await bundleOfKit()
  const checker = new Checker(kit, parts.stepMs)
  const mistakes: string[] = []
  const loaded: OwnDetector[] = []
  try {
    for (const file of files) {
      try {
        const code = metered(await bundleOf(file))
        const answer = await checker.ask({ file, code })
        if ('mistakes' in answer) mistakes.push(...answer.mistakes.map((one) => `${file}: ${one}`))
        else loaded.push(await admit(file, code, kit, answer.laws, parts))
      } catch (error) {
        if (!(error instanceof CatenaryError)) throw error
        mistakes.push(`${file}: ${error.message.trimEnd()}`)
      }
    }
  } finally {
    await checker.close()
    await endBundling()
  }
  if (mistakes.length > 0) throw new CatenaryError('CAT_CONFIG', mistakes.join('\n'))
  return loaded
}

/** Brings what was tried elsewhere into this process, behind its guard. */
async function admit(
  file: string,
  code: string,
  kit: string,
  laws: readonly LawResult[],
  { stepMs, onAside }: LoadParts,
): Promise<OwnDetector> {
  const { createRealm } = await import('./realm.ts')
  const { guard } = await import('./guard.ts')
  const { exportedOf } = await import('./shape.ts')
  const realm = createRealm(kit)
  const exported = exportedOf(realm.load(code, file))
  if (!('detector' in exported)) throw new CatenaryError('CAT_CONFIG', exported.join('; '))
  const { detector: foreign, cases, evasions } = exported
  const broken = laws.flatMap(({ problem }) => (problem === null ? [] : [problem]))
  const now = (): number => performance.now()
  const { detector, aside } = guard(foreign, {
    realm,
    stepMs,
    now,
    onAside,
    ...(broken.length === 0 ? {} : { broken: broken.join('; ') }),
  })
  return { file: basename(file), detector, cases, evasions, laws, aside }
}
