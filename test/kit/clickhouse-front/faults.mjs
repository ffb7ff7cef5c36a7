import { exception } from './codes.mjs'

const READS = /^\s*(SELECT|WITH|SHOW|EXISTS|DESC|DESCRIBE|EXPLAIN)\b/i
const INSERT = /^\s*INSERT\b/i

const full = () =>
  exception(243, 'NOT_ENOUGH_SPACE', 'Cannot reserve 1.00 MiB, not enough space: While executing MergeTreeSink')
const readOnly = () => exception(164, 'READONLY', 'catenary: Cannot execute query in readonly mode.')
export const wrongPassword = () =>
  exception(
    516,
    'AUTHENTICATION_FAILED',
    'catenary: Authentication failed: password is incorrect, or there is no user with such name.',
  )
const reset = () => exception(210, 'NETWORK_ERROR', 'Connection reset by peer')

/** What goes wrong, and how often it did. `answer` stands for the engine's own where it must not or need not be asked. */
export function createFaults() {
  let now = {}
  let random = mulberry32(1)
  /** The statement that is kept back, until the next fault is set. */
  let kept = null
  const counts = { inserts: 0, failedBefore: 0, failedAfter: 0 }
  return {
    counts,
    now: () => now,
    set(/** @type {import('../clickhouse.ts').Fault} */ fault) {
      now = fault
      kept?.release()
      kept = null
      random = mulberry32(fault.inserts?.seed ?? 1)
    },
    /** When a statement is to wait and until what; null for one that need not. The first that fits, and no other. */
    holdOf(/** @type {string} */ who, /** @type {string} */ sql) {
      const { hold } = now
      if (hold === undefined || kept !== null || !who.startsWith(hold.who) || !sql.includes(hold.sql)) return null
      let release = () => {}
      const released = new Promise((done) => {
        release = () => done(undefined)
      })
      kept = { release }
      return { when: hold.when, late: hold.late ?? false, released }
    },
    /** What happens to this statement instead of being done, or `after` it was; null is nothing. */
    of(/** @type {string} */ sql) {
      const refused = refusal(now.refuse, sql)
      if (INSERT.test(sql)) counts.inserts += 1
      if (refused !== null) return { when: 'before', answer: refused }
      if (!INSERT.test(sql) || now.inserts === undefined || random() >= now.inserts.share) return null
      const { when, answer } = now.inserts
      counts[when === 'before' ? 'failedBefore' : 'failedAfter'] += 1
      return { when, answer: answer === 'error' ? reset() : 'cut' }
    },
  }
}

function refusal(/** @type {import('../clickhouse.ts').Fault['refuse']} */ refuse, /** @type {string} */ sql) {
  if (refuse === 'wrong-password') return wrongPassword()
  if (refuse === 'read-only' && !READS.test(sql)) return readOnly()
  if (refuse === 'disk-full' && INSERT.test(sql)) return full()
  return null
}

/** Evenly spread numbers in [0, 1), the same for the same seed. */
function mulberry32(/** @type {number} */ seed) {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
