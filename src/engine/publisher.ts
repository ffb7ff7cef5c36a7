import type { Alert, AnyDetector, ChainSummary, Finding } from '../core/index.ts'
import type { FindingRow } from '../ports/index.ts'
import { casesOf } from './cases.ts'
import { summarise } from './chain-book.ts'
import type { HotChain } from './hot-chain.ts'
import { trackKey } from './keys.ts'
import type { Limits } from './parts.ts'
import { scoreOf, severityOf } from './score.ts'
import type { Track } from './track.ts'

export interface Published {
  readonly chains: readonly ChainSummary[]
  readonly findings: readonly FindingRow[]
  readonly alerts: readonly Alert[]
  /** Chains to look at again at a time, to close them. */
  readonly closings: readonly (readonly [string, number])[]
}

/** Compares what stands now with what was handed out before, and hands out the difference. */
export class Publisher {
  readonly #detectors: ReadonlyMap<string, AnyDetector>
  /** Findings of threads by the chain they belong to. */
  readonly #byChain = new Map<string, Map<string, Finding>>()
  /** Where each thread's findings went, by thread key and finding id. */
  readonly #homes = new Map<string, Map<string, string>>()

  constructor(detectors: ReadonlyMap<string, AnyDetector>) {
    this.#detectors = detectors
  }

  /** Sends a thread's findings to their chains. Returns the workflow ids of the chains that changed. */
  threadChanged(thread: Track, watermark: number): readonly string[] {
    const live = thread.findings(watermark)
    const homes = this.#homes.get(thread.key) ?? new Map<string, string>()
    const changed = new Set<string>()
    for (const [id, workflowId] of homes) {
      if (live.get(id)?.workflowId === workflowId) continue
      this.#byChain.get(chainKey(thread, workflowId))?.delete(id)
      homes.delete(id)
      changed.add(workflowId)
    }
    for (const finding of live.values()) {
      const key = chainKey(thread, finding.workflowId)
      const there = this.#byChain.get(key) ?? new Map<string, Finding>()
      there.set(finding.id, finding)
      this.#byChain.set(key, there)
      homes.set(finding.id, finding.workflowId)
      changed.add(finding.workflowId)
    }
    if (homes.size > 0) this.#homes.set(thread.key, homes)
    else this.#homes.delete(thread.key)
    return [...changed]
  }

  threadFindings(key: string): Map<string, Finding> {
    return this.#byChain.get(key) ?? new Map()
  }

  publish(dirty: readonly HotChain[], watermark: number, sequence: number, limits: Limits): Published {
    const out = {
      chains: [] as ChainSummary[],
      findings: [] as FindingRow[],
      alerts: [] as Alert[],
      closings: [] as [string, number][],
    }
    for (const chain of dirty) {
      const live = new Map([...chain.track.findings(watermark), ...chain.book.threadFindings])
      out.findings.push(...this.#findings(chain, live, sequence))
      out.alerts.push(...this.#alerts(chain, [...live.values()]))
      const closesAt = closing(chain, limits)
      const status = closesAt <= watermark ? 'closed' : 'open'
      if (status === 'open') out.closings.push([chain.track.key, closesAt])
      const score = scoreOf(live.values())
      const { length, authority } = chain.track.last()
      out.chains.push(
        summarise(chain.book, {
          steps: length,
          task: authority.task,
          score,
          severity: severityOf(score, live.values()),
          status,
        }),
      )
      chain.book.lastCause = null
    }
    return out
  }

  #findings({ book }: HotChain, live: ReadonlyMap<string, Finding>, revision: number): readonly FindingRow[] {
    const rows: FindingRow[] = []
    const reason = book.lastCause
    for (const [id, { finding }] of book.published) {
      if (live.has(id)) continue
      book.published.delete(id)
      rows.push({ finding, status: 'retracted', reason: reason ?? 'a later event changed the path' })
    }
    for (const [id, finding] of live) {
      const there = book.published.get(id)
      if (there !== undefined && (there.finding === finding || sameText(there.finding, finding))) continue
      book.published.set(id, { finding, revision })
      rows.push({ finding, status: 'open', reason: there === undefined ? null : reason })
    }
    return rows
  }

  #alerts({ book, track }: HotChain, live: readonly Finding[]): readonly Alert[] {
    const agents = (eventId: string): string | null =>
      track.entries.find(({ placed }) => placed.event.id === eventId)?.placed.event.agent?.id ??
      book.agentIds[0] ??
      null
    const told =
      live.length === 0
        ? []
        : casesOf(
            live,
            { tenant: book.tenant, workflowId: book.workflowId, principal: book.principal, agentOf: agents },
            this.#detectors,
          )
    const alerts: Alert[] = []
    const standing = new Set(told.map(({ id }) => id))
    for (const [id, alert] of book.alerts) {
      if (standing.has(id) || alert.status === 'retracted') continue
      const fallen: Alert = {
        ...alert,
        status: 'retracted',
        revision: alert.revision + 1,
        reason: book.lastCause ?? 'a later event changed the path',
      }
      book.alerts.set(id, fallen)
      alerts.push(fallen)
    }
    for (const one of told) {
      const before = book.alerts.get(one.id)
      const { revision = 0, status: _status, reason: _reason, ...rest } = before ?? {}
      if (before?.status === 'open' && sameText(rest, one)) continue
      const alert: Alert = {
        ...one,
        status: 'open',
        revision: revision + 1,
        reason: before === undefined ? null : (book.lastCause ?? 'more evidence'),
      }
      book.alerts.set(one.id, alert)
      alerts.push(alert)
    }
    return alerts
  }
}

const chainKey = (thread: Track, workflowId: string): string =>
  trackKey({ kind: 'chain', tenant: thread.id.tenant, subject: workflowId })

const closing = ({ book, track }: HotChain, { idleMs, latenessMs }: Limits): number => {
  const { endedAt } = track.last().authority
  return endedAt === null
    ? book.lastAt + idleMs
    : Math.min(book.lastAt + idleMs, Math.max(endedAt, book.lastAt) + latenessMs)
}

/** Equal as text, whatever the order in which the fields were set. */
function sameText(a: object, b: object): boolean {
  const text = (value: object): string => JSON.stringify(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
  return text(a) === text(b)
}
