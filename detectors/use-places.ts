import type { Step, StepRef } from '../src/core/index.ts'
import { refOf } from './evidence.ts'

/** A place a credential was used from, and the last use seen there. */
export interface UsePlace {
  readonly workload: string | null
  readonly address: string | null
  /** Its user agent or host. */
  readonly client: string | null
  readonly agent: string | null
  readonly ref: StepRef
}

const MAX_PLACES = 8
const MAX_TEXT = 128
/** A use from a known place is taken down again after this long, so that a busy credential costs nothing. */
const FRESH_MS = 10_000

const cut = (text: string | undefined): string | null => text?.slice(0, MAX_TEXT) ?? null

export function useOf(step: Step): UsePlace {
  const { event } = step
  const client =
    event.kind === 'credential' ? event.credential.client : event.kind === 'oauth' ? event.oauth.client : undefined
  return {
    workload: cut(event.agent?.workload_id),
    address: cut(client?.ip ?? event.agent?.ip),
    client: cut(client?.user_agent ?? event.agent?.host),
    agent: cut(event.agent?.id),
    ref: refOf(step),
  }
}

/** Takes a use down. The first place stays; of the others the 7 used last. The same list when it was there just now. */
export function takeDown(places: readonly UsePlace[], use: UsePlace): readonly UsePlace[] {
  const at = places.findIndex((one) => isSame(one, use))
  const before = places[at]
  if (before !== undefined && use.ref.at - before.ref.at < FRESH_MS) return places
  if (at === 0) return [use, ...places.slice(1)]
  const others = before === undefined ? places : places.toSpliced(at, 1)
  return [...(others.length < MAX_PLACES ? others : others.toSpliced(1, 1)), use]
}

const isSame = (a: UsePlace, b: UsePlace): boolean =>
  a.workload === b.workload && a.address === b.address && a.client === b.client && a.agent === b.agent

/** Another address alone is a proxy or a restart; it takes another workload or client as well. */
export function isElsewhere(a: UsePlace, b: UsePlace): boolean {
  if (a.address === null || b.address === null || a.address === b.address) return false
  if (a.workload !== null && b.workload !== null) return a.workload !== b.workload
  return a.client !== null && b.client !== null && a.client !== b.client
}

/** An address inside a private network: seen through another gateway, one machine has it beside a public one. */
export const isPrivate = (address: string): boolean =>
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|127\.|::1$|f[cd][0-9a-f]{2}:|fe80:)/i.test(address)
