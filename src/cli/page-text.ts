import { printable } from './io.ts'
import type { Paint } from './render.ts'

type Value = string | number | boolean | null | readonly string[]

const MOST = 20

/** Named values, one a line, safe to print; what is null or empty is left out. */
export function fieldLines(fields: readonly (readonly [name: string, value: Value])[]): string {
  const told = fields.filter(
    ([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
  )
  const width = Math.max(0, ...told.map(([name]) => name.length))
  return told.map(([name, value]) => `  ${name.padEnd(width)}  ${valueText(value)}\n`).join('')
}

function valueText(value: Value): string {
  if (typeof value !== 'object' || value === null) return printable(String(value))
  const more = value.length > MOST ? ` and ${value.length - MOST} more` : ''
  return `${value.slice(0, MOST).map(printable).join(', ')}${more}`
}

/** A titled list; empty for none. */
export const section = (paint: Paint, title: string, lines: readonly string[], more = ''): string =>
  lines.length === 0 ? '' : `${paint.bold(title)}\n${lines.map((line) => `  ${line}\n`).join('')}${more}`

/** A time as a person reads it: to the second. */
export const clock = (time: string): string => time.replace('T', ' ').replace(/\.\d+/, '')
