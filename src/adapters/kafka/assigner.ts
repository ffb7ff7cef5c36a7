import kafkajs, { type PartitionAssigner } from 'kafkajs'

const NAME = 'catenary-co-partitioned'

/**
 * Gives equal partition numbers of all topics to one member, and each number to the member that had it before, as far as the
 * load stays even: a restart moves no more than it must. `owned` says what this member has now.
 */
export const coPartitionAssigner =
  (owned: () => readonly number[]): PartitionAssigner =>
  ({ cluster }) => ({
    name: NAME,
    version: 1,
    async assign({ members, topics }) {
      const counts = topics.map((topic) => cluster.findTopicPartitionMetadata(topic).length)
      const before = new Map(members.map(({ memberId, memberMetadata }) => [memberId, ownedOf(memberMetadata)]))
      const shares = shareOut(Math.max(0, ...counts), before)
      return members.map(({ memberId }) => ({
        memberId,
        memberAssignment: kafkajs.AssignerProtocol.MemberAssignment.encode({
          version: 1,
          assignment: Object.fromEntries(
            topics.map((topic, i) => [topic, (shares.get(memberId) ?? []).filter((one) => one < (counts[i] ?? 0))]),
          ),
          userData: Buffer.alloc(0),
        }),
      }))
    },
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({
        version: 1,
        topics,
        userData: Buffer.from(JSON.stringify(owned())),
      }),
    }),
  })

/** Who gets which of `count` partition numbers: those that members had stay, the rest goes to who has least. */
export function shareOut(
  count: number,
  before: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, readonly number[]> {
  const ids = [...before.keys()].sort()
  const shares = new Map(ids.map((id) => [id, [] as number[]]))
  const most = Math.ceil(count / Math.max(1, ids.length))
  const taken = new Set<number>()
  for (const id of ids)
    for (const partition of before.get(id) ?? []) {
      const share = shares.get(id)
      if (share === undefined || share.length >= most || partition >= count || taken.has(partition)) continue
      share.push(partition)
      taken.add(partition)
    }
  for (let partition = 0; partition < count; partition += 1) {
    if (taken.has(partition)) continue
    const [least] = [...shares].sort(([a, x], [b, y]) => x.length - y.length || (a < b ? -1 : 1))
    least?.[1].push(partition)
  }
  return shares
}

function ownedOf(metadata: Buffer): readonly number[] {
  try {
    const text = kafkajs.AssignerProtocol.MemberMetadata.decode(metadata)?.userData.toString() ?? ''
    const owned: unknown = text === '' ? [] : JSON.parse(text)
    return Array.isArray(owned) ? owned.filter((one): one is number => Number.isInteger(one)) : []
  } catch {
    return []
  }
}
