import {
  type AuthorityJudge,
  type AuthorityUseReader,
  authorityGivenBy,
  authorityUsedBy,
  detailOf,
  detailsAllow,
  detailsCover,
  giverOf,
  labelOfName,
  type Millis,
  type NameUse,
} from '../src/core/index.ts'
import { isHighRisk, isHighRiskDetail, scopeCovers } from './scope-order.ts'

const MAX_SCOPES = 200

interface Given {
  readonly by: string
  readonly firstAt: Millis
}

/** What scopes and permissions mean, beside one another. */
export const authorityJudge: AuthorityJudge = {
  isHighRisk(name) {
    const detail = detailOf(name)
    return detail === null ? isHighRisk(name) : isHighRiskDetail(detail)
  },
  useOf(name, uses) {
    let lastUsedAt: Millis | null = null
    let isWider = true
    for (const one of uses) {
      if (!covers(name, one.name, detailsAllow)) continue
      lastUsedAt = Math.max(lastUsedAt ?? one.at, one.at)
      if (covers(one.name, name, detailsCover)) isWider = false
    }
    return { lastUsedAt, isWider: lastUsedAt !== null && isWider }
  },
}

/** Whether who holds one name may do what the other says. A scope and a permission say nothing of each other. */
function covers(held: string, used: string, how: typeof detailsCover): boolean {
  const [have, want] = [detailOf(held), detailOf(used)]
  if (have === null || want === null) return have === want && scopeCovers(held, used)
  return how([have], want)
}

/**
 * What an agent was given and what it used of it, from its steps in order of time. A scope counts as used when a call that
 * succeeded used it, or one that it covers. Of 200 scopes and permissions; the first ones.
 */
export function authorityUseReader(): AuthorityUseReader {
  const given = new Map<string, Given>()
  const used = new Map<string, Millis>()
  let calls = 0
  let callsWithScopes = 0
  return {
    take(step) {
      for (const name of authorityGivenBy(step.event)) {
        if (given.size < MAX_SCOPES && !given.has(name))
          given.set(name, { by: giverOf(step.event), firstAt: step.event.at })
      }
      const { event } = step
      const names = authorityUsedBy(event)
      if (event.kind === 'tool_call' && event.outcome === 'success') {
        calls += 1
        if (names.length > 0) callsWithScopes += 1
      }
      for (const name of names) if (used.size < MAX_SCOPES || used.has(name)) used.set(name, event.at)
    },
    told() {
      const uses: readonly NameUse[] = [...used].map(([name, at]) => ({ name, at }))
      const scopes = [...given].map(([name, { by, firstAt }]) => ({
        scope: labelOfName(name),
        by,
        firstAt,
        ...authorityJudge.useOf(name, uses),
      }))
      return { calls, callsWithScopes, scopes }
    },
  }
}
