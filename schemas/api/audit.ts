import { z } from 'zod'
import type { AuditRow } from '../../src/ports/index.ts'
import { iso, pageOf, Time } from './words.ts'

/** One row of the audit log. */
export const AuditEntry = z
  .object({
    type: z.literal('audit_entry'),
    chain: z.string().describe('Of the process that wrote it.'),
    number: z.number().int().describe('From 1, without gaps, within its chain.'),
    at: Time,
    tenant: z.string().nullable().describe('Whose data it was about; null for every tenant’s.'),
    actor: z.string().describe('Kind and id of the caller.'),
    role: z.string(),
    action: z.string().describe('The operation, as this document names it.'),
    target: z.string().describe('What was asked for: method, path and query.'),
    status: z.number().int().describe('HTTP status of the answer; 0 where there was none.'),
    detail: z.record(z.string(), z.unknown()).describe('What was changed.'),
    before: z.string().describe('Hash of the row before; empty for the first.'),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' })

export const AuditPage = pageOf(AuditEntry, 'AuditPage')

export const auditJson = ({ at, detail, ...row }: AuditRow): z.output<typeof AuditEntry> => ({
  type: 'audit_entry',
  ...row,
  at: iso(at),
  detail: objectIn(detail),
})

function objectIn(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : { value }
  } catch {
    return { text }
  }
}
