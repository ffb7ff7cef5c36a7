import type { Outcome, Parcel } from '../../ports/index.ts'
import { fewAtOnce } from './few-at-once.ts'

/** A parcel and what is sent for it. */
export interface Written {
  readonly parcel: Parcel
  readonly text: string
}

type SendPart = (written: readonly Written[]) => Promise<readonly Outcome[]>

export interface PartsParts {
  readonly write: (parcel: Parcel) => string
  readonly maxBytes: number
  readonly sendPart: SendPart
}

/**
 * Writes and sends parcels, in parts of which each is at most so many bytes, or one parcel. Where all of a part is refused, each
 * is sent alone, so that one that is refused takes no other along.
 */
export async function sendInParts(
  parcels: readonly Parcel[],
  { write, maxBytes, sendPart }: PartsParts,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const part of partsOf(parcels, write, maxBytes)) outcomes.push(...(await sendApart(part, sendPart)))
  return outcomes
}

function partsOf(
  parcels: readonly Parcel[],
  write: (parcel: Parcel) => string,
  maxBytes: number,
): readonly (readonly Written[])[] {
  const parts: Written[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const parcel of parcels) {
    const text = write(parcel)
    const size = Buffer.byteLength(text) + 1
    if (bytes + size > maxBytes) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)?.push({ parcel, text })
    bytes += size
  }
  return parts
}

const AT_ONCE = 4

async function sendApart(written: readonly Written[], send: SendPart): Promise<readonly Outcome[]> {
  const outcomes = await send(written)
  if (written.length === 1 || !outcomes.every(({ what }) => what === 'refused')) return outcomes
  return (await fewAtOnce(written, AT_ONCE, (one) => send([one]))).flat()
}

/** The same outcome for each. */
export const allOf = (items: readonly unknown[], outcome: Outcome): readonly Outcome[] => items.map(() => outcome)
