/** What every call of a tool has in common. */
export interface Tool {
  readonly server: string
  readonly operation: string
  readonly scope: string
}

type Row = readonly [name: string, operation: string, scope: string]

const SERVERS: Readonly<Record<string, readonly Row[]>> = {
  'urn:mcp:helpdesk': [
    ['tickets.search', 'search', 'tickets:read'],
    ['tickets.read', 'read', 'tickets:read'],
    ['tickets.update', 'update', 'tickets:write'],
    ['tickets.reply', 'send', 'tickets:write'],
    ['tickets.create', 'create', 'tickets:write'],
    ['kb.search', 'search', 'kb:read'],
  ],
  'urn:mcp:mail': [
    ['mail.search', 'search', 'mailbox:read'],
    ['mail.read', 'read', 'mailbox:read'],
    ['mail.send', 'send', 'mailbox:send'],
  ],
  'urn:mcp:crm': [
    ['crm.search_contacts', 'search', 'contacts:read'],
    ['crm.read_customer', 'read', 'customers:read'],
    ['crm.update_contact', 'update', 'contacts:write'],
    ['crm.sync_contacts', 'list', 'contacts:read'],
    ['crm.export_customers', 'read', 'customers:read'],
  ],
  'urn:mcp:erp': [
    ['erp.search_invoices', 'search', 'invoices:read'],
    ['erp.read_invoice', 'read', 'invoices:read'],
    ['erp.post_match', 'update', 'invoices:write'],
    ['bank.list_payments', 'list', 'payments:read'],
    ['payments.release', 'execute', 'payments:release'],
    ['suppliers.read', 'read', 'suppliers:read'],
    ['suppliers.update_bank', 'update', 'suppliers:write'],
  ],
  'urn:mcp:git': [
    ['git.search', 'search', 'code:read'],
    ['git.read_file', 'read', 'code:read'],
    ['git.commit', 'create', 'code:write'],
    ['git.open_pull_request', 'create', 'code:write'],
    ['tests.run', 'execute', 'ci:run'],
    ['ci.status', 'read', 'ci:read'],
  ],
  'urn:mcp:delivery': [
    ['registry.read_image', 'read', 'images:read'],
    ['deploy.plan', 'read', 'deploy:read'],
    ['deploy.apply', 'execute', 'deploy:write'],
    ['deploy.verify', 'read', 'deploy:read'],
  ],
  'urn:mcp:vault': [
    ['vault.read', 'read', 'secrets:read'],
    ['vault.rotate', 'update', 'secrets:rotate'],
    ['vault.list', 'list', 'secrets:read'],
  ],
  'urn:mcp:people': [
    ['hris.read_employee', 'read', 'employees:read'],
    ['directory.create_user', 'create', 'directory:write'],
    ['directory.add_to_group', 'update', 'directory:write'],
    ['laptop.order', 'create', 'assets:write'],
    ['iam.create_access_key', 'create', 'iam:write'],
    ['hris.read_plan', 'read', 'employees:read'],
  ],
  'urn:mcp:web': [
    ['web.search', 'search', 'web:read'],
    ['web.fetch', 'read', 'web:read'],
    ['enrich.lookup', 'search', 'web:read'],
  ],
  'urn:mcp:docs': [
    ['docs.search', 'search', 'docs:read'],
    ['docs.read', 'read', 'docs:read'],
    ['docs.write', 'update', 'docs:write'],
    ['files.read', 'read', 'files:read'],
    ['files.list_changes', 'list', 'files:read'],
    ['meetings.read_transcript', 'read', 'meetings:read'],
    ['tasks.create', 'create', 'tasks:write'],
    ['contracts.read', 'read', 'contracts:read'],
    ['contracts.comment', 'update', 'contracts:write'],
  ],
  'urn:mcp:data': [
    ['warehouse.describe', 'list', 'warehouse:read'],
    ['warehouse.query', 'read', 'warehouse:read'],
    ['dashboards.publish', 'update', 'dashboards:write'],
  ],
  'urn:mcp:operations': [
    ['monitor.read_alerts', 'read', 'monitor:read'],
    ['metrics.query', 'read', 'metrics:read'],
    ['logs.search', 'search', 'logs:read'],
    ['runbook.read', 'read', 'runbooks:read'],
    ['cluster.restart', 'execute', 'cluster:operate'],
    ['cluster.exec', 'execute', 'cluster:admin'],
    ['database.dump', 'read', 'database:admin'],
    ['incident.update', 'update', 'incidents:write'],
    ['gateway.create_sink', 'create', 'gateway:admin'],
    ['gateway.delete_sink', 'delete', 'gateway:admin'],
    ['scan.start', 'execute', 'scans:run'],
    ['scan.read_findings', 'read', 'scans:read'],
  ],
  'urn:mcp:calendar': [
    ['calendar.list', 'list', 'calendar:read'],
    ['calendar.find_time', 'search', 'calendar:read'],
    ['calendar.create_event', 'create', 'calendar:write'],
  ],
  'urn:mcp:buying': [
    ['quotes.search', 'search', 'quotes:read'],
    ['quotes.request', 'send', 'quotes:write'],
    ['orders.create', 'create', 'orders:write'],
    ['orders.submit', 'execute', 'orders:submit'],
  ],
}

const TOOLS: ReadonlyMap<string, Tool> = new Map(
  Object.entries(SERVERS).flatMap(([server, rows]) =>
    rows.map(([name, operation, scope]): readonly [string, Tool] => [name, { server, operation, scope }]),
  ),
)

/** The tool of a name. Every name that the estate uses is in the table, which a test of the events shows. */
export const toolOf = (name: string): Tool =>
  TOOLS.get(name) ?? { server: 'urn:mcp:unlisted', operation: 'read', scope: 'unlisted:read' }

/** The scopes that some tools need, each once. */
export const scopesFor = (tools: readonly string[]): readonly string[] => [
  ...new Set(tools.map((name) => toolOf(name).scope)),
]
