import { decompress as unzstd } from 'fzstd'
import kafkajs from 'kafkajs'
import { compressFrame, decompressFrame } from 'lz4-napi'
import { compress as snap, uncompress as unsnap } from 'snappy'

/** kafkajs hands a codec an `Encoder` of its own, which holds the records' bytes. */
interface Encoded {
  readonly buffer: Buffer
}

interface Codec {
  compress(encoder: Encoded): Promise<Buffer>
  decompress(bytes: Buffer): Promise<Buffer>
}

/** What Java's producers put before snappy blocks: a magic, a version and the oldest version that can read it. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00, 0, 0, 0, 1, 0, 0, 0, 1])
const XERIAL_MAGIC = XERIAL.subarray(0, 8)

/** snappy as Kafka has it: blocks in the framing of xerial's snappy-java, or one bare block (librdkafka and others). */
const snappy: Codec = {
  async compress({ buffer }) {
    const block = await snap(buffer)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(block.length)
    return Buffer.concat([XERIAL, length, block])
  },
  async decompress(bytes) {
    if (!bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return asBuffer(await unsnap(bytes))
    const blocks: Buffer[] = []
    for (let at = XERIAL.length; at < bytes.length; ) {
      const end = at + 4 + bytes.readUInt32BE(at)
      if (end > bytes.length) throw new RangeError('a snappy block ends early')
      blocks.push(asBuffer(await unsnap(bytes.subarray(at + 4, end))))
      at = end
    }
    return Buffer.concat(blocks)
  },
}

const asBuffer = (bytes: string | Buffer): Buffer => (typeof bytes === 'string' ? Buffer.from(bytes) : bytes)

/** LZ4 in its frame format. */
const lz4: Codec = {
  compress: ({ buffer }) => compressFrame(buffer),
  decompress: (bytes) => decompressFrame(bytes),
}

/** zstd is read and never written: Node 20 has none, and what this program writes may be packed otherwise. */
const zstd: Codec = {
  compress: () => Promise.reject(new Error('zstd is read and not written; choose gzip, snappy or lz4')),
  decompress: async (bytes) => Buffer.from(unzstd(bytes)),
}

/** Teaches kafkajs the codecs that it leaves to others; gzip it has. Doing it again changes nothing. */
export function registerCodecs(): void {
  const { CompressionTypes, CompressionCodecs } = kafkajs
  const codecs: Record<number, () => Codec> = CompressionCodecs
  codecs[CompressionTypes.Snappy] = () => snappy
  codecs[CompressionTypes.LZ4] = () => lz4
  codecs[CompressionTypes.ZSTD] = () => zstd
}
