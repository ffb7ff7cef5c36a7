import { type Command, Option } from 'commander'
import { frameworkOf } from '../../detectors/frameworks.ts'
import { blastRadius } from '../response/blast-radius.ts'
import { containmentPlan } from '../response/containment.ts'
import type { Dossier } from '../response/gather.ts'
import { reportOn } from '../response/report.ts'
import { reportHtml } from '../response/report-html.ts'
import { reportMarkdown } from '../response/report-markdown.ts'
import { stixBundle } from '../response/stix.ts'
import { EXIT, EXIT_HELP, type Exit, type Io } from './io.ts'
import { withPathSource } from './path-source.ts'
import { withService } from './service-client.ts'
import { withStore } from './settings.ts'
import { dossierOf, type SubjectFlags, timeOf, withSubject } from './subject.ts'
import { writeOut } from './write-out.ts'

const FORMATS = ['markdown', 'html', 'stix'] as const

interface Flags extends SubjectFlags {
  readonly format: (typeof FORMATS)[number]
  readonly out?: string
}

/** `catenary report --alert ID [FILE…]` */
export function addReport(program: Command, io: Io, exit: Exit): void {
  const command = program
    .command('report')
    .summary('write a compromised path down: what was found, the timeline, the reach, what to do')
    .description(
      'Writes the path of a workflow, an agent or a credential down for others to read: what was found, its timeline with the ' +
        'guilty steps marked, what it touched, what it could still use, and what to do in which order. As Markdown, as one HTML ' +
        'page that loads nothing, or as a STIX 2.1 bundle.',
    )
    .argument('[file...]', 'the files that hold it; a service that is named, or the data folder, when there are none')
    .addOption(new Option('--format <name>', 'how to write it').choices(FORMATS).default('markdown'))
    .option('--out <file>', 'write to this file rather than standard output')
  withService(withStore(withSubject(command)))
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => {
      const at = timeOf(flags)
      await withPathSource(files, flags, io, async (source) => {
        await writeOut(flags.out, written(await dossierOf(source, flags), at, flags.format), io)
      })
      exit(EXIT.done)
    })
}

const HELP = `${EXIT_HELP}

Examples
  catenary report --alert 3f9a --data .catenary --format html --out incident.html
  catenary report --agent billing-bot events.ndjson
  catenary report --workflow wf-17 --format stix events.ndjson`

function written(dossier: Dossier, at: number, format: Flags['format']): string {
  const radius = blastRadius(dossier, at)
  const actions = containmentPlan(radius, dossier)
  if (format === 'stix') return `${JSON.stringify(stixBundle(radius, dossier.alerts, actions, frameworkOf), null, 2)}\n`
  const report = reportOn(dossier, radius, actions)
  return format === 'html' ? reportHtml(report) : reportMarkdown(report)
}
