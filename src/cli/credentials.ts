import type { Command } from 'commander'
import type { z } from 'zod'
import type { Credential, Lineage } from '../../schemas/api/credential.ts'
import { CredentialQuery } from '../../schemas/api/query.ts'
import { type Exit, type Io, printable } from './io.ts'
import { clock, fieldLines, section } from './page-text.ts'
import { addResource, type PageParts, type Resource } from './resource.ts'

type Row = z.output<typeof Credential>

/** `catenary credentials list | show` */
export function addCredentials(program: Command, io: Io, exit: Exit): void {
  addResource({ program, io, exit }, CREDENTIALS)
}

const stateOf = ({ revoked_at, expires_at }: Row): string => {
  if (revoked_at !== null) return `revoked ${clock(revoked_at)}`
  if (expires_at === null) return 'no known end'
  return `${Date.parse(expires_at) <= Date.now() ? 'expired' : 'until'} ${clock(expires_at)}`
}

const CREDENTIALS: Resource<Row> = {
  name: 'credentials',
  one: 'a credential',
  about: 'credentials, who holds them and where they came from',
  query: CredentialQuery,
  idOf: ({ id }) => id,
  head: ['credential', 'type', 'agents', 'workflows', 'uses', 'last seen', 'state'],
  row: (credential) => [
    credential.id,
    credential.credential_type ?? '',
    credential.agent_ids.join(', '),
    credential.workflow_ids.length,
    credential.uses,
    clock(credential.last_at),
    stateOf(credential),
  ],
  page: credentialPage,
  examples: `  catenary credentials list --agent billing-bot
  catenary credentials list --since 24h --json | jq -r 'select(.revoked_at == null) | .id'
  catenary credentials show tok-8d1`,
}

async function credentialPage(credential: Row, { paint, ask }: PageParts): Promise<string> {
  const { nodes, truncated } = await ask<z.output<typeof Lineage>>('lineage')
  const tree = treeOf(nodes).map(({ node, depth }) => {
    const line = `${'  '.repeat(depth)}${printable(node.id)}  ${node.parent_grade ?? ''}  ${stateOf(node)}`
    return node.id === credential.id ? paint.bold(line) : line
  })
  return [
    `${paint.bold(`credential ${printable(credential.id)}`)}\n`,
    fieldLines([
      ['tenant', credential.tenant],
      ['type', credential.credential_type],
      ['issuer', credential.issuer],
      ['subject', credential.subject],
      ['state', stateOf(credential)],
      ['uses', credential.uses],
      ['from', clock(credential.first_at)],
      ['to', clock(credential.last_at)],
      ['agents', credential.agent_ids],
      ['workflows', credential.workflow_ids],
      ['scopes', credential.scopes],
    ]),
    nodes.length < 2 ? '' : section(paint, 'lineage', tree, truncated ? '  … there may be more\n' : ''),
  ].join('')
}

/** Each below its parent; one whose parent is not there, and who stands in a circle, begins a tree of its own. */
function treeOf(nodes: readonly Row[]): readonly { readonly node: Row; readonly depth: number }[] {
  const known = new Set(nodes.map(({ id }) => id))
  const children = new Map<string | null, Row[]>()
  for (const node of nodes) {
    const parent = node.parent_id !== null && known.has(node.parent_id) ? node.parent_id : null
    children.set(parent, [...(children.get(parent) ?? []), node])
  }
  const told = new Map<string, { readonly node: Row; readonly depth: number }>()
  const tell = (node: Row, depth: number): void => {
    if (told.has(node.id)) return
    told.set(node.id, { node, depth })
    for (const child of children.get(node.id) ?? []) tell(child, depth + 1)
  }
  for (const node of [...(children.get(null) ?? []), ...nodes]) tell(node, 0)
  return [...told.values()]
}
