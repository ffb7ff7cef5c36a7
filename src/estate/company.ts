import { seedOf } from './random.ts'

/** An invented company, Halden Works: its people, its customers and its agents. Only reserved names and addresses. */
export const DOMAIN = 'halden.example'

const GIVEN = ['ana', 'tomas', 'ingrid', 'kofi', 'mei', 'ravi', 'lucia', 'omar', 'freya', 'pavel', 'nadia', 'joao']
const FAMILY = ['ruiz', 'berg', 'okafor', 'lindqvist', 'tanaka', 'moreau', 'novak', 'haddad', 'silva', 'keller']

/** A person as events name them. */
export interface Person {
  readonly type: 'user'
  readonly id: string
  readonly name: string
}

const capital = (word: string): string => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`

/** Everyone who may ask an agent for something: 120 invented people. */
export const PEOPLE: readonly Person[] = GIVEN.flatMap((given) =>
  FAMILY.map(
    (family): Person => ({
      type: 'user',
      id: `${given}.${family}@${DOMAIN}`,
      name: `${capital(given)} ${capital(family)}`,
    }),
  ),
)

/** Customers and suppliers, by the name of their domain. */
export const FIRMS = [
  'brightwater',
  'oakridge',
  'norvik',
  'palmetto',
  'silverbirch',
  'tidewell',
  'kestrel-foods',
  'arcadia-print',
  'bluepine',
  'mossgate',
  'redfern',
  'stonelake',
] as const

export const WORDS = [
  'billing',
  'catalogue',
  'checkout',
  'delivery',
  'forecast',
  'ledger',
  'loyalty',
  'pricing',
  'returns',
  'search',
  'shipping',
  'warehouse',
] as const

/** Each agent of a team, with the model it runs on. */
export const ROLES = {
  'support-triage': 'cobalt-2-mini',
  'invoice-recon': 'cobalt-2',
  'code-assistant': 'fathom-5',
  'release-deployer': 'fathom-5-small',
  'hr-onboarding': 'cobalt-2-mini',
  'crm-enricher': 'cobalt-2-mini',
  'market-researcher': 'fathom-5',
  'data-analyst': 'fathom-5',
  'sre-oncall': 'fathom-5',
  'calendar-assistant': 'cobalt-2-mini',
  procurement: 'cobalt-2',
  'security-scanner': 'fathom-5-small',
  'secret-rotator': 'fathom-5-small',
  'meeting-notes': 'cobalt-2-mini',
  'contract-reviewer': 'cobalt-2',
  'brief-planner': 'fathom-5',
  'brief-writer': 'cobalt-2',
  'report-builder': 'cobalt-2-mini',
} as const

export type Role = keyof typeof ROLES
export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[]

/** An agent as events name it. */
export interface EstateAgent {
  readonly id: string
  readonly workload_id: string
  readonly host: string
  readonly ip: string
}

const TEAMS = ['north', 'south', 'east', 'west', 'coast', 'lakes', 'harbour', 'valley'] as const

/** What a team's agents and systems are marked with; the first team's have no mark. */
export function markOf(team: number): string {
  if (team === 0) return ''
  const round = Math.floor((team - 1) / TEAMS.length)
  return `-${TEAMS[(team - 1) % TEAMS.length] ?? ''}${round === 0 ? '' : round + 1}`
}

const agents = new Map<string, EstateAgent>()

/** The agent of a team that plays a role; `replica` tells its copies apart, which run on hosts of their own. */
export function agentOf(role: Role, team: number, replica = 0): EstateAgent {
  const key = `${role}/${team}/${replica}`
  let agent = agents.get(key)
  if (agent === undefined) {
    const id = `${role}${markOf(team)}${replica === 0 ? '' : `-r${replica}`}`
    const place = seedOf(ROLE_NAMES.indexOf(role), team, replica)
    agent = {
      id,
      workload_id: `spiffe://${DOMAIN}/agents/${id}`,
      host: `node-${(place % 90) + 10}`,
      ip: `192.0.2.${(place % 250) + 2}`,
    }
    agents.set(key, agent)
  }
  return agent
}
