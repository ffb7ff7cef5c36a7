import { DOMAIN, markOf, type Role } from './company.ts'
import { type Episode, service } from './episode.ts'
import { isoOf, resource, type Telling } from './telling.ts'

/** An OAuth app that one agent of a team works through, with a grant and a token that last. */
export interface Connector {
  readonly app: string
  readonly role: Role
  readonly tool: string
  /** The first part of what it works on. */
  readonly family: string
  readonly scopes: readonly string[]
  /** How often it synchronises by itself. */
  readonly everyMinutes: number
}

export const CONNECTORS: readonly Connector[] = [
  {
    app: 'Contact Sync',
    role: 'crm-enricher',
    tool: 'crm.sync_contacts',
    family: 'crm/contacts',
    scopes: ['contacts:read', 'contacts:write', 'mailbox:read', 'files:read'],
    everyMinutes: 60,
  },
  {
    app: 'Drive Index',
    role: 'meeting-notes',
    tool: 'files.list_changes',
    family: 'files/shared',
    scopes: ['files:read', 'meetings:read'],
    everyMinutes: 120,
  },
  {
    app: 'Team Calendar',
    role: 'calendar-assistant',
    tool: 'calendar.list',
    family: 'calendar/team',
    scopes: ['calendar:read', 'calendar:write'],
    everyMinutes: 90,
  },
]

const clientOf = (connector: Connector, team: number): string =>
  `app-${connector.app.toLowerCase().replace(' ', '-')}${markOf(team)}`

/** The stable name of a connector's token: its accessor, which refreshing keeps. */
export const tokenOf = (connector: Connector, team: number): string => `${clientOf(connector, team)}-token`

const about = (connector: Connector, team: number) => ({
  client_id: clientOf(connector, team),
  app_name: connector.app,
  publisher: `Halden Apps`,
  publisher_verified: true,
  grant_id: `grant-${clientOf(connector, team)}`,
})

/** What a team's connector does each time it works, in or out of a workflow. Returns the id of the last call. */
export function work(connector: Connector, telling: Telling): string {
  const { random, team } = telling.episode
  const scope = connector.scopes[0] ?? ''
  const credential = tokenOf(connector, team)
  telling.oauth('token_use', {
    ...about(connector, team),
    credential_id: credential,
    scopes: [scope],
    resource_server: connector.family,
  })
  let last = ''
  for (let i = random.int(1, 3); i > 0; i -= 1)
    last = telling.call(connector.tool, {
      on: resource(`${connector.family}/page-${i}`, 'page', 'office'),
      args: { since: isoOf(telling.at - connector.everyMinutes * 60_000) },
      result: { changed: random.int(0, 40) },
      credential,
    })
  return last
}

/** The connectors of a team are consented to by an administrator, and checked once by a workflow of their own each. */
export function openConnectors(episode: Episode): void {
  const admin = episode.person()
  for (const connector of CONNECTORS) {
    const consent = episode.outside(connector.role, episode.at)
    consent.oauth('consent', {
      ...about(connector, episode.team),
      scopes: connector.scopes,
      consent_type: 'admin',
      user: admin.id,
      offline: true,
      redirect_uris: [`https://connect.${DOMAIN}/callback`],
    })
    for (const task of ['check-connector', 'first-import']) {
      const check = episode.workflow(connector.role, { at: consent.at + 60_000, principal: service('connectors') })
      check.begin({ task, trigger: 'event', tools: [connector.tool] })
      work(connector, check)
      check.finish()
    }
  }
}

/** One synchronisation that nobody asked for in particular: a habit of the connector. */
export function synchronise(episode: Episode, connector: Connector): void {
  const telling = episode.outside(connector.role, episode.at)
  if (episode.random.chance(0.3))
    telling.oauth('token_refresh', {
      ...about(connector, episode.team),
      credential_id: tokenOf(connector, episode.team),
      scopes: connector.scopes,
    })
  episode.twin(2, 'a habitual sync', work(connector, telling))
}

/** A token use beyond the connector's habit. */
export function useToken(connector: Connector, telling: Telling, scopes: readonly string[], server: string): string {
  const { team } = telling.episode
  return telling.oauth('token_use', {
    ...about(connector, team),
    credential_id: tokenOf(connector, team),
    scopes,
    resource_server: server,
    client: { ip: '203.0.113.77', user_agent: 'sync-worker/1.4' },
  })
}
