import type { Alert, CredentialSummary, Step, Subject } from '../core/index.ts'
import { type PathReader, type ReadPage, type StepRow, standingIn } from '../ports/index.ts'
import { heldIn, type Shown } from './held.ts'

const PAGE = 1_000
/** The most steps about one credential or grant that are looked at. */
const MAX_AROUND = 2_000
const MAX_HELD = 200
const MAX_CHAINS = 200

/** What is known of a subject: everything a responder's questions are answered from. */
export interface Dossier {
  readonly subject: Subject
  /** Its own steps, in event-time order: of workflows, with those of the workflows they started. */
  readonly steps: readonly Step[]
  /** There are more steps than were read. */
  readonly isCut: boolean
  /** The credentials and grants in its hands, in order of time. */
  readonly held: readonly Shown[]
  /** What is known of the credentials in its hands, and of their families. */
  readonly credentials: readonly CredentialSummary[]
  /** Anybody's steps about the credentials and grants in its hands. */
  readonly around: readonly Step[]
  /** Open ones that stand on its workflows, or name it. */
  readonly alerts: readonly Alert[]
}

/** Reads all that the answers need. `most` bounds the subject's own steps. An unknown subject has no steps. */
export async function gather(reader: PathReader, subject: Subject, most = 10_000): Promise<Dossier> {
  const { tenant } = subject
  const { steps, isCut } = await stepsOf(reader, subject, most)
  const workflowIds = [...new Set(steps.map(({ attribution }) => attribution.workflowId))].slice(0, MAX_CHAINS)
  const held = heldIn(steps)
  const credentials = new Map<string, CredentialSummary>()
  const around = new Map<string, Step>()
  for (const { kind, id } of held.slice(0, MAX_HELD)) {
    if (kind === 'credential') for (const one of await reader.lineage(tenant, id)) credentials.set(one.id, one)
    const read = await upTo(MAX_AROUND, (page) => reader.stepsOfThread(tenant, { kind, id }, page))
    for (const step of read.steps) around.set(`${step.event.source}\u0000${step.event.id}`, step)
  }
  return {
    subject,
    steps,
    isCut,
    held,
    credentials: [...credentials.values()],
    around: [...around.values()].sort((a, b) => a.event.at - b.event.at || a.event.ns - b.event.ns),
    alerts: await alertsOn(reader, tenant, workflowIds, subject),
  }
}

async function stepsOf(reader: PathReader, subject: Subject, most: number): Promise<Read> {
  const { kind, tenant, id } = subject
  if (kind === 'agent' || kind === 'credential')
    return upTo(most, (page) => reader.stepsOfThread(tenant, { kind, id }, page))
  const roots = kind === 'workflow' ? [id] : ((await reader.alert(tenant, id))?.workflowIds ?? [])
  const steps: Step[] = []
  for (const workflowId of await withStarted(reader, tenant, roots)) {
    const read = await upTo(most - steps.length, (page) => reader.steps(tenant, workflowId, page))
    steps.push(...read.steps)
    if (read.isCut) return { steps, isCut: true }
  }
  return { steps: steps.sort((a, b) => a.event.at - b.event.at || a.event.ns - b.event.ns), isCut: false }
}

/** Workflows and those they started, and those these started. */
async function withStarted(reader: PathReader, tenant: string, roots: readonly string[]): Promise<readonly string[]> {
  const ids = new Set(roots)
  // A set grows while it is walked: each generation is followed by the next.
  for (const one of ids)
    for (const { workflowId, relation } of (await reader.chain(tenant, one))?.links ?? [])
      if (relation === 'child' && ids.size < MAX_CHAINS) ids.add(workflowId)
  return [...ids]
}

interface Read {
  readonly steps: readonly Step[]
  readonly isCut: boolean
}

async function upTo(most: number, read: ReadPage<StepRow>): Promise<Read> {
  const { rows, isCut } = await standingIn(read, most)
  return { steps: rows.map(({ step }) => step), isCut }
}

async function alertsOn(
  reader: PathReader,
  tenant: string,
  workflowIds: readonly string[],
  { kind, id }: Subject,
): Promise<readonly Alert[]> {
  const query = { tenant, status: 'open', limit: PAGE }
  const pages = await Promise.all([
    ...workflowIds.map((workflow) => reader.alerts({ ...query, workflow })),
    ...(kind === 'agent' || kind === 'credential' ? [reader.alerts({ ...query, [kind]: id })] : []),
  ])
  const alerts = new Map(pages.flatMap(({ items }) => items).map((alert) => [alert.id, alert]))
  return [...alerts.values()].sort((a, b) => b.score - a.score || a.firstAt - b.firstAt)
}
