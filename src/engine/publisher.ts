import type { Alert, AnyDetector, ChainSummary, Finding, Millis, Severity } from '../core/index.ts'
import type { FindingRow } from '../ports/index.ts'
import { casesOf } from './cases.ts'
import { type ChainBook, type HandedOut, handedOutOf, summarise } from './chain-book.ts'
import type { HotChain } from './hot-chain.ts'
import type { Limits } from './parts.ts'
import { scoreOf, severityOf } from './score.ts'
import type { Track } from './track.ts'

export interface Published {
  readonly chains: ChainSummary[]
  readonly findings: FindingRow[]
  readonly alerts: Alert[]
}

const CHANGED = 'a later event changed the path'
const NONE: readonly string[] = []
const CALM = [0, 'info'] as const

/** Compares what stands now with what was handed out before, and hands out the difference. Of one tenant. */
export class Publisher {
  readonly #detectors: ReadonlyMap<string, AnyDetector>
  /** Findings of threads by the workflow they belong to. */
  readonly #byChain = new Map<string, Map<string, Finding>>()
  /**
   * Where each thread's findings went: by thread key, workflow and finding id, since when they can be judged here. One that moved
   * may stand in two chains until the old one's owner has heard of it, and may be brought back from the store so.
   */
  readonly #homes = new Map<string, Map<string, Map<string, Millis>>>()

  constructor(detectors: ReadonlyMap<string, AnyDetector>) {
    this.#detectors = detectors
  }

  /** The chains that a thread's findings stand in, now or before, so that they can be had in memory first. */
  homesOf(thread: Track, watermark: number): readonly string[] {
    const homes = this.#homes.get(thread.key)
    if (homes === undefined && !thread.hasFindings) return NONE
    const live = [...thread.findings(watermark).values()].map(({ workflowId }) => workflowId)
    return [...new Set([...(homes?.keys() ?? []), ...live])]
  }

  /** Sends a thread's findings to their chains. Returns the workflow ids of the chains that changed. */
  threadChanged(thread: Track, watermark: number): readonly string[] {
    const homes = this.#homes.get(thread.key)
    if (homes === undefined && !thread.hasFindings) return NONE
    const live = thread.findings(watermark)
    const changed = new Set<string>()
    for (const [workflowId, ids] of homes ?? [])
      for (const [id, at] of ids) {
        if (live.get(id)?.workflowId === workflowId) continue
        if (!live.has(id) && Number.isFinite(at) && (at > watermark || thread.holds(id, watermark))) continue
        this.#leave(thread.key, workflowId, id)
        changed.add(workflowId)
      }
    for (const finding of live.values()) {
      this.#settle(finding)
      changed.add(finding.workflowId)
    }
    return [...changed]
  }

