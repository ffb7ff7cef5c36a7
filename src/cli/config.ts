import type { Command } from 'commander'
import { SETTINGS, type Setting, type SettingOrigin, settingValue } from '../config/index.ts'
import { EXIT, EXIT_HELP, type Exit, type Io, printable } from './io.ts'
import { type ConfigFlags, configOf, withStore } from './settings.ts'

interface Flags extends ConfigFlags {
  readonly json?: boolean
}

/** `catenary config` */
export function addConfig(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('config')
    .summary('the settings in force, and where each came from')
    .description(
      'Prints every setting in force and where it came from; secrets are hidden. What each is for and its default stand below. Flags go before environment variables, these ' +
        'before the file, the file before the defaults. The file is JSON: sections of settings, and "detectors" with the ' +
        'options of each by its id, and "destinations", the receivers of alerts (docs/forwarding.md). It is --config, else CATENARY_CONFIG, else catenary.json in the working folder.',
    )
    .option('--json', 'print one JSON object a setting')
  withStore(command)
    .addHelpText('after', () => `${EXIT_HELP}\n\n${SETTINGS_HELP}`)
    .action((flags: Flags) => {
      const { config, origins, file } = configOf(io, flags)
      for (const setting of SETTINGS) {
        tell(setting, settingValue(config, setting), origins.get(setting.name), flags.json === true, io)
      }
      for (const name of ['detectors', 'destinations', 'ssfReceivers'] as const) {
        const value = JSON.stringify(config[name])
        io.stdout.write(flags.json === true ? `{"name":"${name}","value":${value}}\n` : `${name.padEnd(26)} ${value}\n`)
      }
      if (flags.json !== true) io.stdout.write(file === null ? 'no file was read\n' : `read ${printable(file)}\n`)
      exit(EXIT.done)
    })
}

const helpOf = ({ variable, default: value, about }: Setting): string =>
  `  ${variable.padEnd(30)} ${String(value ?? '(none)').padEnd(10)}  ${about}`

/** Every setting by its variable; in the file `CATENARY_API__PORT` is `port` in `api`. */
const SETTINGS_HELP = `Settings: variable (CATENARY_API__PORT is {"api": {"port": …}} in the file), default, meaning
${SETTINGS.map(helpOf).join('\n')}`

function tell(
  { name, variable, default: unset, about, isSecret }: Setting,
  value: unknown,
  origin: SettingOrigin | undefined,
  isJson: boolean,
  io: Io,
): void {
  const isSet = value !== undefined && String(value) !== ''
  const shown = isSecret === true && isSet ? '(hidden)' : (value ?? null)
  const from = origin?.from ?? 'default'
  if (isJson) {
    const given_as = origin?.name ?? null
    io.stdout.write(`${JSON.stringify({ name, variable, value: shown, from, given_as, default: unset, about })}\n`)
    return
  }
  const text = isSet ? printable(typeof shown === 'object' ? JSON.stringify(shown) : String(shown)) : '(not set)'
  io.stdout.write(`${name.padEnd(26)} ${text.padEnd(28)} ${from}${from === 'default' ? '' : ` ${origin?.name}`}\n`)
}
