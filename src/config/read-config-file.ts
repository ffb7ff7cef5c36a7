import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CatenaryError } from '../core/index.ts'
import { nearest } from './nearest.ts'
import { SETTINGS } from './settings.ts'

const DEFAULT_NAME = 'catenary.json'

type Fields = Readonly<Record<string, unknown>>

/** What an operator's file holds: settings by section, and options by detector id. */
export interface ConfigFile {
  readonly name: string
  /** Settings that are in no section: `mode`. */
  readonly values: Fields
  readonly sections: Readonly<Record<string, Fields>>
  readonly detectors: Fields
  /** As given. */
  readonly destinations: unknown
  readonly ssfReceivers: unknown
}

interface Where {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly file?: string | undefined
  readonly folder?: string
}

/**
 * The file that applies, or null where none was named and the working folder has none. What is wrong inside is added to
 * `mistakes`. Throws `CAT_CONFIG` for a file that cannot be read or is no JSON object.
 */
export function readConfigFile({ env, file, folder = '.' }: Where, mistakes: string[]): ConfigFile | null {
  const named = file ?? (env['CATENARY_CONFIG'] || undefined)
  const fields = parse(named ?? join(folder, DEFAULT_NAME), named !== undefined)
  if (fields === null) return null
  const name = named ?? DEFAULT_NAME
  const values: Record<string, unknown> = {}
  const sections: Record<string, Fields> = {}
  let detectors: Fields = {}
  let destinations: unknown
  let ssfReceivers: unknown
  for (const [section, value] of Object.entries(fields)) {
    const keys = keysOf(section)
    if (section === '$schema') continue
    if (section === 'destinations') destinations = value
    else if (section === 'ssfReceivers') ssfReceivers = value
    else if (SETTINGS.some(({ name }) => name === section)) values[section] = value
    else if (section !== 'detectors' && keys.length === 0) mistakes.push(unknown(name, section, '', sectionNames()))
    else if (!isFields(value))
      mistakes.push(`${name}: ${section}: must be an object, as {"${keys[0] ?? 'secret-harvest'}": …}`)
    else if (section === 'detectors') detectors = value
    else {
      sections[section] = value
      for (const key of Object.keys(value))
        if (!keys.includes(key)) mistakes.push(unknown(name, key, `${section}.`, keys))
    }
  }
  return { name, values, sections, detectors, destinations, ssfReceivers }
}

const keysOf = (section: string): readonly string[] =>
  SETTINGS.flatMap((one) => (one.section === section ? [one.key] : []))

const sectionNames = (): readonly string[] => [
  ...new Set(SETTINGS.map(({ section, key }) => (section === '' ? key : section))),
  'detectors',
  'destinations',
  'ssfReceivers',
]

function unknown(file: string, key: string, within: string, known: readonly string[]): string {
  const near = nearest(key, known)
  return `${file}: ${within}${key}: there is no such setting; ${near === null ? `there are ${known.join(', ')}` : `did you mean ${within}${near}?`}`
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parse(path: string, isNamed: boolean): Fields | null {
  const text = read(path, isNamed)
  if (text === null) return null
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    // The parser's own words may repeat the text, and the text may hold a secret.
    const at = /position \d+(?: \(line \d+ column \d+\))?/.exec(cause instanceof Error ? cause.message : '')?.[0]
    throw new CatenaryError(
      'CAT_CONFIG',
      `${path}: is not JSON${at === undefined ? '' : ` (at ${at})`}; mend it or leave it out`,
      {
        cause,
      },
    )
  }
  if (isFields(value)) return value
  throw new CatenaryError('CAT_CONFIG', `${path}: must hold one JSON object, as {"detectors": {}}`)
}

function read(path: string, isNamed: boolean): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' && !isNamed) return null
    throw new CatenaryError(
      'CAT_CONFIG',
      `${path}: cannot be read (${code ?? 'unknown'}); give a JSON file of settings`,
      {
        cause,
      },
    )
  }
}
