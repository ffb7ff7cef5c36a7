import { CatenaryError } from '../core/index.ts'

/** What a write of an owner before comes to: another process has claimed the partition since. */
export const fenced = (partition: number, cause?: unknown): CatenaryError =>
  new CatenaryError(
    'CAT_FENCED',
    `partition ${partition} has another owner by now; nothing is to be done: what was read goes to that one`,
    { cause },
  )

/** Whether something failed since another process has claimed the partition. */
export const isFenced = (error: unknown): boolean => error instanceof CatenaryError && error.code === 'CAT_FENCED'
