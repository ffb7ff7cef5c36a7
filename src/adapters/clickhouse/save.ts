import { randomUUID } from 'node:crypto'
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

/**
 * Writes a commit, chains last. There is no transaction over tables: a crash in between leaves rows that the same commit,
 * saved again, replaces.
 */
export async function save(client: ClickHouseClient, commit: Commit): Promise<void> {
  const rowsOf = <T>(items: readonly T[], rowOf: (item: T, sequence: number) => Row): readonly Row[] =>
    items.map((item) => rowOf(item, commit.sequence))
  const token = tokenOf(commit)
  const tables: readonly Omit<Insert, 'token'>[] = [
    { table: 'steps', rows: rowsOf(commit.steps, rowOfStep), partitionOf: monthOfStep },
    { table: 'links', rows: rowsOf(commit.links, rowOfLink) },
    { table: 'edges', rows: rowsOf(commit.edges, rowOfEdge) },
    { table: 'findings', rows: rowsOf(commit.findings, rowOfFinding) },
    { table: 'alerts', rows: rowsOf(commit.alerts, rowOfAlert) },
    { table: 'credentials', rows: rowsOf(commit.credentials, rowOfCredential) },
    { table: 'coverage', rows: rowsOf(commit.coverage, rowOfCoverage) },
    { table: 'rejected', rows: rowsOf(commit.rejected, rowOfRejected) },
    { table: 'heartbeats', rows: rowsOf(commit.heartbeats, rowOfHeartbeat) },
  ]
  await Promise.all(tables.map((table) => insert(client, { ...table, token })))
  await insert(client, { table: 'chains', rows: rowsOf(commit.chains, rowOfChain), token })
}

const tokens = new WeakMap<Commit, string>()

/**
 * What the attempts at one commit have in common, and no other commit has. Of this process only: one that comes after may fold
 * the same events into another commit, whose rows replace what this one left.
 */
function tokenOf(commit: Commit): string {
  const token = tokens.get(commit) ?? randomUUID()
  tokens.set(commit, token)
  return token
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
