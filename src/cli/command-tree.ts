import type { Argument, Command, Option } from 'commander'

/** What a command takes, as far as completing a line of it goes. */
export interface CommandNode {
  /** The words that lead to it, without the program: `alerts list`; empty for the program. */
  readonly path: string
  readonly about: string
  readonly options: readonly OptionNode[]
  readonly subcommands: readonly { readonly name: string; readonly about: string }[]
  /** What its arguments may be, where that is known. */
  readonly choices: readonly string[]
}

export interface OptionNode {
  /** `--limit`, `-V`. */
  readonly flags: readonly string[]
  readonly about: string
  /** Whether a value follows: always, perhaps, never. */
  readonly takes: 'value' | 'maybe' | 'nothing'
  readonly choices: readonly string[]
  /** What the value is, when it is in the file system. */
  readonly files: 'files' | 'folders' | null
}

/** Every command there is, the program first. */
export function commandTree(program: Command): readonly CommandNode[] {
  return nodesOf(program, '')
}

function nodesOf(command: Command, path: string): readonly CommandNode[] {
  const subcommands = command.commands.filter((one) => one.name() !== 'help')
  return [
    {
      path,
      about: aboutOf(command),
      options: [...command.options.filter(({ hidden }) => !hidden).map(optionNode), HELP],
      subcommands: subcommands.map((one) => ({ name: one.name(), about: aboutOf(one) })),
      choices: command.registeredArguments.flatMap(({ argChoices }: Argument) => argChoices ?? []),
    },
    ...subcommands.flatMap((one) => nodesOf(one, path === '' ? one.name() : `${path} ${one.name()}`)),
  ]
}

/** The first sentence of what a command says of itself. */
const aboutOf = (command: Command): string => firstOf(command.summary() || command.description())
const firstOf = (text: string): string => text.split(/\.\s/)[0]?.replace(/\.$/, '') ?? ''

const HELP: OptionNode = {
  flags: ['--help', '-h'],
  about: 'what the command does',
  takes: 'nothing',
  choices: [],
  files: null,
}

function optionNode({ long, short, description, required, optional, argChoices, flags }: Option): OptionNode {
  return {
    flags: [long, short].flatMap((flag) => flag ?? []),
    about: firstOf(description),
    takes: required ? 'value' : optional ? 'maybe' : 'nothing',
    choices: argChoices ?? [],
    files: /<(dir|folder)>/.test(flags) ? 'folders' : /<file>|<path>/.test(flags) ? 'files' : null,
  }
}
