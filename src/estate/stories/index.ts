import { approvalThenMore } from './approval-then-more.ts'
import { auditSwitchedOff } from './audit-switched-off.ts'
import { authorityLeftBehind } from './authority-left-behind.ts'
import { connectorInTheShadow } from './connector-in-the-shadow.ts'
import { containedKey } from './contained-key.ts'
import { customersToAStranger } from './customers-to-a-stranger.ts'
import { doneByAnother } from './done-by-another.ts'
import { farReachingConsent } from './far-reaching-consent.ts'
import { fasterThanAnybody } from './faster-than-anybody.ts'
import { gatheredSecrets } from './gathered-secrets.ts'
import { growingGrant } from './growing-grant.ts'
import { innocentOwners } from './innocent-owners.ts'
import { offItsPath } from './off-its-path.ts'
import { otherWayRound } from './other-way-round.ts'
import { ownApproval } from './own-approval.ts'
import { secretToProd } from './secret-to-prod.ts'
import { silentAtWork } from './silent-at-work.ts'
import { steeredExport } from './steered-export.ts'
import type { Story } from './story.ts'
import { tokenInOtherHands } from './token-in-other-hands.ts'
import { tokenThatStays } from './token-that-stays.ts'
import { wideningHandOff } from './widening-hand-off.ts'
import { withoutProof } from './without-proof.ts'

/** The seven stories of the bundled estate, in the order of their numbers. */
export const DEMO_STORIES: readonly Story[] = [
  approvalThenMore,
  connectorInTheShadow,
  tokenThatStays,
  containedKey,
  secretToProd,
  wideningHandOff,
  steeredExport,
]

/** One or more for every detector, in the order of their numbers. */
export const STORIES_OF_ALL: readonly Story[] = [
  ...DEMO_STORIES,
  otherWayRound,
  doneByAnother,
  auditSwitchedOff,
  ownApproval,
  customersToAStranger,
  gatheredSecrets,
  tokenInOtherHands,
  authorityLeftBehind,
  withoutProof,
  silentAtWork,
  farReachingConsent,
  growingGrant,
  fasterThanAnybody,
  offItsPath,
]

export { innocentOwners }
