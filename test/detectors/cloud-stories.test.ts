import { describe, expect, it } from 'vitest'
import { isLoud } from '../../src/core/index.ts'
import { cloudtrail } from '../../src/importers/cloudtrail.ts'
import { watch } from '../../src/lab/watch.ts'
import { engineParts } from '../../src/main.ts'
import { type CloudStory, cloudStories } from '../quality/invented/cloud.ts'
import { arrivalsOfEvents } from '../quality/records.ts'

const isAlerted = async ({ name, records }: CloudStory): Promise<boolean> => {
  const values = records.flatMap((record, i) =>
    cloudtrail
      .convert(record, { file: name, line: i + 1, tenant: 'default' })
      .flatMap((one) => (one.ok ? [one.value] : [])),
  )
  const { alerts } = await watch(arrivalsOfEvents(values, name), engineParts())
  return alerts.some(({ alert }) => isLoud(alert))
}

describe('CloudTrail records', () => {
  it.each(cloudStories.filter(({ truth }) => truth === 'attack'))('of an attack are alerted: $name', async (story) => {
    expect(await isAlerted(story)).toBe(story.misses === undefined)
  })

  it.each(cloudStories.filter(({ truth }) => truth === 'benign'))(
    'of everyday work are quiet: $name',
    async (story) => {
      expect(await isAlerted(story)).toBe(false)
    },
  )
})
