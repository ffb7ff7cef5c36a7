import { describe, expect, it } from 'vitest'
import { casesOf } from '../../detectors/cases/index.ts'
import { ALL_DETECTORS, baselinesOf, figuresOf, unitsOf } from '../../src/lab/judge.ts'
import { chainKey, watch } from '../../src/lab/watch.ts'
import { engineParts } from '../../src/main.ts'
import { arrivalsOfEvents } from '../quality/records.ts'

type Told = Readonly<Record<string, unknown>>

/** Events of several cases as one stream: each with ids, workflows and credentials of its own. */
function together(...cases: readonly (readonly Told[])[]): readonly Told[] {
  return cases.flatMap((events, i) =>
    events.map((event) => {
      const workflow = event['workflow_id']
      return {
        ...event,
        id: `${i}-${String(event['id'])}`,
        tenant: `company-${i}`,
        ...(workflow === undefined ? {} : { workflow_id: `${i}-${String(workflow)}` }),
      }
    }),
  )
}

const cases = casesOf('deny-then-pivot')
const [attack, other] = cases?.attacks ?? []
const twin = cases?.twins[0]
if (attack === undefined || other === undefined || twin === undefined) throw new Error('deny-then-pivot has no cases')
const chainsOf = (i: number, events: readonly Told[]): readonly string[] => [
  ...new Set(events.map((event) => chainKey(`company-${i}`, `${i}-${String(event['workflow_id'])}`))),
]

describe('what was found beside what is true', () => {
  const stream = together(attack.events, other.events, twin.events)
  const known = {
    attacks: [{ name: 'pivot', chains: chainsOf(0, attack.events), harm: `0-${attack.harm}` }],
    resisted: new Set(chainsOf(1, other.events)),
  }

  it('counts an attack as found, in time, with the steps that went by', async () => {
    const units = unitsOf(await watch(arrivalsOfEvents(stream, 'test'), engineParts()), known)
    const figures = figuresOf('deny-then-pivot', units)
    expect(figures.recall).toMatchObject({ hits: 1, of: 1 })
    expect(figures.inTime).toMatchObject({ hits: 1, of: 1 })
    expect(figures.delays).toEqual([0])
    expect(figures.benign.hits).toBe(0)
    expect(figures.benign.of).toBeGreaterThan(0)
  })

  it('holds an alert on a resisted attack against precision', async () => {
    const units = unitsOf(await watch(arrivalsOfEvents(stream, 'test'), engineParts()), known)
    const { resisted, precision } = figuresOf(ALL_DETECTORS, units)
    expect(resisted).toMatchObject({ hits: 1, of: 1 })
    expect(precision).toMatchObject({ hits: 1, of: 2 })
  })

  it('counts an alert beyond every attack on its own chain, and an attack without one as missed', async () => {
    const seen = await watch(arrivalsOfEvents(stream, 'test'), engineParts())
    const units = unitsOf(seen, { attacks: [{ name: 'nothing happened', chains: chainsOf(2, twin.events) }] })
    const { recall, benign } = figuresOf(ALL_DETECTORS, units)
    expect(recall).toMatchObject({ hits: 0, of: 1 })
    expect(benign).toMatchObject({ hits: 2, of: 2 })
  })

  it('sets baselines beside it: all there is, the best length, any denied call', async () => {
    const seen = await watch(arrivalsOfEvents(stream, 'test'), engineParts())
    const [everything, length, denied] = baselinesOf(unitsOf(seen, { attacks: known.attacks }))
    expect(everything?.recall.value).toBe(1)
    expect(everything?.benign.value).toBe(1)
    expect(length?.by).toMatch(/^baseline: \d+ steps or more$/)
    expect(denied?.recall).toMatchObject({ hits: 1, of: 1 })
  })
})
