import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { coverageOf } from '../../detectors/frameworks.ts'
import { detectors } from '../../detectors/index.ts'
import { navigatorLayer } from '../../detectors/navigator.ts'

const frameworks = coverageOf(detectors)

/** Of these every entry is listed, seen or not. */
const WHOLE = { 'owasp-agentic': 10, 'owasp-nhi': 10, 'csa-maestro': 7, 'nist-ai-rmf': 4 }

describe.each(frameworks.map((one) => [one.framework, one.entries] as const))('%s', (framework, entries) => {
  it('says of each entry by which detectors it is seen, or why by none', () => {
    const untold = entries.filter(({ detectors: seenBy, reason }) => seenBy.length > 0 === (reason !== null))
    expect(untold.map(({ id }) => id)).toEqual([])
  })

  it('is listed whole where it is short', () => {
    const count = (WHOLE as Readonly<Record<string, number>>)[framework]
    if (count === undefined) expect(entries.every(({ reason }) => reason === null)).toBe(true)
    else expect(entries).toHaveLength(count)
  })
})

describe('every detector', () => {
  it.each(detectors.map(({ id }) => [id] as const))('%s names an OWASP entry, a layer and a function', (id) => {
    const named = frameworks.filter(({ entries }) => entries.some((one) => one.detectors.includes(id)))
    expect(named.map(({ framework }) => framework)).toEqual(
      expect.arrayContaining(['owasp-agentic', 'csa-maestro', 'nist-ai-rmf']),
    )
  })
})

/** The ATT&CK Navigator's layer format 4.5 as published, of what a layer of ours may hold. */
const Layer = z.strictObject({
  name: z.string().min(1),
  versions: z.strictObject({
    attack: z.string().regex(/^\d+$/),
    navigator: z.string().regex(/^(?:4\.9|4\.\d\d+|[5-9]\.\d+)\.\d+$/),
    layer: z.literal('4.5'),
  }),
  domain: z.enum(['enterprise-attack', 'mobile-attack', 'ics-attack']),
  description: z.string(),
  sorting: z.int().min(0).max(3),
  layout: z.strictObject({
    layout: z.enum(['side', 'flat', 'mini']),
    showID: z.boolean(),
    showName: z.boolean(),
    expandedSubtechniques: z.enum(['none', 'all', 'annotated']),
  }),
  techniques: z.array(
    z.strictObject({
      techniqueID: z.string().regex(/^T\d{4}(?:\.\d{3})?$/),
      score: z.number(),
      comment: z.string(),
      enabled: z.boolean(),
    }),
  ),
  gradient: z
    .strictObject({
      colors: z.array(z.string().regex(/^#[0-9a-f]{6}$/)).min(2),
      minValue: z.number(),
      maxValue: z.number(),
    })
    .refine(({ minValue, maxValue }) => maxValue > minValue),
})

describe('the layer for the ATT&CK Navigator', () => {
  const layer = navigatorLayer(detectors)

  it('has the published shape', () => {
    expect(Layer.parse(layer)).toEqual(layer)
  })

  it('has every technique that a detector names once, with the names of those detectors', () => {
    const named = new Set(detectors.flatMap(({ about }) => about.frameworks.filter((one) => /^T\d/.test(one))))
    expect(layer.techniques.map(({ techniqueID }) => techniqueID).sort()).toEqual([...named].sort())
    const stolen = layer.techniques.find(({ techniqueID }) => techniqueID === 'T1555.006')
    expect(stolen).toMatchObject({ score: 1, comment: 'secret-harvest' })
  })
})
