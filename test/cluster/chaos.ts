import { setTimeout as delay } from 'node:timers/promises'
import type { ClusterNode, TestCluster } from './cluster.ts'

/** What befalls a cluster, one after the other, while it reads. */
export const FAULTS = [
  'kill a process',
  'stop a process',
  'add a process',
  'stall a process',
  'kill the broker',
  'store away',
  'store slow',
  'half of the writes fail',
  'half of the answers are lost',
  'poison',
] as const

export type Fault = (typeof FAULTS)[number]

export interface Schedule {
  readonly seed: number
  readonly faults: readonly { readonly fault: Fault; readonly afterMs: number }[]
}

/** Two to four faults within seconds, the same for the same seed. */
export function scheduleOf(seed: number): Schedule {
  const random = randomOf(seed)
  const count = 2 + Math.floor(random() * 3)
  return {
    seed,
    faults: Array.from({ length: count }, (_, i) => ({
      // Every fault has its turn as the first one.
      fault: FAULTS[i === 0 ? seed % FAULTS.length : Math.floor(random() * FAULTS.length)] ?? 'kill a process',
      afterMs: Math.floor(random() * 2_500),
    })),
  }
}

/** A small generator of numbers in [0, 1): mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Lets a schedule run against a cluster of two processes, then heals all that was done, and leaves two of them running. */
export async function suffer(cluster: TestCluster, { seed, faults }: Schedule): Promise<void> {
  const random = randomOf(seed + 1)
  const nodes: ClusterNode[] = [await cluster.node(), await cluster.node()]
  for (const { fault, afterMs } of faults) {
    await delay(afterMs)
    await inflict(cluster, nodes, fault, { seed, random })
  }
  await cluster.clickhouse.faults.set({})
  while (nodes.length < 2) nodes.push(await cluster.node())
}

async function inflict(
  cluster: TestCluster,
  nodes: ClusterNode[],
  fault: Fault,
  { seed, random }: { readonly seed: number; readonly random: () => number },
): Promise<void> {
  const { kafka, clickhouse } = cluster
  const pick = (): ClusterNode | undefined => nodes.splice(Math.floor(random() * nodes.length), 1)[0]
  switch (fault) {
    case 'kill a process':
      pick()?.started.child.kill('SIGKILL')
      nodes.push(await cluster.node())
      return
    case 'stop a process':
      pick()?.started.child.kill('SIGTERM')
      nodes.push(await cluster.node())
      return
    case 'add a process':
      nodes.push(await cluster.node())
      return
    case 'stall a process': {
      // Beyond its session time-out: others have its partitions when it wakes, and it does not know.
      const [node] = nodes
      node?.started.child.kill('SIGSTOP')
      await delay(9_000)
      node?.started.child.kill('SIGCONT')
      return
    }
    case 'kill the broker':
      await kafka.kill()
      await delay(500)
      await kafka.restart()
      return
    case 'store away':
      await clickhouse.faults.set({ away: true })
      await delay(3_000)
      await clickhouse.faults.set({})
      return
    case 'store slow':
      await clickhouse.faults.set({ slowMs: 250 })
      await delay(3_000)
      await clickhouse.faults.set({})
      return
    case 'half of the writes fail':
    case 'half of the answers are lost': {
      const when = fault === 'half of the writes fail' ? 'before' : 'after'
      await clickhouse.faults.set({ inserts: { share: 0.5, seed, when, answer: when === 'before' ? 'error' : 'cut' } })
      await delay(3_000)
      await clickhouse.faults.set({})
      return
    }
    case 'poison':
      await cluster.poison()
  }
}
