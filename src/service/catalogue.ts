import type { Logger } from 'pino'
import { casesOf } from '../../detectors/cases/index.ts'
import { evasionsOf } from '../../detectors/evasions/index.ts'
import { detectors as builtIn } from '../../detectors/index.ts'
import type { Aside } from '../adapters/own-detectors/guard.ts'
import { loadFolder } from '../adapters/own-detectors/load.ts'
import type { OwnDetector } from '../adapters/own-detectors/own-detector.ts'
import type { Config } from '../config/index.ts'
import { type AnyDetector, CatenaryError, type DetectorCases, type DetectorEvasions } from '../core/index.ts'
import type { LawResult } from '../lab/laws.ts'

/** Every detector there is: those that come with the program, then those of the operator's folder, by id. */
export interface Catalogue {
  readonly detectors: readonly AnyDetector[]
  casesOf(id: string): DetectorCases | null
  evasionsOf(id: string): DetectorEvasions | null
  /** How a detector of the folder kept the laws when it was loaded; those that come along are tested elsewhere. */
  lawsOf(id: string): readonly LawResult[]
  /** Where it stands in the folder; null for one that comes along. */
  fileOf(id: string): string | null
  /** Those that no longer run, and why. */
  aside(): readonly Aside[]
  /** Tells of each that is set aside, once: those that are by now, then each when it is. */
  watch(listener: (aside: Aside) => void): void
}

/** The detectors that come with the program. */
export const BUILT_IN: Catalogue = {
  detectors: builtIn,
  casesOf,
  evasionsOf,
  lawsOf: () => [],
  fileOf: () => null,
  aside: () => [],
  watch: () => undefined,
}

/** Loads the operator's folder where one is set. Throws one `CAT_CONFIG` with everything in it that cannot be a detector. */
export async function loadCatalogue({ ownDetectors }: Pick<Config, 'ownDetectors'>): Promise<Catalogue> {
  const { folder, stepMs } = ownDetectors
  if (folder === undefined) return BUILT_IN
  const listeners: ((aside: Aside) => void)[] = []
  const told: Aside[] = []
  const onAside = (aside: Aside): void => {
    told.push(aside)
    for (const listener of listeners) listener(aside)
  }
  const own = (await loadFolder(folder, { stepMs, onAside })).toSorted((a, b) =>
    a.detector.id < b.detector.id ? -1 : 1,
  )
  refuseClashes(own)
  const find = (id: string): OwnDetector | undefined => own.find(({ detector }) => detector.id === id)
  return {
    detectors: [...builtIn, ...own.map(({ detector }) => detector)],
    casesOf: (id) => find(id)?.cases ?? casesOf(id),
    evasionsOf: (id) => find(id)?.evasions ?? evasionsOf(id),
    lawsOf: (id) => find(id)?.laws ?? [],
    fileOf: (id) => find(id)?.file ?? null,
    aside: () => own.flatMap(({ aside }) => aside() ?? []),
    watch(listener) {
      for (const aside of told) listener(aside)
      listeners.push(listener)
    },
  }
}

/** Says in the log which detectors are set aside, now and later. */
export const logAside = (catalogue: Catalogue, logger: Logger): void =>
  catalogue.watch(({ detector, reason, detail }) => logger.error({ detector, reason, detail }, 'detector set aside'))

function refuseClashes(own: readonly OwnDetector[]): void {
  const taken = new Map(builtIn.map(({ id }) => [id, 'a detector that comes with Catenary']))
  const clashes = own.flatMap(({ file, detector: { id } }) => {
    const other = taken.get(id)
    taken.set(id, file)
    return other === undefined ? [] : [`${file}: its id ${id} is taken by ${other}; choose another`]
  })
  if (clashes.length > 0) throw new CatenaryError('CAT_CONFIG', clashes.join('\n'))
}
