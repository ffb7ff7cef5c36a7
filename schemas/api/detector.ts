import { z } from 'zod'
import type { AnyDetector } from '../../src/core/index.ts'
import type { FrameworkOf } from '../output.ts'
import { Framework } from './alert.ts'
import { Severity } from './words.ts'

export const Detector = z
  .object({
    type: z.literal('detector'),
    id: z.string(),
    version: z.number().int(),
    title: z.string(),
    severity: Severity.describe('Of its plainest sighting.'),
    maturity: z.enum(['sandbox', 'incubating', 'stable', 'deprecated']),
    why: z.string(),
    misses: z.array(z.string()).describe('What it is known not to see.'),
    respond: z.array(z.string()).describe('What to do when it fires, in order.'),
    needs: z.array(z.string()).describe('Event fields without which it says nothing.'),
    references: z.array(z.string()),
    frameworks: z.array(Framework),
    reads: z.array(z.enum(['chain', 'credential', 'grant', 'agent'])),
    wants: z.array(z.string()).describe('The kinds of event it is shown.'),
    options: z.record(z.string(), z.unknown()).describe('Its options, with their defaults.'),
    options_schema: z.record(z.string(), z.unknown()).nullable().describe('JSON Schema of its options.'),
  })
  .meta({ id: 'Detector' })

export const DetectorList = z.object({ items: z.array(Detector) }).meta({ id: 'DetectorList' })

/** A detector's page as data. */
export function detectorJson(detector: AnyDetector, frameworkOf: FrameworkOf): z.output<typeof Detector> {
  const { id, version, about, reads, wants, options } = detector
  return {
    type: 'detector',
    id,
    version,
    title: about.title,
    severity: about.severity,
    maturity: about.maturity,
    why: about.why,
    misses: [...about.misses],
    respond: [...about.respond],
    needs: [...about.needs],
    references: [...about.references],
    frameworks: about.frameworks.map((one) => frameworkOf(one) ?? { framework: 'unknown', id: one, title: one }),
    reads: [...reads],
    wants: [...wants],
    options: options.parse({}) as Record<string, unknown>,
    options_schema:
      options instanceof z.ZodType
        ? (z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>)
        : null,
  }
}
