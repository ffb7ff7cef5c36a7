import { approvalThenMore } from './approval-then-more.ts'
import { connectorInTheShadow } from './connector-in-the-shadow.ts'
import { containedKey } from './contained-key.ts'
import { secretToProd } from './secret-to-prod.ts'
import { steeredExport } from './steered-export.ts'
import type { Story } from './story.ts'
import { tokenThatStays } from './token-that-stays.ts'
import { wideningHandOff } from './widening-hand-off.ts'

/** The seven stories, in the order of their numbers. */
export const stories: readonly Story[] = [
  approvalThenMore,
  connectorInTheShadow,
  tokenThatStays,
  containedKey,
  secretToProd,
  wideningHandOff,
  steeredExport,
]
