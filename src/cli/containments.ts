import type { Command } from 'commander'
import type { ContainmentOrder } from '../../schemas/api/containment.ts'
import { ContainmentsQuery } from '../../schemas/api/query.ts'
import { orderText } from './contain-order.ts'
import type { Exit, Io } from './io.ts'
import { clock, fieldLines } from './page-text.ts'
import { addResource, type Resource } from './resource.ts'

/** `catenary containments list | show` */
export const addContainments = (program: Command, io: Io, exit: Exit): void =>
  void addResource({ program, io, exit }, CONTAINMENTS)

const CONTAINMENTS: Resource<ContainmentOrder> = {
  name: 'containments',
  one: 'an order',
  about: 'orders of containment and release, and what became of their events',
  query: ContainmentsQuery,
  idOf: ({ id }) => id,
  head: ['ordered', 'action', 'targets', 'events', 'reason', 'by', 'order'],
  row: (order) => [
    clock(order.at),
    order.action,
    targetsText(order),
    eventsText(order),
    order.reason,
    order.by,
    order.id,
  ],
  page: async (order, { paint }) =>
    `${fieldLines([
      ['order', order.id],
      ['action', order.action],
      ['tenant', order.tenant],
      ['ordered', `${clock(order.at)} by ${order.by}`],
      ['reason', order.reason],
      ['kept in', order.workflow_id],
      ['events', eventsText(order)],
    ])}\n${orderText(order, paint)}`,
  examples: `  catenary containments list --agent billing-bot
  catenary containments show 3f2a…`,
}

const SHOWN = 3

function targetsText({ steps }: ContainmentOrder): string {
  const named = steps.slice(0, SHOWN).map(({ target }) => `${target.kind} ${target.id}`)
  return [...named, ...(steps.length > SHOWN ? [`${steps.length - SHOWN} more`] : [])].join(', ')
}

const VERDICTS = ['delivered', 'pending', 'failed'] as const

/** `3 delivered, 1 pending`; `none` where no receiver is told. */
function eventsText({ steps }: ContainmentOrder): string {
  const all = steps.flatMap(({ pushes }) => pushes.map(({ verdict }) => verdict))
  const counts = VERDICTS.map((verdict) => [all.filter((one) => one === verdict).length, verdict] as const)
  const told = counts.flatMap(([count, verdict]) => (count === 0 ? [] : [`${count} ${verdict}`]))
  return told.length === 0 ? 'none' : told.join(', ')
}
