/** The bytes of one record and the line it starts on. `bytes` is null when they were too many to keep. */
export interface RawRecord {
  readonly bytes: Uint8Array | null
  /** 1-based. */
  readonly line: number
  /** 1-based place among the records that start on this line. */
  readonly nth: number
  /** The input ended inside the record. */
  readonly isCut: boolean
}

const NEWLINE = 0x0a
const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const WRAPPER = /"Records"\s*:\s*$/

const isSpace = (byte: number): boolean => byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09

/**
 * Cuts a stream of JSON text into records without parsing it whole: lines of NDJSON, elements of an array, elements of
 * `{"Records": […]}`, objects printed over several lines. Keeps at most `limit` bytes of one record. A broken line never
 * takes its neighbours with it: a line break inside a string, or a `{` at a line's start inside an object, ends a record.
 */
export class RecordSplitter {
  readonly #limit: number
  #out: RawRecord[] = []
  #chunk: Uint8Array = new Uint8Array()
  /** Where the bytes of the current record begin in the chunk; -1 when none is open. */
  #from = -1
  #parts: Uint8Array[] = []
  #size = 0
  #line = 1
  #startLine = 1
  #nth = 0
  #depth = 0
  /** The depth at which records stand: 0 for lines, 1 inside an array, 2 inside `Records`. */
  #base = 0
  #inString: boolean = false
  #isEscaped: boolean = false
  #isScalar: boolean = false
  /** Past the end of `Records`: the rest of its object says nothing. */
  #isSkipping: boolean = false
  #isLineStart: boolean = false
  /** Known once the first record ended: whether a line break ends a record. */
  #byLine: boolean | null = null

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The line the reader stands at: that of the open record, if there is one. */
  get line(): number {
    return this.#from >= 0 ? this.#startLine : this.#line
  }

  /** Whether a record has begun and not ended. */
  get isOpen(): boolean {
    return this.#from >= 0
  }

  /** The records that end in this chunk. The chunk must not be changed afterwards. */
  push(chunk: Uint8Array): readonly RawRecord[] {
    this.#out = []
    this.#chunk = chunk
    if (this.#from >= 0) this.#from = 0
    let at = 0
    while (at < chunk.length) {
      if (this.#inString) at = this.#passString(at)
      else if (this.#byLine === true && this.#base === 0 && this.#from < 0 && !this.#isSkipping) at = this.#takeLine(at)
      else {
        this.#step(chunk[at] ?? 0, at)
        at += 1
      }
    }
    if (this.#from >= 0) this.#keep(chunk.length)
    return this.#out
  }

  /** The record the input ended in, if any. */
  end(): readonly RawRecord[] {
    this.#out = []
    this.#chunk = new Uint8Array()
    if (this.#from >= 0) {
      this.#from = 0
      this.#emit(0, !this.#isScalar)
    } else if (this.#base > 0 || this.#isSkipping) {
      this.#out.push({ bytes: new Uint8Array(), line: this.#line, nth: 1, isCut: true })
    }
    return this.#out
  }

  /** A whole line in this chunk is one record, untouched; an array or a cut line goes the careful way. */
  #takeLine(at: number): number {
    const chunk = this.#chunk
    const end = chunk[at] === OPEN_OBJECT ? chunk.indexOf(NEWLINE, at) : -1
    if (end < 0) {
      this.#step(chunk[at] ?? 0, at)
      return at + 1
    }
    this.#begin(at)
    this.#emit(end, false)
    this.#newLine()
    return end + 1
  }

  #passString(start: number): number {
    const chunk = this.#chunk
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at]
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === BACKSLASH) this.#isEscaped = true
      else if (byte === QUOTE) {
        this.#inString = false
        return at + 1
      } else if (byte === NEWLINE) {
        if (this.#from >= 0) this.#breakOff(at)
        this.#inString = false
        return at
      }
    }
    return chunk.length
  }

