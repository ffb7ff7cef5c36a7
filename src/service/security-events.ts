import { setTimeout as delay } from 'node:timers/promises'
import { createSsfReceiver, publicJwk } from '../adapters/destinations/ssf.ts'
import type { Config } from '../config/index.ts'
import { CatenaryError } from '../core/index.ts'
import type { EventReceiver, SecurityEvents } from '../ports/index.ts'
import { pusherOf } from '../runtime/push-events.ts'

type Settings = Pick<Config, 'ssfReceivers' | 'secretOf'>

/** The receivers of the settings, and what closes them. */
export interface OpenSecurityEvents extends SecurityEvents {
  close(): Promise<void>
}

/** Nothing is connected yet. Throws `CAT_CONFIG` for a key, a token or a PEM file that is not there or does not fit. */
export async function openSecurityEvents(settings: Settings): Promise<OpenSecurityEvents> {
  const receivers = settings.ssfReceivers.map((one) => receiverOf(one, settings))
  // A key that cannot sign is told at start rather than in the middle of an incident.
  await jwksOf(settings)
  return {
    ...pusherOf({ receivers, wait: (ms) => delay(ms) }),
    close: async () => void (await Promise.all(receivers.map((one) => one.close()))),
  }
}

/** The keys that the receivers verify with, as a JWK Set. Throws `CAT_CONFIG`. */
export const jwksOf = async ({ ssfReceivers, secretOf }: Settings): Promise<{ readonly keys: readonly object[] }> => {
  const keys = await Promise.all(
    ssfReceivers.map(({ name, key, keyId }) => named(name, async () => publicJwk(secretOf(key), keyId))),
  )
  return { keys: keys.filter(({ kid }, i) => keys.findIndex((one) => one.kid === kid) === i) }
}

function receiverOf(
  { key, token, ...rest }: Config['ssfReceivers'][number],
  { secretOf }: Pick<Config, 'secretOf'>,
): EventReceiver {
  if (token !== undefined) secretOf(token)
  return createSsfReceiver({
    ...rest,
    key: () => secretOf(key),
    ...(token === undefined ? {} : { token: () => secretOf(token) }),
    clock: Date.now,
  })
}

async function named<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CatenaryError)) throw error
    throw new CatenaryError('CAT_CONFIG', `ssfReceivers (${name}): key: ${error.message}`, { cause: error })
  }
}
