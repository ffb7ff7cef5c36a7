import { type Command, Option } from 'commander'
import { CatenaryError, type Subject } from '../core/index.ts'
import { type Dossier, gather } from '../response/gather.ts'
import { instantOf } from './flags.ts'
import { printable } from './io.ts'
import { alertOf, hintsOf, type PathSource, type SourceFlags, tenantOf } from './path-source.ts'

/** How a command is told whose path it is about. */
export interface SubjectFlags extends SourceFlags {
  readonly alert?: string
  readonly workflow?: string
  readonly agent?: string
  readonly credential?: string
  readonly at?: string
  readonly tenant: string
}

const KINDS = ['workflow', 'agent', 'credential'] as const

/** Adds the options that say whose path: exactly one of them is given. */
export const withSubject = (command: Command): Command =>
  command
    .addOption(new Option('--alert <id>', 'the workflows of this alert: its id, or the start of one'))
    .addOption(new Option('--workflow <id>', 'a workflow and those it started'))
    .addOption(new Option('--agent <id>', 'an agent, through all its workflows'))
    .addOption(new Option('--credential <id>', 'a credential, in anybody’s hands'))
    .option('--tenant <name>', 'whose', 'default')
    .option('--at <time>', 'judge what is live at this time (RFC 3339) rather than now')

/** What is known of the subject that the flags name. Throws `CAT_USAGE` for none, several, and one that is unknown. */
export async function dossierOf(source: PathSource, flags: SubjectFlags): Promise<Dossier> {
  const dossier = await gather(source.reader, await subjectOf(source, flags))
  if (dossier.steps.length > 0) return dossier
  const { kind, tenant, id } = dossier.subject
  const { workflows, agents } = await hintsOf(source, tenant)
  const others = kind === 'agent' ? agents : kind === 'workflow' ? workflows : []
  throw new CatenaryError(
    'CAT_USAGE',
    `no step of ${kind} ${id} of tenant ${tenant} in ${source.name}${others.length === 0 ? '' : `; there are ${others.map(printable).join(', ')}, …`}`,
  )
}

async function subjectOf(source: PathSource, flags: SubjectFlags): Promise<Subject> {
  const given = [...KINDS, 'alert' as const].filter((kind) => flags[kind] !== undefined)
  if (given.length !== 1)
    throw new CatenaryError('CAT_USAGE', 'say whose path: give one of --alert, --workflow, --agent and --credential')
  if (flags.alert !== undefined) {
    const { tenant, id } = await alertOf(source, flags.alert)
    return { kind: 'alert', tenant, id }
  }
  const kind = KINDS.find((one) => flags[one] !== undefined) ?? 'workflow'
  return { kind, tenant: tenantOf(source, flags.tenant), id: flags[kind] ?? '' }
}

/** The time that `--at` names, else now; milliseconds since the epoch. Throws `CAT_USAGE` for a text that is no time. */
export const timeOf = ({ at }: SubjectFlags): number => (at === undefined ? Date.now() : instantOf('--at', at))
