import type { AnyDetector } from '../src/core/index.ts'
import { lateralMovement } from './lateral-movement.ts'
import { privilegePersistence } from './privilege-persistence.ts'
import { secretHarvest } from './secret-harvest.ts'

/** Every detector, sorted by id: the only registry. */
export const detectors: readonly AnyDetector[] = [lateralMovement, privilegePersistence, secretHarvest]
