import { pino } from 'pino'
import { expect, it } from 'vitest'
import { CatenaryError } from '../../src/core/index.ts'
import type { Partition } from '../../src/service/cluster/partition.ts'
import { Partitions } from '../../src/service/cluster/partitions.ts'

const logger = pino({ level: 'silent' })
const always = (): boolean => true

/** A store that many processes claim partitions in: the last claim holds. */
function claims() {
  const holders = new Map<number, number>()
  const dropped = new Set<number>()
  let epoch = 0
  const open = (partition: number): Partition => {
    epoch += 1
    holders.set(partition, epoch)
    const claim = { partition, epoch, owner: 'test' }
    const drop = (): unknown => dropped.add(epoch)
    return { claim, engine: { counts: { chains: 0, threads: 0 } }, drop: drop as () => void } as Partition
  }
  const save = ({ claim }: Partition): number => {
    if (dropped.has(claim.epoch)) throw new CatenaryError('CAT_FENCED', 'it was taken')
    if (holders.get(claim.partition) === claim.epoch) return claim.epoch
    throw new CatenaryError('CAT_FENCED', 'another has claimed it')
  }
  return { open, save }
}

it('a partition that is given again while it was still being opened is worked on, whichever opening claimed it last', async () => {
  const { open, save } = claims()
  const begun: (() => void)[] = []
  const partitions = new Partitions(
    (number) =>
      new Promise((done) => {
        begun.push(() => done(open(number)))
      }),
    logger,
  )
  partitions.give([1])
  const first = partitions.work(1, always, async (partition) => save(partition))
  partitions.give([])
  partitions.give([1])
  const second = partitions.work(1, always, async (partition) => save(partition))
  // The later opening claims first, and the earlier one takes the claim from it.
  begun[1]?.()
  await Promise.resolve()
  begun[0]?.()
  const timer = setInterval(() => begun.at(-1)?.(), 5)
  try {
    expect(await Promise.all([first, second])).toHaveLength(2)
    expect(partitions.ready).toHaveLength(1)
    expect(await partitions.work(1, always, async (partition) => save(partition))).toBe(
      partitions.ready[0]?.claim.epoch,
    )
  } finally {
    clearInterval(timer)
  }
})

it('saves nothing more in a partition that was taken, though its work is still under way', async () => {
  const { open, save } = claims()
  const partitions = new Partitions(async (number) => open(number), logger)
  partitions.give([1])
  let isOurs = true
  let goOn = (): void => undefined
  const paused = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const work = partitions.work(
    1,
    () => isOurs,
    async (partition) => {
      await paused
      return save(partition)
    },
  )
  await expect.poll(() => partitions.ready).toHaveLength(1)
  isOurs = false
  partitions.give([])
  goOn()
  expect(await work).toBeNull()
})

it('does not wait for a partition that is lost while it is opened, nor for the store; who is given it again need not open it anew', async () => {
  const { open, save } = claims()
  let opened = 0
  let finish = (): void => undefined
  const partitions = new Partitions((number) => {
    opened += 1
    return new Promise((done) => {
      finish = () => done(open(number))
    })
  }, logger)
  partitions.give([1])
  const losing = new AbortController()
  const work = partitions.work(1, always, async (partition) => save(partition), losing.signal)
  losing.abort()
  expect(await work).toBeNull()
  partitions.give([1])
  const again = partitions.work(1, always, async (partition) => save(partition))
  finish()
  expect(await again).toBe(partitions.ready[0]?.claim.epoch)
  expect(opened).toBe(1)

  const away = async (): Promise<number> => {
    throw new CatenaryError('CAT_STORE_UNAVAILABLE', 'it is away', { retry: 'later' })
  }
  const leaving = new AbortController()
  const waiting = partitions.work(1, () => !leaving.signal.aborted, away, leaving.signal)
  setTimeout(() => leaving.abort(), 10)
  expect(await waiting).toBeNull()
})
