import type { CommandNode, OptionNode } from './command-tree.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** A script that completes the program's lines in a shell. */
export const completionScript = (shell: Shell, tree: readonly CommandNode[]): string =>
  ({ bash: bashScript, zsh: zshScript, fish: fishScript })[shell](tree)

/** Quoted for any of the three: a quotation mark ends the text, is given, and begins it again. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const words = (all: readonly string[]): string => quoted(all.join(' '))

/** Options that are followed by a value, by command; an option of a value that may be left out is not. */
const valued = ({ options }: CommandNode): readonly OptionNode[] => options.filter(({ takes }) => takes === 'value')

const patterns = (flags: readonly string[]): string => flags.join('|')

function bashScript(tree: readonly CommandNode[]): string {
  const cases = tree.map((node) => {
    const { path, options, subcommands, choices } = node
    const values = valued(node).map(({ flags, choices: some, files }) => {
      const how = some.length > 0 ? `words ${words(some)}` : files === null ? 'nothing' : files
      return `        ${patterns(flags)}) _catenary_${how}; return;;`
    })
    const offered = [...subcommands.map(({ name }) => name), ...choices]
    return `    ${quoted(path)})
      case "$prev" in
${values.join('\n')}
      esac
      if [[ "$cur" == -* ]]; then _catenary_words ${words(options.flatMap(({ flags }) => flags))}
      else ${offered.length > 0 ? `_catenary_words ${words(offered)}` : '_catenary_files'}; fi;;`
  })
  return `# Completes the lines of catenary in bash. In ~/.bashrc: source <(catenary completion bash)
_catenary_words() { local IFS=$' \\t\\n'; COMPREPLY=( $(compgen -W "$1" -- "$cur") ); }
_catenary_files() { compopt -o filenames 2>/dev/null; COMPREPLY=( $(compgen -f -- "$cur") ); }
_catenary_folders() { compopt -o filenames 2>/dev/null; COMPREPLY=( $(compgen -d -- "$cur") ); }
_catenary_nothing() { COMPREPLY=(); }
_catenary() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path='' word i
  # Bash takes --option=value for three words.
  if [[ "$cur" == = ]]; then cur=''
  elif [[ "$prev" == = ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for (( i=1; i < COMP_CWORD; i++ )); do
    word="\${path:+$path }\${COMP_WORDS[i]}"
    case "$word" in
      ${tree
        .filter(({ path }) => path !== '')
        .map(({ path }) => quoted(path))
        .join('|')}) path="$word";;
    esac
  done
  local IFS=$'\\n'
  case "$path" in
${cases.join('\n')}
  esac
}
complete -F _catenary catenary
`
}

/** Of an argument of \`_describe\`: what it is, a colon, what it does. */
const described = (name: string, about: string): string => quoted(`${name.replaceAll(':', '\\:')}:${about}`)

function zshScript(tree: readonly CommandNode[]): string {
  const cases = tree.map((node) => {
    const { path, options, subcommands, choices } = node
    const values = valued(node).map(({ flags, choices: some, files }) => {
      const how =
        some.length > 0
          ? `compadd -- ${some.map(quoted).join(' ')}`
          : files === null
            ? ':'
            : files === 'files'
              ? '_files'
              : '_files -/'
      return `        ${patterns(flags)}) ${how}; return;;`
    })
    const flags = options.flatMap((option) => option.flags.map((flag) => described(flag, option.about)))
    const offered = [...subcommands.map(({ name, about }) => described(name, about)), ...choices.map(quoted)]
    return `    ${quoted(path)})
      case "$prev" in
${values.join('\n')}
      esac
      if [[ "$cur" == -* ]]; then items=(${flags.join(' ')}); _describe option items
      else ${offered.length > 0 ? `items=(${offered.join(' ')}); _describe command items` : '_files'}; fi;;`
  })
  return `#compdef catenary
# Completes the lines of catenary in zsh. In ~/.zshrc, after compinit: source <(catenary completion zsh)
_catenary() {
  local cur="\${words[CURRENT]}" prev="\${words[CURRENT-1]}" at='' word i
  local -a items
  for (( i=2; i < CURRENT; i++ )); do
    word="\${at:+$at }\${words[i]}"
    case "$word" in
      ${tree
        .filter(({ path }) => path !== '')
        .map(({ path }) => quoted(path))
        .join('|')}) at="$word";;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
}
if [[ "\${funcstack[1]}" == _catenary ]]; then _catenary "$@"; else compdef _catenary catenary; fi
`
}

function fishScript(tree: readonly CommandNode[]): string {
  const lines = tree.flatMap((node) => {
    const { path, options, subcommands, choices } = node
    const when = `-n ${quoted(`_catenary_at "${path}"`)}`
    const begins = `complete -c catenary ${when}`
    return [
      ...subcommands.map(({ name, about }) => `${begins} -f -a ${quoted(name)} -d ${quoted(about)}`),
      ...choices.map((choice) => `${begins} -f -a ${quoted(choice)}`),
      ...options.map(({ flags, about, takes, choices: some, files }) => {
        const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
        const value =
          takes !== 'value'
            ? ''
            : some.length > 0
              ? ` -x -a ${words(some)}`
              : files === null
                ? ' -x'
                : files === 'files'
                  ? ' -r -F'
                  : " -x -a '(__fish_complete_directories)'"
        return `${begins} ${names.join(' ')}${value} -d ${quoted(about)}`
      }),
    ]
  })
  const paths = tree.flatMap(({ path }) => (path === '' ? [] : [quoted(path)]))
  return `# Completes the lines of catenary in fish. catenary completion fish > ~/.config/fish/completions/catenary.fish
function _catenary_at
    set -l path ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$path $word")
        if contains -- $next ${paths.join(' ')}
            set path $next
        end
    end
    test "$path" = "$argv[1]"
end
complete -c catenary -e
${lines.join('\n')}
`
}
