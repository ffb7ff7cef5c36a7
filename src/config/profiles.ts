import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { CatenaryError } from '../core/index.ts'
import { nearest } from './nearest.ts'
import { text } from './setting-kinds.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The variables that say which service commands ask, and as whom. */
export const PROFILE_VARIABLES = [
  'CATENARY_API_KEY',
  'CATENARY_API_KEY_FILE',
  'CATENARY_CA_FILE',
  'CATENARY_PROFILE',
  'CATENARY_PROFILES',
  'CATENARY_URL',
] as const

/** The address of a service. */
const ServiceUrl = z
  .string({ error: 'must be an address, as https://catenary.example' })
  .superRefine((given, context) => {
    const url = URL.canParse(given) ? new URL(given) : null
    const tell = (message: string): void => context.addIssue({ code: 'custom', message, input: undefined })
    if (url === null) tell('is no address; write it like https://catenary.example')
    else if (!/^https?:$/.test(url.protocol)) tell('is no http or https address')
    else if (url.username !== '' || url.password !== '') tell('must not hold a name or a password')
  })

const Profile = z.strictObject({
  url: ServiceUrl,
  /** A file that holds the API key and nothing else, readable by its owner alone. */
  keyFile: text().optional(),
  /** The authorities to trust instead of those of Node, PEM. */
  caFile: text().optional(),
  tenant: text().optional(),
})

/** A service that commands ask: where it is, who asks, whom to trust. Paths are whole. */
export type Profile = z.output<typeof Profile>

const Profiles = z.strictObject({ default: text().optional(), profiles: z.record(text(), Profile) })

/** Where profiles are kept: `CATENARY_PROFILES`, else `catenary/profiles.json` of the user's configuration (XDG). */
export function profilesPath(env: Env): string {
  const base = env['XDG_CONFIG_HOME'] || join(env['HOME'] || '.', '.config')
  return env['CATENARY_PROFILES'] || join(base, 'catenary', 'profiles.json')
}

/**
 * The profile of that name, else the file's `default`; null where none is named, or there is no file. Paths in it are seen
 * from the file's folder. Throws `CAT_CONFIG` for a file that is wrong, and for a name that is none of its profiles.
 */
export function readProfile(env: Env, name: string | undefined): Profile | null {
  const file = profilesPath(env)
  const read = profilesIn(file, name !== undefined || Boolean(env['CATENARY_PROFILES']))
  const wanted = name ?? read?.default
  if (read === null || wanted === undefined) return null
  const profile = Object.hasOwn(read.profiles, wanted) ? read.profiles[wanted] : undefined
  if (profile === undefined) throw missing(file, wanted, Object.keys(read.profiles))
  const at = (path: string): string => resolve(dirname(file), path.replace(/^~(?=\/)/, env['HOME'] ?? '~'))
  return {
    ...profile,
    ...(profile.keyFile === undefined ? {} : { keyFile: at(profile.keyFile) }),
    ...(profile.caFile === undefined ? {} : { caFile: at(profile.caFile) }),
  }
}

function missing(file: string, wanted: string, names: readonly string[]): CatenaryError {
  const near = nearest(wanted, names)
  const hint =
    near !== null ? `did you mean ${near}?` : names.length === 0 ? 'it has none' : `there are ${names.join(', ')}`
  return new CatenaryError('CAT_CONFIG', `${file}: there is no profile ${wanted}; ${hint}`)
}

function profilesIn(file: string, isNeeded: boolean): z.output<typeof Profiles> | null {
  const written = textOf(file, 'profiles', isNeeded)
  if (written === null) return null
  let value: unknown
  try {
    value = JSON.parse(written)
  } catch {
    throw new CatenaryError('CAT_CONFIG', `${file}: is not JSON; write {"profiles": {"prod": {"url": "https://…"}}}`)
  }
  const result = Profiles.safeParse(value)
  if (result.success) return result.data
  throw new CatenaryError('CAT_CONFIG', `${file}: a profile is wrong\n${z.prettifyError(result.error)}`)
}

/** Checks an address that a flag or a variable gives. Throws `CAT_USAGE`, told by that name. */
export function serviceUrl(name: string, given: string): string {
  const result = ServiceUrl.safeParse(given)
  if (result.success) return result.data
  throw new CatenaryError('CAT_USAGE', `${name} ${given} ${result.error.issues[0]?.message ?? 'is no address'}`)
}

/** The text of a PEM file of authorities. Throws `CAT_CONFIG`. */
export const readCa = (file: string): string => textOf(file, 'certificates of authorities, PEM', true) ?? ''

const OTHERS = 0o077
const MAX_KEY = 16_384

/** Whether a text can be sent as a key: one word of ASCII. */
export const isKey = (text: string): boolean => text.length <= MAX_KEY && /^[\x21-\x7e]+$/.test(text)

/**
 * The API key or token in a file. Throws `CAT_CONFIG` for one that anybody but its owner may read or write, and for a text
 * that is no key; the text itself is never told.
 */
export function readKeyFile(file: string): string {
  const key = (textOf(file, 'an API key', true, OTHERS) ?? '').trim()
  if (key === '') throw new CatenaryError('CAT_CONFIG', `${file}: is empty; it is to hold an API key`)
  if (isKey(key)) return key
  throw new CatenaryError('CAT_CONFIG', `${file}: holds more than an API key; write the key there and nothing else`)
}

/** Looks at the mode of what was opened, so that nothing is put in its place between the look and the reading. */
function textOf(file: string, what: string, isNeeded: boolean, closedTo = 0): string | null {
  let opened: number | undefined
  try {
    opened = openSync(file, 'r')
    const { mode } = fstatSync(opened)
    if (process.platform !== 'win32' && (mode & closedTo) !== 0)
      throw new CatenaryError(
        'CAT_CONFIG',
        `${file}: others on this machine may read it (mode ${(mode & 0o777).toString(8).padStart(4, '0')}), and it is to hold ${what}; run: chmod 600 ${file}`,
      )
    return readFileSync(opened, 'utf8').replace(/^\uFEFF/, '')
  } catch (cause) {
    if (cause instanceof CatenaryError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' && !isNeeded) return null
    throw new CatenaryError('CAT_CONFIG', `${file}: cannot be read (${code}); it is to hold ${what}`, { cause })
  } finally {
    if (opened !== undefined) closeSync(opened)
  }
}
