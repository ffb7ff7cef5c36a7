import { createHash, randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

const PREFIX = 'catenary'
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 12
/** 256 bits, and a little more. */
const SECRET_LENGTH = 43
const CHECK_LENGTH = 6
const FORM = new RegExp(
  `^${PREFIX}_([0-9A-Za-z]{${ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECK_LENGTH}})$`,
)

/** A new key: shown once, and what is kept of it. */
export interface MadeKey {
  /**
   * `catenary_<id>_<43 random characters><checksum>`. The prefix and the checksum let secret scanners find a key that leaked,
   * and tell it from a text that only looks like one.
   */
  readonly key: string
  readonly id: string
  readonly hash: string
}

export function makeKey(): MadeKey {
  const id = random(ID_LENGTH)
  const bare = `${PREFIX}_${id}_${random(SECRET_LENGTH)}`
  const key = bare + checksum(bare)
  return { key, id, hash: hashOf(key) }
}

/** The id in a key; null for a text that is none. Says nothing of whether the key is good. */
export function idOfKey(key: string): string | null {
  const [, id] = FORM.exec(key) ?? []
  return id !== undefined && checksum(key.slice(0, -CHECK_LENGTH)) === key.slice(-CHECK_LENGTH) ? id : null
}

/** A plain hash will do: a key is random through and through, so there is nothing to guess that slowness would protect. */
export const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')

const random = (length: number): string =>
  Array.from({ length }, () => DIGITS.charAt(randomInt(DIGITS.length))).join('')

function checksum(text: string): string {
  let rest = crc32(text)
  let written = ''
  for (let i = 0; i < CHECK_LENGTH; i += 1) {
    written = DIGITS.charAt(rest % DIGITS.length) + written
    rest = Math.floor(rest / DIGITS.length)
  }
  return written
}
