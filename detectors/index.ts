import type { AnyDetector } from '../src/core/index.ts'
import { approvalDrift } from './approval-drift.ts'
import { credentialOutlivesTask } from './credential-outlives-task.ts'
import { lateralMovement } from './lateral-movement.ts'
import { privilegePersistence } from './privilege-persistence.ts'
import { scopeExpansion } from './scope-expansion.ts'
import { secretHarvest } from './secret-harvest.ts'
import { taintedAction } from './tainted-action.ts'

/** Every detector, sorted by id: the only registry. */
export const detectors: readonly AnyDetector[] = [
  approvalDrift,
  credentialOutlivesTask,
  lateralMovement,
  privilegePersistence,
  scopeExpansion,
  secretHarvest,
  taintedAction,
]
