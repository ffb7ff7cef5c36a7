import type { Command } from 'commander'
import { navigatorLayer } from '../../detectors/navigator.ts'
import { pageOf } from '../../detectors/page.ts'
import { type AnyDetector, CatenaryError } from '../core/index.ts'
import { engineParts } from '../main.ts'
import type { Catalogue } from '../service/catalogue.ts'
import { EXIT, type Io, printable } from './io.ts'
import { mutationCheck } from './mutation-check.ts'
import { scaffoldDetector } from './new-detector.ts'
import { paintFor } from './render.ts'
import { runCases, runEvasions } from './run-cases.ts'
import { type ConfigFlags, catalogueOf, configOf, configOption, withDetectors } from './settings.ts'

/** `catenary detectors list | show | test | new` */
export function addDetectors(program: Command, io: Io, exit: (code: number) => void): void {
  const group = program
    .command('detectors')
    .description('the catalogue of detectors: list, show one, run their cases')
    .exitOverride()
  group
    .command('list')
    .description('one line a detector; those of your own with their file')
    .option('--navigator', 'what they look for in ATT&CK, as a layer for the ATT&CK Navigator (JSON, format 4.5)')
    .action(async (flags: ConfigFlags & { readonly navigator?: boolean }) => {
      const catalogue = await catalogueIn(io, flags)
      if (flags.navigator === true) io.stdout.write(`${JSON.stringify(navigatorLayer(catalogue.detectors), null, 2)}\n`)
      else list(catalogue, io)
      exit(EXIT.done)
    })
  group
    .command('show')
    .description("a detector's page")
    .argument('<id>')
    .action(async (id: string, flags: ConfigFlags) => {
      const catalogue = await catalogueIn(io, flags)
      io.stdout.write(pageOf(detectorOf(id, catalogue)))
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
    .action(async (id: string | undefined, flags: ConfigFlags & { readonly mutate?: boolean }) => {
      const catalogue = await catalogueIn(io, flags)
      const chosen = id === undefined ? catalogue.detectors : [detectorOf(id, catalogue)]
      // Conditions are switched off in the sources of a checkout.
      const ofCheckout = chosen.flatMap((one) => (catalogue.fileOf(one.id) === null ? [one.id] : []))
      exit(flags.mutate === true ? await mutationCheck(ofCheckout) : test(chosen, catalogue, io))
    })
  for (const command of group.commands) withDetectors(command.addOption(configOption()))
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

const catalogueIn = async (io: Io, flags: ConfigFlags): Promise<Catalogue> => catalogueOf(io, configOf(io, flags))

function list({ detectors, fileOf }: Catalogue, io: Io): void {
  for (const { id, about } of detectors) {
    const file = fileOf(id)
    const from = file === null ? '' : ` (${printable(file)})`
    io.stdout.write(
      `${id.padEnd(26)} ${about.severity.padEnd(9)} ${about.maturity.padEnd(11)} ${printable(about.title)}${from}\n`,
    )
  }
}

function detectorOf(id: string, { detectors }: Catalogue): AnyDetector {
  const found = detectors.find((detector) => detector.id === id)
  if (found === undefined)
    throw new CatenaryError('CAT_USAGE', `no detector ${id}; there are ${detectors.map((one) => one.id).join(', ')}`)
  return found
}

/** Prints one line a law, case and evasion. */
function test(chosen: readonly AnyDetector[], catalogue: Catalogue, io: Io): number {
  const paint = paintFor(io)
  const parts = engineParts({}, {}, catalogue.detectors)
  let failed = 0
  for (const { id } of chosen) {
    const cases = catalogue.casesOf(id)
    if (cases === null) throw new CatenaryError('CAT_BUG', `detector ${id} has no cases`)
    const evasions = catalogue.evasionsOf(id)
    const results = [
      ...catalogue.lawsOf(id).map(({ law, problem }) => ({ half: 'law', name: law, problem })),
      ...runCases(cases, parts),
      ...(evasions === null ? [] : runEvasions(evasions, parts)),
    ]
    if (results.length === 0)
      io.stdout.write(`none  ${id}  has no cases; write them beside its rule (docs/own-detectors.md)\n`)
    for (const { half, name, problem } of results) {
      if (problem !== null) failed += 1
      io.stdout.write(
        `${problem === null ? paint.green('pass') : paint.red('FAIL')}  ${id}  ${half}  ${printable(name)}${problem === null ? '' : `\n      ${printable(problem)}`}\n`,
      )
    }
  }
  return failed === 0 ? EXIT.done : EXIT.found
}
