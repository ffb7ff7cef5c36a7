import type { HeartbeatEvent } from '../core/index.ts'
import { type Arrived, Placed } from './placed.ts'

/** A heartbeat where the thread of its agent shows it. It is stored as itself, never as a step, and belongs to no chain. */
export const beatOf = (event: HeartbeatEvent, agentId: string, arrived: Arrived): Placed =>
  new Placed(event, { workflowId: `~agent/${agentId}`, grade: 'derived', rule: 'own' }, arrived)
