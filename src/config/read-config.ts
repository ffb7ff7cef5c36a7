import type { z } from 'zod'
import { type AnyDetector, CatenaryError, deepFreeze } from '../core/index.ts'
import { type DestinationSettings, destinationsOf } from './destinations.ts'
import { detectorMistakes } from './detector-settings.ts'
import { nearest } from './nearest.ts'
import { PROFILE_VARIABLES } from './profiles.ts'
import { type ConfigFile, readConfigFile } from './read-config-file.ts'
import { readSecret, type SecretRef, variablesIn } from './secret.ts'
import { SETTINGS, type Setting, Settings, type SettingValues } from './settings.ts'
import { type SsfReceiverSettings, ssfReceiversOf } from './ssf-receivers.ts'
import { standardTracesUrl } from './telemetry-settings.ts'

/** Everything an operator may set, once, frozen. */
export interface Config extends SettingValues {
  /** Options by detector id, as given; each detector fills its own defaults. */
  readonly detectors: Readonly<Record<string, unknown>>
  /** Where alerts are sent. */
  readonly destinations: readonly DestinationSettings[]
  /** Who is told of containments. */
  readonly ssfReceivers: readonly SsfReceiverSettings[]
  /** The secret that a setting names. Throws `CAT_CONFIG`. */
  readonly secretOf: (ref: SecretRef) => string
}

/** Where a setting came from: its flag, its variable, or the file, by name. */
export interface SettingOrigin {
  readonly from: 'flag' | 'env' | 'file' | 'default'
  readonly name: string
}

/** A value given on the command line, and the flag that gave it. */
export interface FlagValue {
  readonly flag: string
  readonly value: unknown
}

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** By setting name (`api.port`). */
  readonly flags?: Readonly<Record<string, FlagValue | undefined>>
  /** `--config FILE`; else `CATENARY_CONFIG`, else `catenary.json` in the working folder when it is there. */
  readonly file?: string | undefined
  /** The working folder. */
  readonly folder?: string
  readonly detectors: readonly AnyDetector[]
}

export interface ConfigReading {
  readonly config: Config
  /** By setting name (`api.port`). */
  readonly origins: ReadonlyMap<string, SettingOrigin>
  /** The file that was read; null for none. */
  readonly file: string | null
}

interface Given {
  readonly value: unknown
  readonly origin: SettingOrigin
}

const PREFIX = 'CATENARY_'
/** Not settings of the service: where they are, and how commands ask it. */
const OTHER: ReadonlySet<string> = new Set(['CATENARY_CONFIG', ...PROFILE_VARIABLES])
const isOther = (name: string): boolean => OTHER.has(name) || name.startsWith('CATENARY_TEST_')

/**
 * Flags over environment over file over defaults, as one frozen object. An empty variable counts as not given. Throws one
 * `CAT_CONFIG` that tells every mistake, each by the name under which it was made; values are not repeated.
 */
export function readConfig(sources: ConfigSources): ConfigReading {
  const mistakes: string[] = []
  const file = readConfigFile(sources, mistakes)
  mistakes.push(...unknownVariables(sources.env, variablesIn([file?.destinations, file?.ssfReceivers])))
  const given = new Map(SETTINGS.map((setting) => [setting.name, givenOf(setting, sources, file)]))
  const result = Settings.safeParse(nested(given))
  if (!result.success) mistakes.push(...result.error.issues.map((issue) => mistakeOf(issue, given)))
  const detectors = file?.detectors ?? {}
  const mayBeMore = given.get('ownDetectors.folder')?.value !== undefined
  mistakes.push(...detectorMistakes(detectors, sources.detectors, file?.name ?? 'catenary.json', { mayBeMore }))
  const destinations = destinationsOf(file?.destinations, file?.name ?? 'catenary.json', mistakes)
  const ssfReceivers = ssfReceiversOf(file?.ssfReceivers, file?.name ?? 'catenary.json', mistakes)
  if (mistakes.length > 0 || !result.success) throw configError(mistakes)
  const secretOf = (ref: SecretRef): string => readSecret(ref, sources.env)
  const origins = new Map([...given].map(([name, { origin }]) => [name, origin]))
  return {
    config: deepFreeze({ ...result.data, detectors, destinations, ssfReceivers, secretOf }),
    origins,
    file: file?.name ?? null,
  }
}

/** One error out of many mistakes. */
export const configError = (mistakes: readonly string[]): CatenaryError =>
  new CatenaryError(
    'CAT_CONFIG',
    `${mistakes.length === 1 ? 'a setting is' : `${mistakes.length} settings are`} wrong\n${mistakes.map((one) => `  ${one}\n`).join('')}  (catenary config --help lists all settings)`,
  )

function unknownVariables(env: ConfigSources['env'], secrets: readonly string[]): string[] {
  const known = SETTINGS.map(({ variable }) => variable)
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name) && !isOther(name) && !secrets.includes(name))
    .sort()
    .map((name) => {
      const near = nearest(name, [...known, 'CATENARY_CONFIG'])
      return `${name}: there is no such setting${near === null ? '' : `; did you mean ${near}?`}`
    })
}

function givenOf({ section, key, name, variable }: Setting, sources: ConfigSources, file: ConfigFile | null): Given {
  const flag = sources.flags?.[name]
  if (flag !== undefined && flag.value !== undefined)
    return { value: flag.value, origin: { from: 'flag', name: flag.flag } }
  const text = sources.env[variable]
  if (text !== undefined && text !== '') return { value: text, origin: { from: 'env', name: variable } }
  const standard = name === 'telemetry.tracesUrl' ? standardTracesUrl(sources.env) : null
  if (standard !== null) return { value: standard.value, origin: { from: 'env', name: standard.name } }
  const value = section === '' ? file?.values[key] : file?.sections[section]?.[key]
  if (file !== null && value !== undefined) return { value, origin: { from: 'file', name: `${file.name}: ${name}` } }
  return { value: undefined, origin: { from: 'default', name: 'default' } }
}

function nested(given: ReadonlyMap<string, Given>): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  const sections: Record<string, Record<string, unknown>> = {}
  for (const { section, key, name } of SETTINGS) {
    const value = given.get(name)?.value
    if (section !== '') sections[section] ??= {}
    const within = section === '' ? root : sections[section]
    if (value !== undefined && within !== undefined) within[key] = value
  }
  return { ...root, ...sections }
}

/** A mistake in one of a list is told by the list's setting. */
function mistakeOf({ path, message }: z.core.$ZodIssue, given: ReadonlyMap<string, Given>): string {
  const names = path.map((_, index) => path.slice(0, path.length - index).join('.'))
  const setting = SETTINGS.find(({ name }) => names.includes(name))
  const origin = setting === undefined ? undefined : given.get(setting.name)?.origin
  const name = origin === undefined || origin.from === 'default' ? setting?.variable : origin.name
  const depth = setting === undefined ? path.length : setting.name.split('.').length
  const within = path.slice(depth).flatMap((part) => (typeof part === 'string' ? [`${part}: `] : []))
  return `${name ?? path.join('.')}: ${within.join('')}${message}`
}
