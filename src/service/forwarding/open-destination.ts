import { hostname } from 'node:os'
import { frameworkOf } from '../../../detectors/frameworks.ts'
import { ecsDocument } from '../../../schemas/forward/ecs.ts'
import { type Format, type FormatName, formatsOf } from '../../../schemas/forward/formats.ts'
import { sentinelRow } from '../../../schemas/forward/sentinel.ts'
import { slackMessage } from '../../../schemas/forward/slack.ts'
import { splunkEvent } from '../../../schemas/forward/splunk.ts'
import { syslogMessage } from '../../../schemas/forward/syslog.ts'
import { createElastic } from '../../adapters/destinations/elastic.ts'
import { createFile } from '../../adapters/destinations/file.ts'
import { createSentinel } from '../../adapters/destinations/sentinel.ts'
import { createSlack } from '../../adapters/destinations/slack.ts'
import { createSplunk } from '../../adapters/destinations/splunk.ts'
import { createSyslog } from '../../adapters/destinations/syslog.ts'
import { createWebhook } from '../../adapters/destinations/webhook.ts'
import type { Config, DestinationSettings, SecretRef } from '../../config/index.ts'
import { CatenaryError } from '../../core/index.ts'
import type { Destination } from '../../ports/index.ts'
import { kafkaDestination } from './kafka-destination.ts'

/** What every destination is made from, beside its own settings. */
export interface Around {
  readonly config: Pick<Config, 'secretOf' | 'kafka'>
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

type Secret = (ref: SecretRef) => () => string

function opened(settings: DestinationSettings, { config, version }: Around): Destination {
  const secret: Secret = (ref) => {
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
    case 'splunk':
      return createSplunk({
        ...settings,
        token: secret(settings.token),
        write: (parcel) => JSON.stringify(splunkEvent(parcel, settings, frameworkOf)),
      })
    case 'elastic':
      return createElastic({
        ...settings,
        headers: headersOf(settings, secret),
        write: (parcel) => JSON.stringify(ecsDocument(parcel, frameworkOf)),
      })
    case 'syslog':
      return syslogOf(settings, format(settings.format))
    case 'sentinel':
      return createSentinel({
        ...settings,
        clientSecret: secret(settings.clientSecret),
        write: (parcel) => JSON.stringify(sentinelRow(parcel, frameworkOf)),
      })
    case 'slack':
      return createSlack({
        ...settings,
        url: secret(settings.url),
        write: (parcel) => JSON.stringify(slackMessage(parcel)),
      })
    case 'kafka':
      return kafkaDestination(config.kafka, settings.topic, format(settings.format))
  }
}

function syslogOf(settings: Extract<DestinationSettings, { type: 'syslog' }>, format: Format): Destination {
  const { host, port, transport, tls, timeoutMs, facility, appName, enterpriseId } = settings
  const parts = {
    facility,
    appName,
    enterpriseId,
    hostname: settings.hostname ?? hostname(),
    procId: String(process.pid),
  }
  return createSyslog({
    host,
    port,
    tls: transport === 'tls' ? tls : null,
    timeoutMs,
    write: (parcel) => syslogMessage(parcel, format.write(parcel), parts),
  })
}

interface WithHeaders {
  /** Shown as a bearer. */
  readonly token?: SecretRef | undefined
  /** As Elasticsearch gives it: encoded. */
  readonly apiKey?: SecretRef | undefined
  readonly username?: string | undefined
  readonly password?: SecretRef | undefined
  readonly headers: Readonly<Record<string, string | SecretRef>>
}

/** Headers as the settings give them; those that are secrets are read each time. */
function headersOf(settings: WithHeaders, secret: Secret): () => Readonly<Record<string, string>> {
  const { token, apiKey, username, password, headers } = settings
  const all = Object.entries(headers).map(
    ([name, value]) => [name, typeof value === 'string' ? () => value : secret(value)] as const,
  )
  const show = (ref: SecretRef | undefined, write: (secret: string) => string): void => {
    if (ref === undefined) return
    const read = secret(ref)
    all.push(['authorization', () => write(read())])
  }
  show(token, (value) => `Bearer ${value}`)
  show(apiKey, (value) => `ApiKey ${value}`)
  show(password, (value) => `Basic ${Buffer.from(`${username}:${value}`, 'utf8').toString('base64')}`)
  return () => Object.fromEntries(all.map(([name, value]) => [name, value()]))
}
