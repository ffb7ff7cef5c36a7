import type { ContainmentOrder } from '../../schemas/api/containment.ts'
import { DEFAULT_TENANT } from '../../schemas/api/words.ts'
import { CatenaryError } from '../core/index.ts'
import { type ApiClient, pageReader, pagesOf } from '../ports/index.ts'
import { EXIT, type Io, printable } from './io.ts'
import { onlyAlert } from './path-source.ts'
import { type Paint, paintFor } from './render.ts'
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
  return order.steps.some(({ pushes }) => pushes.some(({ verdict }) => verdict === 'failed' || verdict === 'pending'))
    ? EXIT.away
    : EXIT.done
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

/** The targets of an order, in order, with what became of their events. */
export function orderText(
  { action, dry_run, steps }: Pick<ContainmentOrder, 'action' | 'dry_run' | 'steps'>,
  paint: Paint,
): string {
  const lines: string[] = []
  for (const { order, action: todo, target, why, event_type, pushes, watched } of steps) {
    const done = action === 'release' ? 'release' : todo
    lines.push(`${String(order).padStart(2)}. ${paint.bold(done)} ${target.kind} ${printable(target.id)}`)
    lines.push(`    ${printable(why)}`)
    if (event_type === null && action === 'contain') lines.push(paint.yellow('    by hand: no receiver can do it'))
    else if (event_type !== null && pushes.length === 0)
      lines.push(paint.yellow('    by hand: no receiver is set for it (ssfReceivers)'))
    for (const push of pushes) {
      const text = `    ${typeOf(event_type ?? '')} to ${push.receiver}: ${VERDICTS[push.verdict]}${push.why === null ? '' : `: ${printable(push.why)}`}`
      lines.push(PAINTS[push.verdict](paint)(text))
    }
    if (watched && action === 'contain')
      lines.push(paint.dim(`    a use ${dry_run ? 'after it is ordered' : 'after it'} is a critical alert`))
  }
  return lines.map((line) => `${line}\n`).join('')
}

type Verdict = ContainmentOrder['steps'][number]['pushes'][number]['verdict']

const VERDICTS: Readonly<Record<Verdict, string>> = {
  would_push: 'would push',
  delivered: 'delivered',
  pending: 'not taken yet, sent again by itself',
  failed: 'failed',
}
const PAINTS: Readonly<Record<Verdict, (paint: Paint) => (text: string) => string>> = {
  would_push: ({ dim }) => dim,
  delivered: ({ dim }) => dim,
  pending: ({ yellow }) => yellow,
  failed: ({ red }) => red,
}

function print(order: ContainmentOrder, io: Io): void {
  io.stdout.write(orderText(order, paintFor(io)))
  io.stdout.write(
    order.dry_run
      ? 'a dry run: nothing was done; --execute does it\n'
      : `order ${order.id} is given (catenary containments show ${order.id}); it is kept in containment/${order.id}\n`,
  )
}
