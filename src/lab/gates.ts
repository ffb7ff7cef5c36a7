import { CatenaryError } from '../core/index.ts'

const OPERATORS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '>=': (value, limit) => value >= limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '<': (value, limit) => value < limit,
  '=': (value, limit) => value === limit,
}

/** What `--fail-if` may ask for. Shares are from 0 to 1. */
export const GATE_MEASURES = [
  'gained',
  'lost',
  'changed',
  'recall',
  'precision',
  'measured_precision',
  'alerts_per_1000',
  'silent',
  'noisy',
  'never_evaluated',
] as const

export type GateMeasure = (typeof GATE_MEASURES)[number]

export interface Gate {
  readonly text: string
  readonly measure: GateMeasure
  isMet(value: number): boolean
}

/** Reads `lost>0` or `precision<0.9`. Throws `CAT_USAGE` for what is no condition. */
export function gateOf(text: string): Gate {
  const [, name = '', operator = '', number = ''] =
    /^\s*([a-z_0-9]+)\s*(>=|<=|>|<|=)\s*(\d+(?:\.\d+)?)\s*$/.exec(text) ?? []
  const measure = GATE_MEASURES.find((one) => one === name)
  const isMet = OPERATORS[operator]
  if (measure === undefined || isMet === undefined)
    throw new CatenaryError(
      'CAT_USAGE',
      `--fail-if "${text}" is no condition; write one of ${GATE_MEASURES.join(', ')}, then > < >= <= or =, then a number: "lost>0"`,
    )
  return { text, measure, isMet: (value) => isMet(value, Number(number)) }
}
