import kafkajs from 'kafkajs'

/** Keys whose partition is remembered: the client's murmur2 takes longer than all else that is done with a key. */
const MAX_REMEMBERED = 50_000

/** The partition of a key, as Kafka's default partitioner (murmur2) has it. */
export function partitioner(count: number): (key: string) => number {
  const partitionOf = murmur2(count)
  const remembered = new Map<string, number>()
  return (key) => {
    const there = remembered.get(key)
    if (there !== undefined) return there
    const partition = partitionOf(key)
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(key, partition)
    return partition
  }
}

function murmur2(count: number): (key: string) => number {
  const partitions = Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 }))
  const choose = kafkajs.Partitioners.DefaultPartitioner()
  return (key) =>
    choose({
      topic: '',
      message: { key: Buffer.from(key), value: null },
      partitionMetadata: partitions as unknown as Parameters<typeof choose>[0]['partitionMetadata'],
    })
}
