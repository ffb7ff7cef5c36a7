import { createHash, randomUUID } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import { type Commit, type Guard, together } from '../../ports/index.ts'
import { type Insert, insert, type Row } from './insert.ts'
import { rowOfDelivery } from './outbox.ts'
import {
  rowOfAlert,
  rowOfChain,
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
  readonly guard: Guard | undefined
}

/**
 * Saves commits on a client. What comes while a write is under way is written together, table by table: a server takes few
 * large inserts better than many small ones. Chains are written last, since there is no transaction over tables: a crash in
 * between leaves rows that the same commit, saved again, replaces. Each commit's guard is asked right before each of the two.
 */
export function saverOf(client: ClickHouseClient): (commit: Commit, guard?: Guard) => Promise<void> {
  const save = together<Saving>(async (items, refuse) => {
    const allowed = await passing(items, refuse)
    // First of all, so that no alert is stored that nobody is to be told of.
    await saveDeliveries(client, allowed)
    await saveRows(client, allowed)
    await saveChains(client, await passing(allowed, refuse))
  })
  return (commit, guard) => save({ commit, guard })
}

/** The commits whose guard lets them pass; the others are refused. */
async function passing(
  items: readonly Saving[],
  refuse: (item: Saving, why: unknown) => void,
): Promise<readonly Saving[]> {
  const passed = await Promise.all(
    items.map(async (item) => {
      try {
        await item.guard?.()
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
    token: tokenOf(saving),
  })

async function saveRows(client: ClickHouseClient, saving: readonly Saving[]): Promise<void> {
  const token = tokenOf(saving)
  // Before the steps, whose credentials are only looked for when they have a row.
  const credentials = rowsOf(saving, (commit) => commit.credentials, rowOfCredential)
  await insert(client, { table: 'credentials', rows: credentials, token })
  const tables: readonly Omit<Insert, 'token'>[] = [
    { table: 'steps', rows: rowsOf(saving, ({ steps }) => steps, rowOfStep), partitionOf: monthOfStep },
    { table: 'links', rows: rowsOf(saving, ({ links }) => links, rowOfLink) },
    { table: 'edges', rows: rowsOf(saving, ({ edges }) => edges, rowOfEdge) },
    { table: 'findings', rows: rowsOf(saving, ({ findings }) => findings, rowOfFinding) },
    { table: 'alerts', rows: rowsOf(saving, ({ alerts }) => alerts, rowOfAlert) },
    { table: 'coverage', rows: rowsOf(saving, ({ coverage }) => coverage, rowOfCoverage) },
    { table: 'rejected', rows: rowsOf(saving, ({ rejected }) => rejected, rowOfRejected) },
    { table: 'heartbeats', rows: rowsOf(saving, ({ heartbeats }) => heartbeats, rowOfHeartbeat) },
  ]
  await Promise.all(tables.map((table) => insert(client, { ...table, token })))
}

const saveChains = (client: ClickHouseClient, saving: readonly Saving[]): Promise<void> =>
  insert(client, {
    table: 'chains',
    rows: rowsOf(saving, ({ chains }) => chains, rowOfChain),
    token: tokenOf(saving),
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
  'chains',
] as const
