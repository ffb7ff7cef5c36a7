import type { AnyDetector } from '../src/core/index.ts'
import { coverageOf } from './frameworks.ts'

/**
 * What the detectors see of ATT&CK, as a layer of the ATT&CK Navigator, format 4.5. A technique's score is the number of
 * detectors that look for it; its comment names them.
 */
export function navigatorLayer(detectors: readonly AnyDetector[]) {
  const attack = coverageOf(detectors).find(({ framework }) => framework === 'mitre-attack')
  const seen = (attack?.entries ?? []).filter((one) => one.detectors.length > 0)
  return {
    name: 'Catenary',
    versions: { attack: attack?.version ?? '', navigator: '5.2.0', layer: '4.5' },
    domain: 'enterprise-attack',
    description: `What ${detectors.length} detectors of Catenary look for. The score is how many look for the technique.`,
    sorting: 3,
    layout: { layout: 'side', showID: true, showName: true, expandedSubtechniques: 'annotated' },
    techniques: seen.map(({ id, detectors: names }) => ({
      techniqueID: id,
      score: names.length,
      comment: names.join(', '),
      enabled: true,
    })),
    gradient: {
      colors: ['#cfe8f3', '#0a4c6a'],
      minValue: 0,
      maxValue: Math.max(1, ...seen.map((one) => one.detectors.length)),
    },
  }
}
