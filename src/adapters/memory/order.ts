import type { StepRow } from '../../ports/index.ts'

/** Texts by their UTF-8 bytes, as databases compare them. JavaScript's own `<` goes by UTF-16 units and differs on emoji. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const difference = rankOf(a.charCodeAt(i)) - rankOf(b.charCodeAt(i))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Halves of surrogate pairs stand for characters above all others. */
const rankOf = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit)

/** Event-time order; equal times by workflow, source and event id. */
export function compareSteps({ step: a }: StepRow, { step: b }: StepRow): number {
  return (
    a.event.at - b.event.at ||
    a.event.ns - b.event.ns ||
    compareText(a.attribution.workflowId, b.attribution.workflowId) ||
    compareText(a.event.source, b.event.source) ||
    compareText(a.event.id, b.event.id)
  )
}
