import { deflateRawSync, inflateRawSync } from 'node:zlib'

const MAX_DICTIONARY = 8_192
const WINDOW = { level: 3, memLevel: 4, windowBits: 13, chunkSize: 2_048 }

/**
 * Packs short texts of one kind into strings of one byte a character. What all have in common is learned from the first
 * of them: it is the dictionary of the rest, so what is packed here can be unpacked here only.
 */
export class Squeezer {
  #dictionary: Buffer | null = null

  pack(text: string): string {
    this.#dictionary ??= Buffer.from(text.slice(0, MAX_DICTIONARY))
    return deflateRawSync(text, { ...WINDOW, dictionary: this.#dictionary }).toString('latin1')
  }

  /** Throws on what this squeezer has not packed. */
  unpack(packed: string): string {
    if (this.#dictionary === null) throw new Error('nothing was packed here yet')
    return inflateRawSync(Buffer.from(packed, 'latin1'), { ...WINDOW, dictionary: this.#dictionary }).toString()
  }
}
