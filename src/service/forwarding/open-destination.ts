import { frameworkOf } from '../../../detectors/frameworks.ts'
import { type Format, type FormatName, formatsOf } from '../../../schemas/forward/formats.ts'
import { createFile } from '../../adapters/destinations/file.ts'
import { createWebhook } from '../../adapters/destinations/webhook.ts'
import type { Config, DestinationSettings, SecretRef } from '../../config/index.ts'
import { CatenaryError } from '../../core/index.ts'
import type { Destination } from '../../ports/index.ts'

/** What every destination is made from, beside its own settings. */
export interface Around {
  readonly config: Pick<Config, 'secretOf'>
  /** Of this program. */
  readonly version: string
}

/**
 * The receiver that settings describe. Connects when it is first sent to. Throws `CAT_CONFIG` for a secret that is not there and
 * a PEM file that cannot be read.
 */
export function openDestination(settings: DestinationSettings, around: Around): Destination {
  try {
    return opened(settings, around)
  } catch (error) {
    if (!(error instanceof CatenaryError)) throw error
    throw new CatenaryError(error.code, `destination ${settings.name}: ${error.message}`, { cause: error })
  }
}

function opened(settings: DestinationSettings, { config, version }: Around): Destination {
  const secret = (ref: SecretRef): (() => string) => {
    config.secretOf(ref)
    return () => config.secretOf(ref)
  }
  const format = (name: FormatName): Format => formatsOf({ frameworkOf, version })[name]
  switch (settings.type) {
    case 'webhook':
      return createWebhook({
        ...settings,
        format: format(settings.format),
        secret: settings.secret && secret(settings.secret),
        headers: headersOf(settings, secret),
      })
    case 'file':
      return createFile({ path: settings.path, format: format(settings.format) })
  }
}

interface WithHeaders {
  readonly token?: SecretRef | undefined
  readonly headers: Readonly<Record<string, string | SecretRef>>
}

/** Headers as the settings give them; those that are secrets are read each time. */
function headersOf(
  { token, headers }: WithHeaders,
  secret: (ref: SecretRef) => () => string,
): () => Readonly<Record<string, string>> {
  const all = Object.entries(headers).map(
    ([name, value]) => [name, typeof value === 'string' ? () => value : secret(value)] as const,
  )
  if (token !== undefined) {
    const read = secret(token)
    all.push(['authorization', () => `Bearer ${read()}`])
  }
  return () => Object.fromEntries(all.map(([name, value]) => [name, value()]))
}