  /** What a thread has to say of one workflow. */
  findingsOf(track: string, workflowId: string): readonly Finding[] {
    return [...(this.#byChain.get(workflowId)?.values() ?? [])].filter((finding) => finding.track === track)
  }

  /** Takes in all that stands in a workflow by the judgement of a thread that is folded elsewhere. */
  replace(track: string, workflowId: string, findings: readonly Finding[]): void {
    const live = new Set(findings.map(({ id }) => id))
    for (const { id } of this.findingsOf(track, workflowId)) {
      if (!live.has(id)) this.#leave(track, workflowId, id)
    }
    for (const finding of findings) this.#settle(finding)
  }

  /**
   * Takes back a finding of a thread: it stands until the thread says otherwise, and not before time is where it was when it was
   * found, since absence may not be judged here before.
   */
  restore(finding: Finding): void {
    this.#settle(finding, finding.at)
  }

  /** Takes in that findings of a thread stand where an owner before this one told so. False when all of that is known. */
  hear(findings: readonly Finding[]): boolean {
    const news = findings.filter(({ track, workflowId, id }) => !this.#homes.get(track)?.get(workflowId)?.has(id))
    for (const finding of news) this.restore(finding)
    return news.length > 0
  }

  /** When a finding of a thread that stands by another's word can be judged; null for none. */
  judgedAt(thread: Track, watermark: number): Millis | null {
    let next: Millis | null = null
    for (const ids of this.#homes.get(thread.key)?.values() ?? [])
      for (const at of ids.values()) if (at > watermark && (next === null || at < next)) next = at
    return next
  }

  /** Lets go of what belongs to a chain that left memory. */
  forget(workflowId: string): void {
    for (const { track, id } of [...(this.#byChain.get(workflowId)?.values() ?? [])]) this.#leave(track, workflowId, id)
  }

  /** Lets go of a thread that left memory for good: what it found stands. */
  forgetThread(track: string): void {
    this.#homes.delete(track)
  }

  /** What stands in a chain now: its own findings and those of threads. */
  standing({ track, book }: HotChain, watermark: number): ReadonlyMap<string, Finding> {
    const foreign = this.#byChain.get(book.workflowId)
    if (foreign === undefined || foreign.size === 0) return track.findings(watermark)
    return new Map([...track.findings(watermark), ...foreign])
  }

  /** Adds to `out` what a chain has to say that it has not said. */
  publish(chain: HotChain, watermark: number, limits: Limits, out: Published): void {
    const { book, track } = chain
    const [score, severity] = this.#judge(chain, watermark, out)
    const status = closesAt(chain, limits) <= watermark ? 'closed' : 'open'
    const { task } = track.last().authority
    out.chains.push(summarise(book, { steps: track.length, task, score, severity, status }))
    book.lastCause = null
  }

  /** Hands out findings and alerts; most chains have none, and had none. */
  #judge(chain: HotChain, watermark: number, out: Published): readonly [score: number, severity: Severity] {
    const { book, track } = chain
    const isQuiet = !track.hasFindings && !this.#byChain.has(book.workflowId)
    if (isQuiet && book.handedOut === null) return CALM
    const live = this.standing(chain, watermark)
    const handedOut = handedOutOf(book)
    if (live.size > 0 || handedOut.findings.size > 0) {
      this.#findings(book, handedOut, live, out)
      this.#alerts(book, handedOut, [...live.values()], out)
    }
    const score = scoreOf(live.values())
    return [score, severityOf(score, live.values())]
  }

  #settle(finding: Finding, judgedAt = Number.NEGATIVE_INFINITY): void {
    const there = this.#byChain.get(finding.workflowId) ?? new Map<string, Finding>()
    there.set(finding.id, finding)
    this.#byChain.set(finding.workflowId, there)
    const homes = this.#homes.get(finding.track) ?? new Map<string, Map<string, Millis>>()
    const ids = homes.get(finding.workflowId) ?? new Map<string, Millis>()
    homes.set(finding.workflowId, ids.set(finding.id, judgedAt))
    this.#homes.set(finding.track, homes)
  }

  /** A thread's finding stands in a chain no longer. */
  #leave(track: string, workflowId: string, id: string): void {
    const there = this.#byChain.get(workflowId)
    there?.delete(id)
    if (there?.size === 0) this.#byChain.delete(workflowId)
    const homes = this.#homes.get(track)
    const ids = homes?.get(workflowId)
    ids?.delete(id)
    if (ids?.size === 0) homes?.delete(workflowId)
    if (homes?.size === 0) this.#homes.delete(track)
  }

  /** Where a finding of a thread stands by now, in words: its pattern was completed anew by a step of another chain. */
  #goesOn(findingIds: readonly string[]): string | null {
    for (const homes of this.#homes.values())
      for (const [home, ids] of homes) if (findingIds.some((id) => ids.has(id))) return `it goes on in ${home}`
    return null
  }

  #findings(book: ChainBook, { findings }: HandedOut, live: ReadonlyMap<string, Finding>, out: Published): void {
    const reason = book.lastCause
    for (const [id, finding] of findings) {
      if (live.has(id)) continue
      findings.delete(id)
      out.findings.push({ finding, status: 'retracted', reason: reason ?? this.#goesOn([id]) ?? CHANGED })
    }
    for (const [id, finding] of live) {
      const there = findings.get(id)
      if (there !== undefined && (there === finding || sameText(there, finding))) continue
      findings.set(id, finding)
      out.findings.push({ finding, status: 'open', reason: there === undefined ? null : reason })
    }
  }

  #alerts(book: ChainBook, { alerts }: HandedOut, live: readonly Finding[], out: Published): void {
    const told =
      live.length === 0
        ? []
        : casesOf(
            live,
            { tenant: book.tenant, workflowId: book.workflowId, principal: book.principal },
            this.#detectors,
          )
    const standing = new Set(told.map(({ id }) => id))
    const say = (alert: Alert): void => {
      alerts.set(alert.id, alert)
      out.alerts.push(alert)
    }
    for (const [id, alert] of alerts) {
      if (standing.has(id) || alert.status === 'retracted') continue
      const reason = book.lastCause ?? this.#goesOn(alert.findingIds) ?? CHANGED
      say({ ...alert, status: 'retracted', revision: alert.revision + 1, reason })
    }
    for (const one of told) {
      const before = alerts.get(one.id)
      const { revision = 0, status: _status, reason: _reason, ...rest } = before ?? {}
      if (before?.status === 'open' && sameText(rest, one)) continue
      const reason = before === undefined ? null : (book.lastCause ?? 'more evidence')
      say({ ...one, status: 'open', revision: revision + 1, reason })
    }
  }
}

/** When a chain is over: its lateness after its end, or its time-out after its last event. */
export const closesAt = ({ book, track }: HotChain, { idleMs, latenessMs }: Limits): number => {
  const { endedAt } = track.last().authority
  const idle = book.lastAt + idleMs
  return endedAt === null ? idle : Math.min(idle, Math.max(endedAt, book.lastAt) + latenessMs)
}

/** Equal as text, whatever the order in which the fields were set. */
function sameText(a: object, b: object): boolean {
  const text = (value: object): string => JSON.stringify(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
  return text(a) === text(b)
}
