import { Argument, type Command } from 'commander'
import { commandTree } from './command-tree.ts'
import { completionScript, SHELLS, type Shell } from './completion-scripts.ts'
import { EXIT, EXIT_HELP, type Exit, type Io } from './io.ts'

/** `catenary completion bash | zsh | fish` */
export function addCompletion(program: Command, io: Io, exit: Exit): void {
  program
    .command('completion')
    .summary('a script that completes commands and options in a shell')
    .description(
      'Prints a script that completes the commands, options and their words, made from those of this version.',
    )
    .addArgument(new Argument('<shell>', 'the shell that is to read it').choices(SHELLS))
    .addHelpText('after', HELP)
    .action((shell: Shell) => {
      io.stdout.write(completionScript(shell, commandTree(program)))
      exit(EXIT.done)
    })
}

const HELP = `${EXIT_HELP}

Examples
  source <(catenary completion bash)      # in ~/.bashrc
  source <(catenary completion zsh)       # in ~/.zshrc, after compinit
  catenary completion fish > ~/.config/fish/completions/catenary.fish`
