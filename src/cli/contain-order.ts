import type { ContainmentOrder } from '../../schemas/api/containment.ts'
import { DEFAULT_TENANT } from '../../schemas/api/words.ts'
import { CatenaryError } from '../core/index.ts'
import { type ApiClient, pageReader, pagesOf } from '../ports/index.ts'
import { EXIT, type Io, printable } from './io.ts'
import { onlyAlert } from './path-source.ts'
import { paintFor } from './render.ts'
import { type ServiceFlags, withClient } from './service-client.ts'
import type { SubjectFlags } from './subject.ts'

/** What `catenary contain` is told beside whose path it is about. */
export interface OrderFlags extends SubjectFlags, ServiceFlags {
  readonly json?: boolean
  readonly grant?: string
  readonly reason?: string
  readonly execute?: boolean
  readonly only?: boolean
  readonly release?: boolean
}

/** Whether the flags ask the service for an order, rather than for a plan of what is stored. */
export const isOrder = ({ reason, execute, only, release, url, profile, grant }: OrderFlags): boolean =>
  [reason, execute, only, release, url, profile, grant].some((flag) => flag !== undefined)

/**
 * Asks the service that runs to contain, or to release: a dry run unless `--execute`. Throws `CAT_USAGE` for flags that do not
 * go together and for what the service refuses, `CAT_SOURCE_UNAVAILABLE` where none runs.
 */
export async function orderOf(files: readonly string[], flags: OrderFlags, io: Io): Promise<number> {
  const { reason, json } = flags
  if (files.length > 0) throw usage('an order is given to the service that runs; leave the files out')
  if (flags.at !== undefined) throw usage('an order stands from now on; leave --at out')
  if (reason === undefined) throw usage('say why: --reason TEXT; it is kept in the audit log and told to the receivers')
  const order = await withClient(io, flags, async (client, place) => {
    const tenant = flags.tenant === DEFAULT_TENANT ? (place.tenant ?? flags.tenant) : flags.tenant
    const body = {
      ...(await whomOf({ ...flags, tenant }, client)),
      action: flags.release === true ? 'release' : 'contain',
      reason,
      dry_run: flags.execute !== true,
    }
    return (await client.ask({ method: 'POST', path: 'v1/containments', query: { tenant }, body }))
      .body as ContainmentOrder
  })
  if (json === true) io.stdout.write(`${JSON.stringify(order)}\n`)
  else print(order, io)
  return order.steps.some(({ pushes }) => pushes.some(({ verdict }) => verdict === 'failed')) ? EXIT.away : EXIT.done
}

const usage = (text: string): CatenaryError => new CatenaryError('CAT_USAGE', text)

/** The path whose plan it is, or with `--release` and `--only` the thing itself. */
async function whomOf(flags: OrderFlags, client: ApiClient): Promise<object> {
  const named = (['agent', 'credential', 'grant'] as const).filter((kind) => flags[kind] !== undefined)
  const paths = (['alert', 'workflow'] as const).filter((kind) => flags[kind] !== undefined)
  const isOne = flags.release === true || flags.only === true || flags.grant !== undefined
  if (named.length + paths.length !== 1 || (isOne && paths.length > 0))
    throw usage(
      isOne
        ? 'name one thing: --agent, --credential or --grant'
        : 'say whose path: give one of --alert, --workflow, --agent and --credential',
    )
  const kind = [...named, ...paths][0] ?? 'agent'
  const id = flags[kind] ?? ''
  if (isOne) return { targets: [{ kind, id }] }
  return { subject: { kind, id: kind === 'alert' ? await alertIdOf(id, flags.tenant, client) : id } }
}

/** The one alert whose id begins so, as the service lists them. */
async function alertIdOf(start: string, tenant: string, client: ApiClient): Promise<string> {
  const found: string[] = []
  for await (const { items } of pagesOf(pageReader<{ readonly alert_id: string }>(client, 'v1/alerts', { tenant })))
    found.push(...items.flatMap(({ alert_id }) => (alert_id.startsWith(start) ? [alert_id] : [])))
  return onlyAlert(found, start, `the service has no alert ${printable(start)} of tenant ${printable(tenant)}`)
}

const typeOf = (uri: string): string => uri.slice(uri.lastIndexOf('/') + 1)

function print({ id, action, dry_run, steps }: ContainmentOrder, io: Io): void {
  const paint = paintFor(io)
  for (const { order, action: todo, target, why, event_type, pushes, watched } of steps) {
    io.stdout.write(
      `${String(order).padStart(2)}. ${paint.bold(action === 'release' ? 'release' : todo)} ${target.kind} ${printable(target.id)}\n`,
    )
    io.stdout.write(`    ${printable(why)}\n`)
    if (event_type === null && action === 'contain')
      io.stdout.write(paint.yellow('    by hand: no receiver can do it\n'))
    else if (event_type !== null && pushes.length === 0)
      io.stdout.write(paint.yellow('    by hand: no receiver is set for it (ssfReceivers)\n'))
    for (const push of pushes) {
      const text = `    ${typeOf(event_type ?? '')} to ${push.receiver}: ${push.verdict.replace('_', ' ')}${push.why === null ? '' : `: ${printable(push.why)}`}\n`
      io.stdout.write(push.verdict === 'failed' ? paint.red(text) : paint.dim(text))
    }
    if (watched && action === 'contain')
      io.stdout.write(paint.dim(`    a use ${dry_run ? 'after it is ordered' : 'from now on'} is a critical alert\n`))
  }
  io.stdout.write(
    dry_run
      ? 'a dry run: nothing was done; --execute does it\n'
      : `order ${id} is given; it is kept in containment/${id}\n`,
  )
}