  #step(byte: number, at: number): void {
    if (byte === NEWLINE) this.#stepLine(at)
    else if (this.#from < 0) this.#stepBetween(byte, at)
    else if (this.#isScalar) this.#stepScalar(byte, at)
    else this.#stepInside(byte, at)
    if (byte !== NEWLINE) this.#isLineStart = false
  }

  #stepLine(at: number): void {
    const isEnd = this.#isScalar || (this.#base === 0 && this.#byLine === true)
    if (this.#from >= 0 && isEnd) this.#breakOff(at)
    this.#newLine()
    this.#isLineStart = true
  }

  #stepBetween(byte: number, at: number): void {
    if (this.#isSkipping) this.#skip(byte)
    else if (isSpace(byte) || byte === COMMA) return
    else if (this.#base === 0 && byte === OPEN_LIST) {
      this.#base = 1
      this.#depth = 1
    } else if (this.#base > 0 && byte === CLOSE_LIST) this.#closeList()
    else {
      this.#begin(at)
      this.#isScalar = byte !== OPEN_OBJECT && byte !== OPEN_LIST
      if (this.#isScalar) this.#inString = byte === QUOTE
      else this.#depth += 1
    }
  }

  #stepScalar(byte: number, at: number): void {
    if (byte === QUOTE) this.#inString = true
    if (this.#base === 0 || (byte !== COMMA && byte !== CLOSE_LIST)) return
    this.#emit(at, false)
    if (byte === CLOSE_LIST) this.#closeList()
  }

  #stepInside(byte: number, at: number): void {
    if (byte === QUOTE) this.#inString = true
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      if (byte === OPEN_OBJECT && this.#isLineStart && this.#base === 0) {
        this.#breakOff(at)
        this.#begin(at)
      } else if (byte === OPEN_LIST && this.#depth === 1 && this.#base === 0 && WRAPPER.test(this.#tail(at))) {
        this.#unwrap()
      }
      this.#depth += 1
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      this.#depth -= 1
      if (this.#depth > this.#base) return
      if (this.#base === 0) this.#byLine ??= this.#line === this.#startLine
      this.#emit(at + 1, false)
    }
  }

  #skip(byte: number): void {
    if (byte === QUOTE) this.#inString = true
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#depth -= 1
    this.#isSkipping = this.#depth > 0
  }

  #unwrap(): void {
    this.#base = 2
    this.#from = -1
    this.#parts = []
    this.#size = 0
    this.#nth = 0
  }

  #closeList(): void {
    this.#isSkipping = this.#base === 2
    this.#depth = this.#base - 1
    this.#base = 0
  }

  #begin(at: number): void {
    this.#nth = this.#startLine === this.#line ? this.#nth + 1 : 1
    this.#startLine = this.#line
    this.#from = at
    this.#isScalar = false
  }

  /** Ends a record that is broken, and takes the input for lines from here on. */
  #breakOff(at: number): void {
    if (this.#base === 0) this.#byLine = true
    this.#depth = this.#base
    this.#emit(at, false)
  }

  #newLine(): void {
    this.#line += 1
  }

  #tail(at: number): string {
    const here = this.#chunk.subarray(Math.max(this.#from, at - 64), at)
    return Buffer.concat([...this.#parts.slice(-1).map((part) => part.subarray(-64)), here]).toString('latin1')
  }

  #keep(end: number): void {
    this.#size += end - this.#from
    if (this.#size > this.#limit) this.#parts = []
    else this.#parts.push(this.#chunk.subarray(this.#from, end))
  }

  #emit(end: number, isCut: boolean): void {
    const isWhole = this.#size === 0
    this.#keep(end)
    const bytes = isWhole ? this.#chunk.subarray(this.#from, end) : Buffer.concat(this.#parts)
    const isKept = this.#size <= this.#limit
    this.#out.push({ bytes: isKept ? bytes : null, line: this.#startLine, nth: this.#nth, isCut })
    this.#from = -1
    this.#parts = []
    this.#size = 0
    this.#isScalar = false
  }
}
