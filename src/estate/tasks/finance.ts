import { type Episode, service } from '../episode.ts'
import { resource } from '../telling.ts'

/** Open invoices are matched against the day's payments. */
export function matchInvoices(episode: Episode): void {
  const { random } = episode
  const firm = episode.firm()
  const work = episode.workflow('invoice-recon', random.chance(0.5) ? {} : { principal: service('scheduler') })
  work.begin({
    task: 'match-invoices',
    trigger: work.principal?.type === 'service' ? 'schedule' : 'human',
    request: `Match the open invoices of ${firm} with what was paid.`,
    tools: ['erp.search_invoices', 'erp.read_invoice', 'erp.post_match', 'bank.list_payments', 'suppliers.read'],
  })
  work.call('erp.search_invoices', {
    on: resource(`erp/invoices/${firm}`, 'invoice', 'finance', 'confidential'),
    args: { supplier: firm, state: 'open' },
    result: { found: random.int(3, 9) },
  })
  work.call('bank.list_payments', {
    on: resource('bank/main/payments', 'payment', 'finance', 'confidential'),
    args: { days: 3 },
    result: { payments: random.int(20, 80) },
  })
  for (let i = random.int(3, 7); i > 0; i -= 1) {
    const invoice = `INV-${random.int(10_000, 99_999)}`
    const on = resource(`erp/invoices/${firm}/${invoice}`, 'invoice', 'finance', 'confidential')
    work.call('erp.read_invoice', { on, args: { invoice }, result: { invoice, total: random.int(90, 9_000) } })
    if (random.chance(0.7)) work.call('erp.post_match', { on, args: { invoice, state: 'matched' } })
  }
  work.finish()
}

/** Something is bought: offers are compared, and a person approves the order. */
export function buySupplies(episode: Episode): void {
  const { random } = episode
  const item = random.pick(['label printers', 'pallets', 'desk lamps', 'packing tape', 'headsets', 'shelf rails'])
  const work = episode.workflow('procurement')
  work.begin({
    task: 'buy-supplies',
    request: `We need ${random.int(5, 60)} ${item}. Get offers and prepare an order.`,
    tools: ['quotes.search', 'quotes.request', 'orders.create', 'suppliers.read'],
  })
  for (let i = random.int(2, 4); i > 0; i -= 1) {
    const firm = episode.firm()
    work.call('suppliers.read', {
      on: resource(`suppliers/${firm}`, 'supplier', 'buying'),
      args: { firm },
      result: { firm },
    })
    work.call('quotes.search', {
      on: resource(`quotes/${firm}`, 'quote', 'buying'),
      args: { item },
      result: { price: random.int(200, 4_000) },
    })
  }
  const order = `PO-${random.int(1_000, 9_999)}`
  const on = resource(`orders/${order}`, 'order', 'buying')
  work.call('orders.create', { on, args: { item, order } })
  work.approves({ tools: ['orders.submit'], resources: [on.id], scopes: ['orders:submit'], max_uses: 1 })
  work.call('orders.submit', { on, args: { order } })
  work.finish()
}

/** A contract is read and its odd clauses are marked. */
export function reviewContract(episode: Episode): void {
  const { random } = episode
  const firm = episode.firm()
  const work = episode.workflow('contract-reviewer')
  work.begin({
    task: 'review-contract',
    request: `Look through the contract with ${firm} and mark what differs from our terms.`,
    tools: ['contracts.read', 'contracts.comment', 'docs.read'],
  })
  const on = resource(`contracts/${firm}`, 'contract', 'legal', 'confidential')
  work.call('docs.read', {
    on: resource('docs/terms', 'document', 'legal'),
    args: { name: 'terms' },
    result: 'Terms of 2026.',
  })
  for (let i = random.int(3, 8); i > 0; i -= 1) {
    const clause = random.int(1, 40)
    work.call('contracts.read', {
      on,
      args: { clause },
      result: `Clause ${clause}: notice of ${random.int(1, 6)} months.`,
    })
    if (random.chance(0.4)) work.call('contracts.comment', { on, args: { clause, note: 'Longer than ours.' } })
  }
  work.finish()
}
