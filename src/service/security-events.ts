import { setTimeout as delay } from 'node:timers/promises'
import { createSsfReceiver, publicJwk } from '../adapters/destinations/ssf.ts'
import type { Config, SsfReceiverSettings } from '../config/index.ts'
import { CatenaryError } from '../core/index.ts'
import { type EventReceiver, receiverDestination, type SecurityEvents } from '../ports/index.ts'
import { pusherOf } from '../runtime/push-events.ts'
import type { Store } from './open-store.ts'

type Settings = Pick<Config, 'ssfReceivers' | 'secretOf'>

/** A receiver that can be pushed to, and what the settings say of it. */
export interface OpenReceiver {
  readonly settings: SsfReceiverSettings
  readonly receiver: EventReceiver
}

/**
 * The receivers of the settings. Nothing is connected yet. Throws `CAT_CONFIG` for a key, a token or a PEM file that is not there
 * or does not fit.
 */
export async function openReceivers(settings: Settings): Promise<readonly OpenReceiver[]> {
  const receivers = settings.ssfReceivers.map((one) => ({ settings: one, receiver: openReceiver(one, settings) }))
  // A key that cannot sign is told at start rather than in the middle of an incident.
  await jwksOf(settings)
  return receivers
}

export const closeReceivers = async (receivers: readonly OpenReceiver[]): Promise<void> =>
  void (await Promise.all(receivers.map(({ receiver }) => receiver.close())))

/** Tells the receivers of orders, over the outbox of the store. */
export const securityEventsOf = (
  receivers: readonly OpenReceiver[],
  { outbox }: Pick<Store, 'outbox'>,
  clock: () => number,
): SecurityEvents =>
  pusherOf({ receivers: receivers.map(({ receiver }) => receiver), outbox, clock, wait: (ms) => delay(ms) })

/** All that something is sent to, by its name in the outbox: destinations of alerts, and receivers of security events. */
export const routesOf = ({
  destinations,
  ssfReceivers,
}: Pick<Config, 'destinations' | 'ssfReceivers'>): readonly { readonly name: string; readonly type: string }[] => [
  ...destinations,
  ...ssfReceivers.map(({ name }) => ({ name: receiverDestination(name), type: 'ssf' })),
]

/** The keys that the receivers verify with, as a JWK Set. Throws `CAT_CONFIG`. */
export const jwksOf = async ({ ssfReceivers, secretOf }: Settings): Promise<{ readonly keys: readonly object[] }> => {
  const keys = await Promise.all(
    ssfReceivers.map(({ name, key, keyId }) => named(name, async () => publicJwk(secretOf(key), keyId))),
  )
  return { keys: keys.filter(({ kid }, i) => keys.findIndex((one) => one.kid === kid) === i) }
}

/** One receiver. Throws `CAT_CONFIG` for a token or a PEM file that is not there. */
export function openReceiver(
  { key, token, ...rest }: SsfReceiverSettings,
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
