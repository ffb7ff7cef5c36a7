import { z } from 'zod'
import {
  type AnyDetector,
  type DetectorCases,
  type DetectorEvasions,
  EVENT_KINDS,
  SEVERITIES,
  type Sighting,
} from '../../core/index.ts'

const ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/
const text = z.string().min(1)
const fn = z.custom((value) => typeof value === 'function', { error: 'must be a function' })
const texts = z.array(text)

const About = z.object({
  title: text,
  severity: z.enum(SEVERITIES),
  maturity: z.enum(['sandbox', 'incubating', 'stable', 'deprecated']),
  why: text,
  misses: texts.min(1, { error: 'must name what it does not see; no detector sees everything' }),
  respond: texts.min(1, { error: 'must say what the person who gets the alert should do' }),
  needs: texts,
  references: texts,
  frameworks: texts,
})

const Shape = z.object({
  id: z.string().regex(ID, { error: 'must be a noun phrase in lower case with a hyphen, as secret-to-egress' }),
  version: z.int().positive(),
  about: About,
  reads: z.array(z.enum(['chain', 'credential', 'grant', 'agent'])).min(1),
  wants: z.array(z.enum(EVENT_KINDS)).min(1),
  options: z.custom((value) => typeof (value as { parse?: unknown } | null)?.parse === 'function', {
    error: 'must have a function parse; z.strictObject({}) will do where there are none',
  }),
  init: fn,
  fold: fn,
  due: fn.optional(),
  elapse: fn.optional(),
})

const Case = z.object({
  name: text,
  events: z.array(z.record(z.string(), z.unknown())).min(1),
  until: z.iso.datetime({ offset: true }).optional(),
})
const Attack = Case.extend({ harm: text, minSeverity: z.enum(SEVERITIES).optional() })

const Cases = z.object({
  detector: text,
  attacks: z.array(Attack).min(1, { error: 'must hold an attack at least' }),
  twins: z.array(Case).min(1, { error: 'must hold a harmless twin at least' }),
  evades: z.record(z.string(), z.string()).optional(),
})
const Evasions = z.object({
  detector: text,
  seen: z.array(Attack),
  unseen: z.array(Case.extend({ miss: text })),
})

/** What a file of a detector exports, looked at. */
export interface Exported {
  readonly detector: AnyDetector
  readonly cases: DetectorCases
  readonly evasions: DetectorEvasions | null
}

/** Looks at what a file exports. Gives what is wrong where it is not a detector with its cases. */
export function exportedOf(module: Readonly<Record<string, unknown>>): Exported | readonly string[] {
  const { detector, cases, evasions } = module
  if (detector === undefined) return ['exports no detector; write: export const detector = defineDetector({…})']
  const wrong = mistakesOf('detector', Shape, detector)
  if (wrong.length > 0) return wrong
  const { id, due, elapse } = detector as AnyDetector
  if ((due === undefined) !== (elapse === undefined)) return ['detector: `due` and `elapse` go together; write both']
  if (cases === undefined)
    return ['exports no cases; write: export const cases: DetectorCases = { detector, attacks: […], twins: […] }']
  const more = [
    ...mistakesOf('cases', Cases, cases),
    ...(evasions === undefined ? [] : mistakesOf('evasions', Evasions, evasions)),
  ]
  if (more.length > 0) return more
  const plain = <T>(value: unknown): T => JSON.parse(JSON.stringify(value)) as T
  const exported: Exported = {
    detector: detector as AnyDetector,
    cases: plain(cases),
    evasions: evasions === undefined ? null : plain(evasions),
  }
  const named = [exported.cases, ...(exported.evasions === null ? [] : [exported.evasions])].find(
    (one) => one.detector !== id,
  )
  return named === undefined ? exported : [`has cases of ${named.detector}, but its detector is ${id}`]
}

/** Cases from a file beside a rule; what is wrong with them where they are none. */
export function casesIn(value: unknown): DetectorCases | readonly string[] {
  const wrong = mistakesOf('cases', Cases, value)
  return wrong.length > 0 ? wrong : (value as DetectorCases)
}

function mistakesOf(name: string, schema: z.ZodType, value: unknown): readonly string[] {
  const result = schema.safeParse(value)
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${[name, ...path.map(String)].join('.')}: ${message}`)
}

const MAX_TEXT = 2_000

const SightingShape = z.object({
  key: text.max(256),
  summary: text.max(MAX_TEXT),
  severity: z.enum(SEVERITIES),
  confidence: z.number().min(0).max(1),
  evidence: z
    .array(
      z.object({
        eventId: text,
        stepId: text,
        role: text,
        note: z.string().max(MAX_TEXT),
        grade: z.enum(['reported', 'derived', 'inferred']),
        at: z.number(),
        time: text,
        workflowId: z.string(),
        agentId: z.string().nullable(),
        context: z.boolean().optional(),
      }),
    )
    .min(1, { error: 'must cite a step at least' })
    .max(64),
  terms: z.record(z.string(), z.union([z.string().max(MAX_TEXT), z.number(), z.boolean()])),
  credentialIds: z.array(z.string()).max(64).optional(),
  grantIds: z.array(z.string()).max(64).optional(),
})

/** The sightings as plain values of this world. Throws where one is not what the engine can sign. */
export const sightingsOf = (given: readonly unknown[]): readonly Sighting[] =>
  given.map((one) => {
    const result = SightingShape.safeParse(one)
    if (result.success) return result.data as Sighting
    const [issue] = result.error.issues
    throw new TypeError(`its sighting is not one: ${issue?.path.map(String).join('.')}: ${issue?.message}`)
  })
