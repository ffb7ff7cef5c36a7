import vm from 'node:vm'
import { PRELUDE } from './prelude.ts'

/** Loops and calls that a file may take to be loaded, and one fold to come back. */
export const LOAD_TURNS = 1_000_000
export const FOLD_TURNS = 100_000
/** Even one native call may not hold up the loading for longer. */
const LOAD_MS = 15_000

/** A world that holds the language and nothing else: no clock, no chance, no input or output, and nothing in it can change. */
export interface Realm {
  /** Runs a module made by `bundleOf` and `metered`, and gives what it exports. Throws what it throws. */
  load(code: string, file: string): Readonly<Record<string, unknown>>
  /** Allows so many turns of loops and calls from here on. */
  refill(turns: number): void
  /** Whether they were used up: even if what ran caught the error that told so. */
  isSpent(): boolean
}

/** zod sets its words for mistakes when the first schema is made; in a frozen world that would be too late. */
const WARM = '\n;module.exports.z.strictObject({ a: module.exports.z.string() }).safeParse({ b: 1 })'

interface Meter {
  refill(turns: number): void
  isSpent(): boolean
}

/**
 * Makes a world with the kit (made by `bundleOfKit`; it is ours, so its turns are not counted) loaded in it. It holds back mistakes, not malice: `node:vm` is no
 * wall, so the folder of detectors must be as trusted as the program.
 */
export function createRealm(kit: string): Realm {
  const context = vm.createContext(Object.create(null) as object, {
    name: 'detectors',
    codeGeneration: { strings: false, wasm: false },
  })
  const run = (code: string, filename: string): unknown => {
    try {
      return new vm.Script(code, { filename }).runInContext(context, { timeout: LOAD_MS })
    } catch (error) {
      if ((error as NodeJS.ErrnoException | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      throw new Error(`it did not come back within ${LOAD_MS / 1_000} s`, { cause: error })
    }
  }
  const meter = run(PRELUDE, 'prelude') as Meter
  meter.refill(LOAD_TURNS)
  run(`__kit(${moduleOf(kit + WARM)})`, 'catenary/detector')
  run('__seal()', 'prelude')
  return {
    refill: meter.refill,
    isSpent: meter.isSpent,
    load(code, file) {
      meter.refill(LOAD_TURNS)
      return run(`__load(${moduleOf(code)})`, file) as Readonly<Record<string, unknown>>
    },
  }
}

/** The meter is a constant of the module: a global would be looked up through the context, at every turn. */
const moduleOf = (code: string): string =>
  `(function (module, exports, require, turn) {"use strict";const __turn = turn;${code}\n})`
