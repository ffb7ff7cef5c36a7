import { readFile } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { detectors } from '../../detectors/index.ts'
import { detectorMistakes } from '../config/detector-settings.ts'
import { type ConfigReading, configError, type FlagValue, readConfig } from '../config/index.ts'
import { type AnyDetector, CatenaryError } from '../core/index.ts'
import type { Limits } from '../engine/parts.ts'
import { type Catalogue, loadCatalogue } from '../service/catalogue.ts'
import { type Io, printable } from './io.ts'

/** The flags of commands that read the configuration. */
export interface ConfigFlags {
  readonly config?: string
  readonly data?: string
  readonly host?: string
  readonly port?: string
  readonly brokers?: string
  readonly detectorsDir?: string
}

const NAMES: Readonly<Record<Exclude<keyof ConfigFlags, 'config'>, string>> = {
  data: 'data.path',
  host: 'api.host',
  port: 'api.port',
  brokers: 'kafka.brokers',
  detectorsDir: 'ownDetectors.folder',
}

export const configOption = (): Option =>
  new Option('--config <file>', 'JSON file of settings (catenary config --help)')
export const dataOption = (about: string): Option => new Option('--data <dir>', about)

export const detectorsOption = (): Option =>
  new Option('--detectors-dir <dir>', 'a folder of detectors of your own as well (CATENARY_OWN_DETECTORS__FOLDER)')

/** Adds `--detectors-dir`. */
export const withDetectors = (command: Command): Command => command.addOption(detectorsOption())

/**
 * The built-in detectors and those of the operator's folder. Throws `CAT_CONFIG` for a folder with something in it that is no
 * detector, and for options that one of them refuses.
 */
export async function judgedCatalogue({ config, file }: ConfigReading): Promise<Catalogue> {
  const catalogue = await loadCatalogue(config)
  const mistakes = detectorMistakes(config.detectors, catalogue.detectors, file ?? 'catenary.json')
  if (mistakes.length > 0) throw configError(mistakes)
  return catalogue
}

/** The same for a command that prints: what is set aside is told on standard error. */
export async function catalogueOf(io: Io, reading: ConfigReading): Promise<Catalogue> {
  const catalogue = await judgedCatalogue(reading)
  catalogue.watch(({ detector, detail }) =>
    io.stderr.write(`catenary: detector ${detector} is set aside: ${printable(detail)}\n`),
  )
  return catalogue
}

/** Adds `--config` and `--data`. */
export const withStore = (command: Command, about = 'the data folder (CATENARY_DATA__PATH)'): Command =>
  command.addOption(dataOption(about)).addOption(configOption())

/** The configuration that a command's flags, the environment and the file amount to. Throws `CAT_CONFIG`. */
export function configOf(io: Io, flags: ConfigFlags): ConfigReading {
  const given: Record<string, FlagValue> = {}
  for (const [flag, name] of Object.entries(NAMES)) {
    const value = flags[flag as keyof typeof NAMES]
    if (value !== undefined) given[name] = { flag: `--${flag === 'detectorsDir' ? 'detectors-dir' : flag}`, value }
  }
  return readConfig({ env: io.env, flags: given, file: flags.config, detectors })
}

/** The bounds of the engine that an operator may set. */
export const limitsOf = ({ config }: ConfigReading): Partial<Limits> => {
  const { latenessMs, idleMs, skewMs } = config.engine
  return { latenessMs, idleMs, skewMs }
}

/** Detector options of a file that holds nothing else: id → options. Throws `CAT_CONFIG`. */
export async function readDetectorFile(
  file: string,
  known: readonly AnyDetector[],
): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CatenaryError('CAT_CONFIG', `${file}: cannot be read; give a JSON file of detector options`, { cause })
  })
  let options: unknown
  try {
    options = JSON.parse(text)
  } catch (cause) {
    throw new CatenaryError('CAT_CONFIG', `${file}: is not JSON; write detector id → its options`, { cause })
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new CatenaryError('CAT_CONFIG', `${file}: must hold one JSON object: detector id → its options`)
  const mistakes = detectorMistakes(options as Record<string, unknown>, known, file)
  if (mistakes.length > 0) throw configError(mistakes)
  return options as Record<string, unknown>
}
