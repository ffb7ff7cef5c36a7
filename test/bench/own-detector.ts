import { fileURLToPath } from 'node:url'
import { detectors } from '../../detectors/index.ts'
import { bundleOf, endBundling } from '../../src/adapters/own-detectors/bundle.ts'
import { loadFolder } from '../../src/adapters/own-detectors/load.ts'
import { type AgentEvent, type AnyDetector, NO_AUTHORITY, type Step } from '../../src/core/index.ts'
import * as kit from '../../src/detector-kit.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { createEstate } from '../../src/estate/index.ts'
import { stepsOf } from '../../src/lab/laws.ts'
import { arrivalsOfEvents } from '../quality/records.ts'

/**
 * `npm run bench:own [ROUNDS]`: what the frozen world and the guard cost. One detector of the documentation, run as a foreign
 * one and as it would run built in, by the same engine over the same events, in turns; processor time, median, as a ratio.
 */
const FOLDER = fileURLToPath(new URL('../../../docs/examples/own-detectors/', import.meta.url))
const [rounds = '9'] = process.argv.slice(2)
const FOLD_ROUNDS = 50

async function builtIn(): Promise<AnyDetector> {
  const code = await bundleOf(`${FOLDER}night-export.ts`)
  const module = { exports: {} as { detector?: AnyDetector } }
  // The very same text, as a module of this world.
  new Function('module', 'exports', 'require', code)(module, module.exports, () => kit)
  await endBundling()
  if (module.exports.detector === undefined) throw new Error('the example exports no detector')
  return module.exports.detector
}

function costOf(detectors: readonly AnyDetector[], events: readonly AgentEvent[]): number {
  const engine = createEngine({ detectors })
  const began = process.cpuUsage()
  for (const event of events) engine.accept(event, { origin: null, arrivedAt: event.at })
  engine.finish()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / events.length
}

/** Nanoseconds of processor time a fold, without the engine around it. */
function costOfFold(detector: AnyDetector, steps: readonly Step[]): number {
  const options = detector.options.parse({})
  const context = { track: 'chain', subject: 'wf-1', authority: NO_AUTHORITY } as const
  const began = process.cpuUsage()
  for (let i = 0; i < FOLD_ROUNDS; i += 1) {
    let state = detector.init()
    for (const step of steps) state = detector.fold(state, step, options, context).state
  }
  const { user, system } = process.cpuUsage(began)
  return ((user + system) * 1_000) / (steps.length * FOLD_ROUNDS)
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const loaded = await loadFolder(FOLDER, { stepMs: 1_000, onAside: ({ detail }) => console.error(detail) })
const own = loaded.find(({ detector }) => detector.id === 'night-export')
if (own === undefined) throw new Error('the example was not loaded')
const estate = createEstate({ seed: 7, events: 20_000, startAt: Date.parse('2026-11-02T00:00:00Z'), hours: 72 })
const events = [...arrivalsOfEvents(estate, 'estate')].flatMap((arrival) => (arrival.ok ? [arrival.event] : []))
const native = await builtIn()
const candidates: Readonly<Record<string, readonly AnyDetector[]>> = {
  'built in, alone': [native],
  'own, alone': [own.detector],
  'built in, beside all that come along': [...detectors, native],
  'own, beside all that come along': [...detectors, own.detector],
}
const taken = new Map(Object.keys(candidates).map((name) => [name, [] as number[]]))
for (let round = 0; round < Number(rounds); round += 1)
  for (const [name, all] of Object.entries(candidates)) taken.get(name)?.push(costOf(all, events))
const steps = stepsOf(events.filter(({ kind }) => native.wants.includes(kind)))
const folds = [native, own.detector].map((one) =>
  median(Array.from({ length: Number(rounds) }, () => costOfFold(one, steps))),
)
const micros = Object.keys(candidates).map((name) => median(taken.get(name) ?? []))
Object.keys(candidates).forEach((name, i) => {
  process.stdout.write(`${name.padEnd(44)} ${(micros[i] ?? 0).toFixed(1)} µs an event\n`)
})
const [bareFold = 1, guardedFold = 0] = folds
process.stdout.write(`the fold itself: built in ${bareFold.toFixed(0)} ns, own ${guardedFold.toFixed(0)} ns\n`)
const [bare = 1, guarded = 0, bareOfAll = 1, guardedOfAll = 0] = micros
process.stdout.write(`own ÷ built in, with the engine, alone         ${(guarded / bare).toFixed(2)}\n`)
process.stdout.write(`own ÷ built in, beside all that come along     ${(guardedOfAll / bareOfAll).toFixed(2)}\n`)
