import type { DetectorCases } from '../../src/core/index.ts'
import { cases as approvalDrift } from './approval-drift.ts'
import { cases as confusedDeputy } from './confused-deputy.ts'
import { cases as connectorShadowAccess } from './connector-shadow-access.ts'
import { cases as controlEvasion } from './control-evasion.ts'
import { cases as credentialOutlivesTask } from './credential-outlives-task.ts'
import { cases as credentialReplay } from './credential-replay.ts'
import { cases as delegationWidening } from './delegation-widening.ts'
import { cases as denyThenPivot } from './deny-then-pivot.ts'
import { cases as dutyConflict } from './duty-conflict.ts'
import { cases as exfiltrationPath } from './exfiltration-path.ts'
import { cases as grantCreep } from './grant-creep.ts'
import { cases as lateralMovement } from './lateral-movement.ts'
import { cases as lostSight } from './lost-sight.ts'
import { cases as machineSpeedSpread } from './machine-speed-spread.ts'
import { cases as oauthOverreach } from './oauth-overreach.ts'
import { cases as privilegePersistence } from './privilege-persistence.ts'
import { cases as rarePath } from './rare-path.ts'
import { cases as scopeExpansion } from './scope-expansion.ts'
import { cases as secretHarvest } from './secret-harvest.ts'
import { cases as sharedCredential } from './shared-credential.ts'
import { cases as taintedAction } from './tainted-action.ts'
import { cases as unattestedWorkload } from './unattested-workload.ts'
import { cases as useAfterContainment } from './use-after-containment.ts'

const all: readonly DetectorCases[] = [
  approvalDrift,
  confusedDeputy,
  connectorShadowAccess,
  controlEvasion,
  credentialOutlivesTask,
  credentialReplay,
  delegationWidening,
  denyThenPivot,
  dutyConflict,
  exfiltrationPath,
  grantCreep,
  lateralMovement,
  lostSight,
  machineSpeedSpread,
  oauthOverreach,
  privilegePersistence,
  rarePath,
  scopeExpansion,
  secretHarvest,
  sharedCredential,
  taintedAction,
  unattestedWorkload,
  useAfterContainment,
]

/** The attacks and twins of a detector; null for one that has none. */
export const casesOf = (detector: string): DetectorCases | null =>
  all.find((cases) => cases.detector === detector) ?? null
