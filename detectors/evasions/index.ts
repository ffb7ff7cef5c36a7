import type { DetectorEvasions } from '../../src/core/index.ts'
import { evasions as approvalDrift } from './approval-drift.ts'
import { evasions as confusedDeputy } from './confused-deputy.ts'
import { evasions as connectorShadowAccess } from './connector-shadow-access.ts'
import { evasions as controlEvasion } from './control-evasion.ts'
import { evasions as credentialOutlivesTask } from './credential-outlives-task.ts'
import { evasions as credentialReplay } from './credential-replay.ts'
import { evasions as delegationWidening } from './delegation-widening.ts'
import { evasions as denyThenPivot } from './deny-then-pivot.ts'
import { evasions as dutyConflict } from './duty-conflict.ts'
import { evasions as exfiltrationPath } from './exfiltration-path.ts'
import { evasions as lateralMovement } from './lateral-movement.ts'
import { evasions as machineSpeedSpread } from './machine-speed-spread.ts'
import { evasions as privilegePersistence } from './privilege-persistence.ts'
import { evasions as scopeExpansion } from './scope-expansion.ts'
import { evasions as secretHarvest } from './secret-harvest.ts'
import { evasions as taintedAction } from './tainted-action.ts'
import { evasions as useAfterContainment } from './use-after-containment.ts'

const all: readonly DetectorEvasions[] = [
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
  lateralMovement,
  machineSpeedSpread,
  privilegePersistence,
  scopeExpansion,
  secretHarvest,
  taintedAction,
  useAfterContainment,
]

/** The ways round a detector that were tried; null for one where none was. */
export const evasionsOf = (detector: string): DetectorEvasions | null =>
  all.find((evasions) => evasions.detector === detector) ?? null
