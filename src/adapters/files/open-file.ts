import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createGunzip, type Gunzip } from 'node:zlib'
import { Decompress } from 'fzstd'
import { CatenaryError } from '../../core/index.ts'
import { stdin } from './stdin.ts'

/** A piece of unpacked input, or word that the packed data ended early or is damaged. */
export type Piece = { readonly bytes: Uint8Array } | { readonly damage: string }

const PACKED_PIECE = 16_384
const READ_PIECE = 262_144
/** One block of zstd is 128 KiB at most, and four bytes can stand for it: what one of these unpacks to is bounded. */
const BODY_PIECE = 1_024
const PLAIN_PIECE = 65_536

/** The size of a file in bytes; null for standard input. Throws `CAT_INPUT` when it cannot be read. */
export async function sizeOf(file: string): Promise<number | null> {
  if (file === '-') return null
  try {
    const found = await stat(file)
    if (found.isDirectory()) {
      throw new CatenaryError('CAT_INPUT', `cannot read "${file}": it is a directory; name the files in it`)
    }
    return found.isFile() ? found.size : null
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

/**
 * The bytes of a file (`-` is standard input) in pieces, unpacked when its first bytes are those of gzip or zstd. Memory is
 * bounded by the piece. `onRead` is told how many bytes of the file were handed on, when the next are asked for. Throws
 * `CAT_INPUT` when it cannot be read.
 */
export async function* openFile(file: string, onRead: (bytes: number) => void): AsyncGenerator<Piece> {
  let unpack: Unpacker | null = null
  let head: Uint8Array = new Uint8Array()
  let isKnown = false
  for await (const chunk of readChunks(file)) {
    const bytes = isKnown ? chunk : Buffer.concat([head, chunk])
    if (!isKnown && bytes.length < 4) {
      head = bytes
      continue
    }
    if (!isKnown) unpack = unpackerOf(bytes)
    isKnown = true
    if (unpack === null) {
      yield { bytes }
      onRead(bytes.length)
    } else yield* unpackChunk(unpack, bytes, PACKED_PIECE, onRead)
    if (unpack?.isDamaged === true) break
  }
  if (!isKnown && head.length > 0) yield { bytes: head }
  if (unpack !== null) yield* await unpack.end()
}

/** How the first bytes say that data is packed; null where they do not. */
export function packingOf(head: Uint8Array): 'gzip' | 'zstd' | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  const isZstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd
  return isZstd ? 'zstd' : null
}

/**
 * Bytes at hand in pieces, unpacked when their first are those of gzip or zstd. Nothing is unpacked ahead of the reader, so
 * one who stops reading a bomb is not hit by it.
 */
export async function* unpackBytes(bytes: Uint8Array): AsyncGenerator<Piece> {
  const unpack = unpackerOf(bytes)
  if (unpack === null) {
    for (let at = 0; at < bytes.length; at += PLAIN_PIECE) yield { bytes: bytes.subarray(at, at + PLAIN_PIECE) }
    return
  }
  yield* unpackChunk(unpack, bytes, BODY_PIECE)
  yield* await unpack.end()
}

interface Unpacker {
  push(bytes: Uint8Array): Promise<readonly Piece[]>
  end(): Promise<readonly Piece[]>
  readonly isDamaged: boolean
}

async function* unpackChunk(
  unpack: Unpacker,
  bytes: Uint8Array,
  piece: number,
  onRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<Piece> {
  for (let at = 0; at < bytes.length && !unpack.isDamaged; at += piece) {
    const part = bytes.subarray(at, at + piece)
    yield* await unpack.push(part)
    onRead(part.length)
  }
}

async function* readChunks(file: string): AsyncGenerator<Uint8Array> {
  const stream = file === '-' ? stdin() : createReadStream(file, { highWaterMark: READ_PIECE })
  try {
    for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array)
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

function unreadable(file: string, cause: unknown): CatenaryError {
  if (cause instanceof CatenaryError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
  const reason = REASONS[code] ?? `${code}; check the file and the disk it is on`
  return new CatenaryError('CAT_INPUT', `cannot read "${file}": ${reason}`, { cause })
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file; check the name and the folder it is given from',
  EISDIR: 'it is a directory; name the files in it',
  EACCES: 'permission denied; make it readable for this user',
}

function unpackerOf(head: Uint8Array): Unpacker | null {
  const packing = packingOf(head)
  if (packing === null) return null
  return packing === 'gzip' ? new GzipUnpacker() : new ZstdUnpacker()
}

/** Keeps what was unpacked before the damage: a stream of Node would throw it away with the error. */
class GzipUnpacker implements Unpacker {
  isDamaged: boolean = false
  readonly #gunzip: Gunzip = createGunzip()
  #pieces: Piece[] = []
  /** Ends the wait that is under way: a damaged stream calls nothing else back. */
  #wake: () => void = () => undefined

  constructor() {
    this.#gunzip.on('error', () => {
      if (!this.isDamaged) this.#pieces.push({ damage: 'the gzip data ends early or is damaged' })
      this.isDamaged = true
      this.#wake()
    })
    this.#gunzip.on('data', (bytes: Uint8Array) => this.#pieces.push({ bytes }))
  }

  async push(bytes: Uint8Array): Promise<readonly Piece[]> {
    await this.#wait((done) => this.#gunzip.write(bytes, done))
    return this.#take()
  }

  async end(): Promise<readonly Piece[]> {
    if (this.isDamaged) return this.#take()
    await this.#wait((done) => {
      this.#gunzip.on('end', done)
      this.#gunzip.end()
    })
    return this.#take()
  }

  #wait(begin: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      begin(resolve)
    })
  }

  #take(): readonly Piece[] {
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }
}

class ZstdUnpacker implements Unpacker {
  isDamaged: boolean = false
  #pieces: Piece[] = []
  readonly #decompress = new Decompress((bytes) => {
    if (bytes.length > 0) this.#pieces.push({ bytes: bytes.slice() })
  })

  async push(bytes: Uint8Array): Promise<readonly Piece[]> {
    return this.#run(bytes, false)
  }

  async end(): Promise<readonly Piece[]> {
    return this.isDamaged ? [] : this.#run(new Uint8Array(), true)
  }

  #run(bytes: Uint8Array, isLast: boolean): readonly Piece[] {
    this.#pieces = []
    try {
      this.#decompress.push(bytes.slice(), isLast)
    } catch {
      this.isDamaged = true
      this.#pieces.push({ damage: 'the zstd data ends early or is damaged' })
    }
    return this.#pieces
  }
}
