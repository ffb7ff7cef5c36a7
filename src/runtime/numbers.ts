const FEWEST_SLOTS = 1_024
const EMPTY = 0
const GONE = -1

/** A set of positive numbers at sixteen bytes each or less: an object a number would take five times as much. */
export class Numbers {
  #slots = new Float64Array(FEWEST_SLOTS)
  /** Slots that are not empty, those of numbers taken out among them. */
  #used = 0
  size = 0

  add(number: number): void {
    const at = this.#find(number)
    if (this.#slots[at] === number) return
    this.#slots[at] = number
    this.#used += 1
    this.size += 1
    if (2 * this.#used > this.#slots.length) this.#rehash()
  }

  /** False when it was not there. */
  delete(number: number): boolean {
    const at = this.#find(number)
    if (this.#slots[at] !== number) return false
    this.#slots[at] = GONE
    this.size -= 1
    return true
  }

  /** Where the number is, or the empty slot that it would take. */
  #find(number: number): number {
    const mask = this.#slots.length - 1
    let at = (number % 0x7fff_ffff) & mask
    while (this.#slots[at] !== EMPTY && this.#slots[at] !== number) at = (at + 1) & mask
    return at
  }

  #rehash(): void {
    const before = this.#slots
    this.#slots = new Float64Array(4 * this.size > before.length ? 2 * before.length : before.length)
    this.#used = this.size
    for (const number of before) if (number > EMPTY) this.#slots[this.#find(number)] = number
  }
}

/** A number of 52 bits for a text, never 0: two texts of a million share one about once in ten thousand times. */
export function numberOf(text: string): number {
  let [a, b] = [0x811c9dc5, 0x1000193]
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13)
  }
  return 1 + (a >>> 0) + (b >>> 12) * 0x1_0000_0000
}
