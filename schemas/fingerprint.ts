import { hash } from 'node:crypto'

/** Fingerprints of values this long or shorter are remembered: names and numbers come again, whole texts do not. */
const LONGEST_KNOWN = 64
const MOST_KNOWN = 20_000

let known = new Map<string, string>()
let signer: Signer | null = null

/** HMAC-SHA-256 of a text under a key, cut to 64 bits: 16 hex digits. */
export function fingerprint(text: string, key: Uint8Array): string {
  if (signer?.key !== key) {
    signer = new Signer(key)
    known = new Map()
  }
  if (text.length > LONGEST_KNOWN) return signer.sign(text)
  const there = known.get(text)
  if (there !== undefined) return there
  if (known.size >= MOST_KNOWN) known = new Map()
  const print = signer.sign(text)
  known.set(copyOf(text), print)
  return print
}

/** A value may be a slice of the content it was found in, and would keep all of that content in memory with it. */
const copyOf = (text: string): string => Buffer.from(text).toString()

const BLOCK = 64
const DIGEST = 32
const ROOM = 4096

/**
 * HMAC (RFC 2104) out of two hashes. An `Hmac` of Node is an object with a native part: made for each value of each event,
 * they cost more than the hashing.
 */
class Signer {
  readonly key: Uint8Array
  /** The key's inner pad, and room for a text behind it. */
  readonly #inner: Buffer = Buffer.alloc(BLOCK + ROOM, 0x36)
  /** The key's outer pad, and the inner digest behind it. */
  readonly #outer: Buffer = Buffer.alloc(BLOCK + DIGEST, 0x5c)

  constructor(key: Uint8Array) {
    this.key = key
    const block = key.length > BLOCK ? hash('sha256', key, 'buffer') : key
    for (const [at, byte] of block.entries()) {
      this.#inner[at] = byte ^ 0x36
      this.#outer[at] = byte ^ 0x5c
    }
  }

  sign(text: string): string {
    this.#outer.write(hash('sha256', this.#padded(text), 'binary'), BLOCK, 'binary')
    return hash('sha256', this.#outer, 'buffer').toString('hex', 0, 8)
  }

  #padded(text: string): Uint8Array {
    if (text.length * 3 > ROOM) return Buffer.concat([this.#inner.subarray(0, BLOCK), Buffer.from(text)])
    return this.#inner.subarray(0, BLOCK + this.#inner.write(text, BLOCK))
  }
}
