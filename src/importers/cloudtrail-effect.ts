import { atPath, itemsOf, type Trail, textOf } from './cloudtrail-record.ts'
import { type Effect, effectOf } from './cloudtrail-tables.ts'
import { isFields } from './importer.ts'

/** The effect of a call by its name, or by parameters that make an everyday call one that has an effect. */
export function effectIn(trail: Trail): Effect | null {
  if (/^ModifyDB(?:Instance|Cluster)$/.test(trail.call) && trail.request?.['masterUserPassword'] !== undefined)
    return 'authority'
  if (/^PutBucketLifecycle/.test(trail.call)) return endsRecords(trail) ? 'blinding' : null
  return effectOf(trail.call)
}

/** Records that are gone sooner than anybody looks at them. */
const TOO_SOON_DAYS = 14
const RECORDS = /trail|audit|(?:^|[-_.])logs?(?:[-_.]|$)|logging|siem/i

function endsRecords(trail: Trail): boolean {
  if (!RECORDS.test(textOf(trail.request, 'bucketName') ?? '')) return false
  const rules = atPath(trail.request, 'LifecycleConfiguration', 'Rule')
  return (Array.isArray(rules) ? rules : [rules, ...itemsOf(rules)]).some((rule) => {
    if (!isFields(rule) || rule['Status'] !== 'Enabled') return false
    const days = Number(atPath(rule, 'Expiration', 'Days') ?? Number.NaN)
    return days <= TOO_SOON_DAYS
  })
}
