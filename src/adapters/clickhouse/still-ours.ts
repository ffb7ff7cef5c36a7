import type { Claim } from '../../ports/index.ts'
import { literal } from './literal.ts'

const SAID = 'catenary: fenced'

/**
 * A condition that fails the whole statement once another has claimed one of the partitions. The server judges it when it gets to
 * the statement, so that a write that was long on its way comes to nothing: see `Claims`.
 */
export function stillOurs(claims: readonly Claim[]): string {
  const later = claims.map(
    ({ partition, epoch, owner }) =>
      `(partition_id = ${partition} AND epoch >= ${epoch} AND (epoch > ${epoch} OR owner > ${literal(owner)}))`,
  )
  return `throwIf((SELECT count() FROM owners WHERE ${later.join(' OR ')}) > 0, '${SAID}') = 0`
}

/** Whether a statement failed by that condition. */
export const isNotOurs = (error: unknown): boolean => error instanceof Error && error.message.includes(SAID)
