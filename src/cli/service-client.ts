import { type Command, Option } from 'commander'
import { type ApiClientParts, createApiClient } from '../adapters/http/api-client.ts'
import { type Config, isKey, isLoopback, readCa, readKeyFile, readProfile, serviceUrl } from '../config/index.ts'
import { CatenaryError } from '../core/index.ts'
import type { ApiClient } from '../ports/index.ts'
import type { Io } from './io.ts'
import { configOf } from './settings.ts'

/** The flags of commands that ask a service. */
export interface ServiceFlags {
  readonly url?: string | undefined
  readonly profile?: string | undefined
  readonly keyFile?: string | undefined
  readonly caFile?: string | undefined
}

/** Which service to ask, and as whom. */
export interface Place extends ApiClientParts {
  /** The tenant that the profile names. */
  readonly tenant?: string | undefined
}

/** Adds the options that say which service to ask, and as whom. `url`: the flag that names its address. */
export const withService = (command: Command, url = '--url'): Command =>
  withServiceOnly(command, url).option(
    '--key-file <file>',
    'holds the API key, mode 0600 (CATENARY_API_KEY, CATENARY_API_KEY_FILE)',
  )

/** The same where `--key-file` is another key: that of the API is in the environment or the profile. */
export const withServiceOnly = (command: Command, url = '--url'): Command =>
  command
    .addOption(new Option(`${url} <url>`, 'the service to ask (CATENARY_URL)').conflicts('profile'))
    .option('--profile <name>', 'the service of this profile (CATENARY_PROFILE; docs/shell.md)')
    .option('--ca-file <file>', 'PEM of the authorities to trust (CATENARY_CA_FILE)')

const said = (text: string | undefined): string | undefined => (text === '' ? undefined : text)

/**
 * The service that a flag or a variable names; null for none. A key and an authority of a profile are for its own URL and
 * for no other. Throws `CAT_USAGE` for a URL that is none, `CAT_CONFIG` for a profile, key or authority that cannot be used.
 */
export function namedPlace({ env }: Io, flags: ServiceFlags, flag = '--url'): Place | null {
  const url = flags.url ?? (flags.profile === undefined ? said(env['CATENARY_URL']) : undefined)
  if (url !== undefined)
    return guarded({
      url: serviceUrl(flags.url === undefined ? 'CATENARY_URL' : flag, url),
      ...credentials(env, flags),
    })
  const name = flags.profile ?? said(env['CATENARY_PROFILE'])
  return name === undefined ? null : profilePlace(env, flags, name)
}

function profilePlace(env: Io['env'], flags: ServiceFlags, name: string | undefined): Place | null {
  const profile = readProfile(env, name)
  if (profile === null) return null
  const { url, keyFile, caFile, tenant } = profile
  return guarded({ url, tenant, ...credentials(env, flags, { keyFile, caFile }) })
}

/** What is said for this call comes before what the profile says. */
function credentials(
  env: Io['env'],
  flags: ServiceFlags,
  profile: { readonly keyFile?: string | undefined; readonly caFile?: string | undefined } = {},
): Pick<Place, 'key' | 'ca'> {
  const caFile = flags.caFile ?? said(env['CATENARY_CA_FILE']) ?? profile.caFile
  return { key: keyOf(env, flags, profile.keyFile), ca: caFile === undefined ? undefined : readCa(caFile) }
}

function keyOf(env: Io['env'], { keyFile }: ServiceFlags, profileFile?: string): string | undefined {
  if (keyFile !== undefined) return readKeyFile(keyFile)
  const key = said(env['CATENARY_API_KEY']?.trim())
  if (key !== undefined && !isKey(key))
    throw new CatenaryError(
      'CAT_CONFIG',
      'CATENARY_API_KEY: holds more than an API key; put the key there and nothing else',
    )
  if (key !== undefined) return key
  const file = said(env['CATENARY_API_KEY_FILE']) ?? profileFile
  return file === undefined ? undefined : readKeyFile(file)
}

/** Throws `CAT_USAGE` rather than send a key where others can read it on the way. */
function guarded(place: Place): Place {
  const { protocol, hostname, origin } = new URL(place.url)
  if (protocol === 'https:' || place.key === undefined || isLoopback(hostname)) return place
  throw new CatenaryError('CAT_USAGE', `${origin} would be sent the API key in the clear; ask it over https`)
}

const EVERY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1', '[::]': '::1' }

/**
 * The service of these settings, at `api.host` and `api.port` of this machine. Where it has TLS of its own it is known by
 * its very certificate, whatever name that bears. Throws `CAT_CONFIG`.
 */
export function settingsPlace({ env }: Io, flags: ServiceFlags, { api }: Config): Place {
  const host = (EVERY[api.host] ?? api.host).replace(/^\[|\]$/g, '')
  const scheme = api.tlsCertFile === undefined ? 'http' : 'https'
  const { key, ca } = credentials(env, flags)
  return {
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${api.port}`,
    key,
    ...(api.tlsCertFile === undefined || ca !== undefined ? { ca } : { certificate: readCa(api.tlsCertFile) }),
  }
}

/** The service to ask: the named one, else that of the default profile, else that of the settings. Throws as they do. */
export const placeOf = (io: Io, flags: ServiceFlags): Place =>
  namedPlace(io, flags) ?? profilePlace(io.env, flags, undefined) ?? settingsPlace(io, flags, configOf(io, {}).config)

/** Hands `use` a client of the service to ask, and closes it. Throws what `placeOf` and `use` throw. */
export async function withClient<T>(
  io: Io,
  flags: ServiceFlags,
  use: (client: ApiClient, place: Place) => Promise<T>,
): Promise<T> {
  const place = placeOf(io, flags)
  return withClientOf(place, (client) => use(client, place))
}

/** The same of a place that is known. */
export async function withClientOf<T>(place: Place, use: (client: ApiClient) => Promise<T>): Promise<T> {
  const client = createApiClient(place)
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}
