import { type Command, InvalidArgumentError } from 'commander'

/** Items asked for at once. */
export const PAGE = 500
const FIRST = 50

/** Adds `--limit`: how many items of a list are printed. */
export const limitFlag = (command: Command): Command =>
  command.option('--limit <n>', 'print this many at most, or all', limitOf, FIRST)

function limitOf(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number of at least 1, or all.')
}
