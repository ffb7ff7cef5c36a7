/**
 * What a detector of one's own is written with: `import { defineDetector, … } from 'catenary/detector'`. Everything in it is
 * pure. It is all that such a file may import, beside files of its own folder; see `docs/own-detectors.md`.
 */
export { z } from 'zod'
export { clock, story, type Told } from '../detectors/cases/story.ts'
export {
  type About,
  type AgentEvent,
  type Attribution,
  type Authority,
  appended,
  type ContentFacts,
  type Context,
  cite,
  credentialOf,
  type Detector,
  type DetectorCase,
  type DetectorCases,
  type DetectorEvasions,
  defineDetector,
  type Entitlement,
  type EventKind,
  type Evidence,
  type Grade,
  type Grant,
  globMatches,
  type Link,
  labelOf,
  type Millis,
  type Outcome,
  parentCredentialOf,
  quiet,
  refTo,
  type Severity,
  type Sighting,
  type Step,
  type StepRef,
  sighted,
  type TrackKind,
  type Verdict,
} from './core/index.ts'
