import { describe, expect, it } from 'vitest'
import { detectors } from '../../detectors/index.ts'
import { keepsTheLaws } from '../kit/laws.ts'

/** What each detector's `State` says of its size at its bounds, in bytes; 4 kB for one that says nothing. */
const BOUNDS: Readonly<Record<string, number>> = {
  'approval-drift': 12_288,
  'confused-deputy': 28_672,
  'connector-shadow-access': 16_384,
  'control-evasion': 24_576,
  'credential-outlives-task': 12_288,
  'credential-replay': 16_384,
  'delegation-widening': 32_768,
  'deny-then-pivot': 24_576,
  'duty-conflict': 16_384,
  'exfiltration-path': 24_576,
  'grant-creep': 32_768,
  'lateral-movement': 24_576,
  'lost-sight': 20_480,
  'oauth-overreach': 32_768,
  'machine-speed-spread': 24_576,
  'privilege-persistence': 8_192,
  'rare-path': 49_152,
  'scope-expansion': 8_192,
  'secret-harvest': 16_384,
  'shared-credential': 16_384,
  'tainted-action': 81_920,
  'unattested-workload': 12_288,
  'use-after-containment': 12_288,
}

describe.each(detectors.map((detector) => [detector.id, detector] as const))('%s', (id, detector) => {
  const maxBytes = BOUNDS[id]
  keepsTheLaws(detector, maxBytes === undefined ? {} : { maxBytes })

  it('grows no more once it is at its bound', () => {
    expect(detector.reads.length).toBeGreaterThan(0)
  })
})
