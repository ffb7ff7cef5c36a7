import { createHash, randomUUID } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import { type Claim, type Commit, type Fence, fenced, isFenced, together } from '../../ports/index.ts'
import { claimsOf } from './claims.ts'
import { type Insert, insert, type Row } from './insert.ts'
import { rowOfDelivery } from './outbox.ts'
import {
  rowOfAlert,
  rowOfChain,
  rowOfCheckpoint,
  rowOfCoverage,
  rowOfCredential,
  rowOfEdge,
  rowOfFinding,
  rowOfHeartbeat,
  rowOfLink,
  rowOfRejected,
} from './rows.ts'
import { monthOfStep, rowOfStep } from './step-row.ts'

interface Saving {
  readonly commit: Commit
  readonly fence: Fence | undefined
}

type Refuse = (item: Saving, why: unknown) => void

/**
 * Saves commits on a client. What comes while a write is under way is written together, table by table: a server takes few
 * large inserts better than many small ones. Chains are written last, since there is no transaction over tables: a crash in
 * between leaves rows that the same commit, saved again, replaces. Each commit's fence is asked right before each of the two.
 */
export function saverOf(client: ClickHouseClient): (commit: Commit, fence?: Fence) => Promise<void> {
  const save = together<Saving>(async (items, refuse) => {
    let left = items
    while (left.length > 0) {
      try {
        await saveAll(client, left, refuse)
        return
      } catch (error) {
        if (!isFenced(error)) throw error
        // A claim of one is no longer the latest; the others are saved all the same.
        const held = await holding(client, left, refuse)
        if (held.length === left.length) throw error
        left = held
      }
    }
  })
  return (commit, fence) => save({ commit, fence })
}

async function saveAll(client: ClickHouseClient, items: readonly Saving[], refuse: Refuse): Promise<void> {
  const allowed = await passing(items, refuse)
  // First of all, so that no alert is stored that nobody is to be told of.
  await saveDeliveries(client, allowed)
  await saveRows(client, allowed)
  const held = await passing(allowed, refuse)
  // What a checkpoint holds is not read back from the steps, so these come first.
  await Promise.all([saveCheckpoints(client, held), saveChains(client, held)])
}

/** The commits whose claim holds; the others are refused. */
async function holding(client: ClickHouseClient, items: readonly Saving[], refuse: Refuse): Promise<readonly Saving[]> {
  const claims = claimsOf(client)
  const held = await Promise.all(items.map(async ({ fence }) => fence === undefined || claims.holds(fence.claim)))
  for (const [i, item] of items.entries())
    if (held[i] !== true && item.fence !== undefined) refuse(item, fenced(item.fence.claim.partition))
  return items.filter((_, i) => held[i])
}

/** What commits are written under, each claim once. */
const claimsIn = (saving: readonly Saving[]): readonly Claim[] => [
  ...new Set(saving.flatMap(({ fence }) => fence?.claim ?? [])),
]

/** The commits whose fence lets them pass; the others are refused. */
async function passing(items: readonly Saving[], refuse: Refuse): Promise<readonly Saving[]> {
  const passed = await Promise.all(
    items.map(async (item) => {
      try {
        await item.fence?.pass()
        return true
      } catch (why) {
        refuse(item, why)
        return false
      }
    }),
  )
  return items.filter((_, i) => passed[i])
}

const rowsOf = <T>(
  saving: readonly Saving[],
  of: (commit: Commit) => readonly T[],
  rowOf: (item: T, sequence: number) => Row,
): readonly Row[] => saving.flatMap(({ commit }) => of(commit).map((item) => rowOf(item, commit.sequence)))

const saveDeliveries = (client: ClickHouseClient, saving: readonly Saving[]): Promise<void> =>
  insert(client, {
    table: 'deliveries',
    rows: rowsOf(saving, ({ deliveries = [] }) => deliveries, rowOfDelivery),
    ...howOf(saving),
  })

async function saveRows(client: ClickHouseClient, saving: readonly Saving[]): Promise<void> {
  const how = howOf(saving)
  // Before the steps, whose credentials are only looked for when they have a row.
  const credentials = rowsOf(saving, (commit) => commit.credentials, rowOfCredential)
  await insert(client, { table: 'credentials', rows: credentials, ...how })
  const tables: readonly Omit<Insert, 'token' | 'claims'>[] = [
    { table: 'steps', rows: rowsOf(saving, ({ steps }) => steps, rowOfStep), partitionOf: monthOfStep },
    { table: 'links', rows: rowsOf(saving, ({ links }) => links, rowOfLink) },
    { table: 'edges', rows: rowsOf(saving, ({ edges }) => edges, rowOfEdge) },
    { table: 'findings', rows: rowsOf(saving, ({ findings }) => findings, rowOfFinding) },
    { table: 'alerts', rows: rowsOf(saving, ({ alerts }) => alerts, rowOfAlert) },
    { table: 'coverage', rows: rowsOf(saving, ({ coverage }) => coverage, rowOfCoverage) },
    { table: 'rejected', rows: rowsOf(saving, ({ rejected }) => rejected, rowOfRejected) },
    { table: 'heartbeats', rows: rowsOf(saving, ({ heartbeats }) => heartbeats, rowOfHeartbeat) },
  ]
  await Promise.all(tables.map((table) => insert(client, { ...table, ...how })))
}

const saveCheckpoints = (client: ClickHouseClient, saving: readonly Saving[]): Promise<void> =>
  insert(client, {
    table: 'checkpoints',
    rows: rowsOf(saving, ({ checkpoints = [] }) => checkpoints, rowOfCheckpoint),
    ...howOf(saving),
  })

const saveChains = (client: ClickHouseClient, saving: readonly Saving[]): Promise<void> =>
  insert(client, {
    table: 'chains',
    rows: rowsOf(saving, ({ chains }) => chains, rowOfChain),
    ...howOf(saving),
  })

const howOf = (saving: readonly Saving[]): Pick<Insert, 'token' | 'claims'> => ({
  token: tokenOf(saving),
  claims: claimsIn(saving),
})

const tokens = new WeakMap<Commit, string>()

/**
 * What the attempts at the same commits have in common, and no others have. Of this process only: one that comes after may
 * fold the same events into another commit, whose rows replace what this one left.
 */
function tokenOf(saving: readonly Saving[]): string {
  const each = saving.map(({ commit }) => {
    const token = tokens.get(commit) ?? randomUUID()
    tokens.set(commit, token)
    return token
  })
  return each.length === 1 ? (each[0] as string) : createHash('sha256').update(each.join()).digest('hex')
}

/** Tables that say which commit wrote them. */
export const COMMITTED_TABLES = [
  'steps',
  'links',
  'edges',
  'findings',
  'alerts',
  'credentials',
  'coverage',
  'rejected',
  'heartbeats',
  'deliveries',
  'checkpoints',
  'chains',
] as const
