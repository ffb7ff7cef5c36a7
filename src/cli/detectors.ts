import type { Command } from 'commander'
import { casesOf } from '../../detectors/cases/index.ts'
import { evasionsOf } from '../../detectors/evasions/index.ts'
import { detectors } from '../../detectors/index.ts'
import { navigatorLayer } from '../../detectors/navigator.ts'
import { pageOf } from '../../detectors/page.ts'
import { type AnyDetector, CatenaryError } from '../core/index.ts'
import { engineParts } from '../main.ts'
import { EXIT, type Io } from './io.ts'
import { mutationCheck } from './mutation-check.ts'
import { scaffoldDetector } from './new-detector.ts'
import { paintFor } from './render.ts'
import { runCases, runEvasions } from './run-cases.ts'

/** `catenary detectors list | show | test | new` */
export function addDetectors(program: Command, io: Io, exit: (code: number) => void): void {
  const group = program
    .command('detectors')
    .description('the catalogue of detectors: list, show one, run their cases')
    .exitOverride()
  group
    .command('list')
    .description('one line a detector')
    .option('--navigator', 'what they look for in ATT&CK, as a layer for the ATT&CK Navigator (JSON, format 4.5)')
    .action(({ navigator }: { navigator?: boolean }) => {
      if (navigator === true) io.stdout.write(`${JSON.stringify(navigatorLayer(detectors), null, 2)}\n`)
      else
        for (const { id, about } of detectors)
          io.stdout.write(`${id.padEnd(26)} ${about.severity.padEnd(9)} ${about.maturity.padEnd(11)} ${about.title}\n`)
      exit(EXIT.done)
    })
  group
    .command('show')
    .description("a detector's page")
    .argument('<id>')
    .action((id: string) => {
      io.stdout.write(pageOf(detectorOf(id)))
      exit(EXIT.done)
    })
  group
    .command('test')
    .description('run the attacks, harmless twins and evasions of one detector, or of all; exit 1 when one fails')
    .argument('[id]')
    .option(
      '--mutate',
      'in a checkout: switch off every condition of the detector in turn, and say which make none of its tests fail (docs/lab.md); minutes for all',
    )
    .action(async (id: string | undefined, { mutate }: { readonly mutate?: boolean }) => {
      const chosen = id === undefined ? detectors : [detectorOf(id)]
      exit(mutate === true ? await mutationCheck(chosen.map((one) => one.id)) : test(chosen, io))
    })
  group
    .command('new')
    .description('write a new detector with attacks and twins, in a checkout, and add it to the lists')
    .argument('<id>', 'what happened, as a noun phrase: secret-to-egress')
    .action((id: string) => {
      for (const file of scaffoldDetector(id, process.cwd())) io.stdout.write(`${file}\n`)
      io.stdout.write(
        `next: npm run docs && npx catenary detectors test ${id}, then make it yours; npm run check before a commit\n`,
      )
      exit(EXIT.done)
    })
}

function detectorOf(id: string): AnyDetector {
  const found = detectors.find((detector) => detector.id === id)
  if (found === undefined)
    throw new CatenaryError('CAT_USAGE', `no detector ${id}; there are ${detectors.map((one) => one.id).join(', ')}`)
  return found
}

function test(chosen: readonly AnyDetector[], io: Io): number {
  const paint = paintFor(io)
  let failed = 0
  for (const { id } of chosen) {
    const cases = casesOf(id)
    if (cases === null) throw new CatenaryError('CAT_BUG', `detector ${id} has no cases`)
    const evasions = evasionsOf(id)
    const parts = engineParts()
    const results = [...runCases(cases, parts), ...(evasions === null ? [] : runEvasions(evasions, parts))]
    for (const { half, name, problem } of results) {
      if (problem !== null) failed += 1
      io.stdout.write(
        `${problem === null ? paint.green('pass') : paint.red('FAIL')}  ${id}  ${half}  ${name}${problem === null ? '' : `\n      ${problem}`}\n`,
      )
    }
  }
  return failed === 0 ? EXIT.done : EXIT.found
}
