import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Alert, Step as StepOf, Subject } from '../../src/core/index.ts'
import { alertJson, type FrameworkOf } from '../output.ts'
import { fieldsOf, StepFields } from './step.ts'
import { iso, Time } from './words.ts'

/** The media type of the text that is signed. */
export const EVIDENCE_TYPE = 'application/vnd.catenary.evidence+json'

const Digest = z.string().regex(/^[0-9a-f]{64}$/)

/** What an evidence bundle holds: the path’s steps and alerts, each with the SHA-256 of its JSON, and one over all of them. */
export const Evidence = z.object({
  type: z.literal('evidence'),
  version: z.literal(1),
  subject: z.object({ kind: z.string(), tenant: z.string(), id: z.string() }),
  collected_at: Time,
  truncated: z.boolean().describe('There are more steps than are here.'),
  steps: z.array(z.object({ sha256: Digest, step: z.object(StepFields) })),
  alerts: z.array(z.object({ sha256: Digest, alert: z.record(z.string(), z.unknown()) })),
  sha256: Digest.describe('Over the digests of all steps and alerts, in order, as hex.'),
})

/** A signed evidence bundle as a file holds it: a DSSE envelope. */
export const EvidenceEnvelope = z.object({
  payloadType: z.literal(EVIDENCE_TYPE),
  payload: z.base64(),
  signatures: z.tuple([z.object({ keyid: z.string(), sig: z.base64(), publicKey: z.string() })]),
})

/** The JSON of a path that is signed as evidence. */
export function evidenceJson(
  { subject, steps, alerts, isCut }: EvidenceOf,
  at: number,
  frameworkOf: FrameworkOf,
): z.output<typeof Evidence> {
  const told = steps.map(fieldsOf).map((step) => ({ sha256: digestOf(step), step }))
  const raised = alerts.map((alert) => alertJson(alert, frameworkOf, null) as Record<string, unknown>)
  const found = raised.map((alert) => ({ sha256: digestOf(alert), alert }))
  return {
    type: 'evidence',
    version: 1,
    subject,
    collected_at: iso(at),
    truncated: isCut,
    steps: told,
    alerts: found,
    sha256: overall([...told, ...found]),
  }
}

interface EvidenceOf {
  readonly subject: Subject
  readonly steps: readonly StepOf[]
  readonly alerts: readonly Alert[]
  readonly isCut: boolean
}

/** What does not add up in an evidence bundle, in words; empty for a sound one. */
export function flawsIn({ steps, alerts, sha256 }: z.output<typeof Evidence>): readonly string[] {
  const flaws = [
    ...steps
      .filter((one) => digestOf(one.step) !== one.sha256)
      .map(({ step }) => `step ${step.step_id} is not the one that was signed`),
    ...alerts
      .filter((one) => digestOf(one.alert) !== one.sha256)
      .map(({ alert }) => `alert ${String(alert['alert_id'])} is not the one that was signed`),
  ]
  return overall([...steps, ...alerts]) === sha256 ? flaws : [...flaws, 'a step or alert was added, removed or moved']
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

const overall = (items: readonly { readonly sha256: string }[]): string =>
  createHash('sha256')
    .update(items.map(({ sha256 }) => sha256).join(''))
    .digest('hex')
