import {
  cite,
  clock,
  type DetectorCases,
  defineDetector,
  type Millis,
  quiet,
  refTo,
  sighted,
  story,
  z,
} from 'catenary/detector'

/** How many things left in the night. One number, however long the chain grows. */
interface State {
  readonly sent: number
}

const hourOf = (at: Millis): number => new Date(at).getUTCHours()

export const detector = defineDetector({
  id: 'night-export',
  version: 1,
  about: {
    title: 'Data left the company in the night',
    severity: 'medium',
    maturity: 'incubating',
    why: 'Nobody works between ten and five; what an agent sends out then, nobody asked for.',
    misses: ['sending by day', 'a destination that no event marks as external'],
    respond: ['Ask who started the workflow, and look at what was sent.'],
    needs: ['tool_call.destination'],
    references: [],
    frameworks: ['ASI02'],
  },
  reads: ['chain'],
  wants: ['tool_call'],
  options: z.strictObject({
    /** Hours of the day, UTC: from this one on … */
    from: z.int().min(0).max(23).default(22),
    /** … to before this one. */
    to: z.int().min(0).max(23).default(5),
  }),
  init: (): State => ({ sent: 0 }),
  fold(state, step, { from, to }) {
    const { event } = step
    if (event.kind !== 'tool_call' || event.outcome !== 'success') return quiet(state)
    if (event.tool_call.destination?.external !== true) return quiet(state)
    const hour = hourOf(event.at)
    const isNight = from <= to ? hour >= from && hour < to : hour >= from || hour < to
    if (!isNight) return quiet(state)
    const next = { sent: state.sent + 1 }
    return sighted(next, {
      key: 'night',
      summary: `${next.sent === 1 ? 'Something was' : `${next.sent} things were`} sent out at ${hour}:00 UTC`,
      severity: 'medium',
      confidence: 0.8,
      evidence: [cite(refTo(step), 'egress')],
      terms: { sent: next.sent, hour },
    })
  },
})

const clerk = story('wf-1', 'clerk')
const NIGHT = 14 * 3_600 // Cases begin at nine in the morning: this is eleven at night.
const out = { operation: 'send', destination: { id: 'https://files.example', external: true } }
const inside = { operation: 'send', destination: { id: 'ana@acme.example', external: false } }

export const cases: DetectorCases = {
  detector: 'night-export',
  attacks: [
    { name: 'one upload at eleven', harm: 'a', events: [clerk.calls('a', NIGHT, 'files.upload', out)] },
    {
      name: 'begun by day, done by night',
      harm: 'b',
      events: [clerk.start('s', 0), clerk.calls('a', 60, 'crm.read'), clerk.calls('b', NIGHT, 'files.upload', out)],
    },
  ],
  twins: [
    { name: 'the same by day', events: [clerk.calls('a', 60, 'files.upload', out)] },
    { name: 'to a colleague', events: [clerk.calls('a', NIGHT, 'mail.send', inside)] },
    { name: 'refused', events: [{ ...clerk.calls('a', NIGHT, 'files.upload', out), outcome: 'denied' }] },
    { name: 'in the very first hour of the day', events: [clerk.calls('a', 1, 'files.upload', out)], until: clock(60) },
  ],
}
