import { createHash, randomUUID } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import type { Commit } from '../../ports/index.ts'
import { type Insert, insert, type Row } from './insert.ts'
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
import { together } from './together.ts'

/**
 * Saves commits on a client. What comes while a write is under way is written together, table by table: a server takes few
 * large inserts better than many small ones. Chains are written last, since there is no transaction over tables: a crash in
 * between leaves rows that the same commit, saved again, replaces.
 */
export const saverOf = (client: ClickHouseClient): ((commit: Commit) => Promise<void>) =>
  together((commits: readonly Commit[]) => save(client, commits))

async function save(client: ClickHouseClient, commits: readonly Commit[]): Promise<void> {
  const rowsOf = <T>(of: (commit: Commit) => readonly T[], rowOf: (item: T, sequence: number) => Row): readonly Row[] =>
    commits.flatMap((commit) => of(commit).map((item) => rowOf(item, commit.sequence)))
  const token = tokenOf(commits)
  const tables: readonly Omit<Insert, 'token'>[] = [
    { table: 'steps', rows: rowsOf(({ steps }) => steps, rowOfStep), partitionOf: monthOfStep },
    { table: 'links', rows: rowsOf(({ links }) => links, rowOfLink) },
    { table: 'edges', rows: rowsOf(({ edges }) => edges, rowOfEdge) },
    { table: 'findings', rows: rowsOf(({ findings }) => findings, rowOfFinding) },
    { table: 'alerts', rows: rowsOf(({ alerts }) => alerts, rowOfAlert) },
    { table: 'credentials', rows: rowsOf(({ credentials }) => credentials, rowOfCredential) },
    { table: 'coverage', rows: rowsOf(({ coverage }) => coverage, rowOfCoverage) },
    { table: 'rejected', rows: rowsOf(({ rejected }) => rejected, rowOfRejected) },
    { table: 'heartbeats', rows: rowsOf(({ heartbeats }) => heartbeats, rowOfHeartbeat) },
  ]
  await Promise.all(tables.map((table) => insert(client, { ...table, token })))
  await insert(client, { table: 'chains', rows: rowsOf(({ chains }) => chains, rowOfChain), token })
}

const tokens = new WeakMap<Commit, string>()

/**
 * What the attempts at the same commits have in common, and no others have. Of this process only: one that comes after may
 * fold the same events into another commit, whose rows replace what this one left.
 */
function tokenOf(commits: readonly Commit[]): string {
  const each = commits.map((commit) => {
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
  'chains',
] as const
