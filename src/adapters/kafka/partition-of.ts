import kafkajs from 'kafkajs'

/** The partition of a key, as Kafka's default partitioner (murmur2) has it. */
export function partitioner(count: number): (key: string) => number {
  const partitions = Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 }))
  const choose = kafkajs.Partitioners.DefaultPartitioner()
  return (key) =>
    choose({
      topic: '',
      message: { key: Buffer.from(key), value: null },
      partitionMetadata: partitions as unknown as Parameters<typeof choose>[0]['partitionMetadata'],
    })
}
