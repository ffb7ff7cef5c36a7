import type { AnyDetector } from '../src/core/index.ts'
import { approvalDrift } from './approval-drift.ts'
import { confusedDeputy } from './confused-deputy.ts'
import { connectorShadowAccess } from './connector-shadow-access.ts'
import { controlEvasion } from './control-evasion.ts'
import { credentialOutlivesTask } from './credential-outlives-task.ts'
import { credentialReplay } from './credential-replay.ts'
import { delegationWidening } from './delegation-widening.ts'
import { denyThenPivot } from './deny-then-pivot.ts'
import { dutyConflict } from './duty-conflict.ts'
import { exfiltrationPath } from './exfiltration-path.ts'
import { grantCreep } from './grant-creep.ts'
import { lateralMovement } from './lateral-movement.ts'
import { lostSight } from './lost-sight.ts'
import { machineSpeedSpread } from './machine-speed-spread.ts'
import { oauthOverreach } from './oauth-overreach.ts'
import { privilegePersistence } from './privilege-persistence.ts'
import { rarePath } from './rare-path.ts'
import { scopeExpansion } from './scope-expansion.ts'
import { secretHarvest } from './secret-harvest.ts'
import { sharedCredential } from './shared-credential.ts'
import { taintedAction } from './tainted-action.ts'
import { unattestedWorkload } from './unattested-workload.ts'
import { useAfterContainment } from './use-after-containment.ts'

/** Every detector, sorted by id: the only registry. */
export const detectors: readonly AnyDetector[] = [
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
