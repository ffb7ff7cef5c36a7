import { AuthorityQuery } from '../../schemas/api/authority.ts'
import {
  AgentQuery,
  AlertQuery,
  ChainQuery,
  CoverageQuery,
  CredentialQuery,
  IncidentQuery,
  OneQuery,
  RadiusQuery,
  SearchQuery,
  StepsQuery,
  WalkQuery,
} from '../../schemas/api/query.ts'
import type { Query } from '../../schemas/api/query-fields.ts'

/** One question that the API answers, as a tool. */
export interface Tool {
  readonly name: string
  readonly title: string
  readonly about: string
  /** The path below the base URL; `{id}` is what is asked about. */
  readonly path: string
  /** What the id is one of: `workflow id`. */
  readonly id?: string
  readonly query?: Query
  /** Of each item, what is handed on; all when left out. */
  readonly only?: readonly string[]
}

const ALERT = 'Alert id, as list_alerts has it.'
const WORKFLOW = 'Workflow id, as list_chains has it.'
const AGENT = 'Agent id, as list_agents has it.'
const CREDENTIAL = 'Credential id, as list_credentials has it.'

/** Nothing here changes anything: each is a GET. */
export const TOOLS: readonly Tool[] = [
  {
    name: 'search',
    title: 'Find names by words',
    about:
      'Tools, resources, agents and credentials whose names have these words somewhere, last seen first, and how many there are of each kind.',
    path: 'v1/search',
    query: SearchQuery,
  },
  {
    name: 'list_alerts',
    title: 'List alerts',
    about: 'Alerts, newest first, each with its evidence, score, what to do first and where people stand with it.',
    path: 'v1/alerts',
    query: AlertQuery,
  },
  {
    name: 'get_alert',
    title: 'One alert',
    about: 'The last revision of an alert.',
    path: 'v1/alerts/{id}',
    id: ALERT,
    query: OneQuery,
  },
  {
    name: 'get_alert_history',
    title: 'History of an alert',
    about: 'Every revision of an alert, and what people did about it.',
    path: 'v1/alerts/{id}/history',
    id: ALERT,
    query: OneQuery,
  },
  {
    name: 'explain_alert',
    title: 'Why an alert was raised',
    about:
      'What held when it was raised, what each piece of evidence carries, and the smallest set without which it falls.',
    path: 'v1/alerts/{id}/explain',
    id: ALERT,
    query: OneQuery,
  },
  {
    name: 'get_containment_plan',
    title: 'What to revoke',
    about:
      'What to stop, revoke and rotate, in order, and what that breaks. Asks for the role analyst. Changes nothing.',
    path: 'v1/alerts/{id}/containment',
    id: ALERT,
    query: RadiusQuery,
  },
  {
    name: 'list_incidents',
    title: 'List incidents',
    about: 'What belongs to one attack over several chains, newest first.',
    path: 'v1/incidents',
    query: IncidentQuery,
  },
  {
    name: 'get_incident',
    title: 'One incident',
    about: 'An incident: its alerts, chains, agents and credentials, and what ties them.',
    path: 'v1/incidents/{id}',
    id: 'Incident id, as list_incidents has it.',
    query: OneQuery,
  },
  {
    name: 'list_chains',
    title: 'List chains',
    about: 'The action chains of workflows, last seen first.',
    path: 'v1/chains',
    query: ChainQuery,
  },
  {
    name: 'get_chain',
    title: 'One chain',
    about: 'A chain with what was found in it.',
    path: 'v1/chains/{id}',
    id: WORKFLOW,
    query: OneQuery,
  },
  {
    name: 'list_chain_steps',
    title: 'Steps of a chain',
    about: 'The path of a workflow: its steps in event-time order.',
    path: 'v1/chains/{id}/steps',
    id: WORKFLOW,
    query: StepsQuery,
  },
  {
    name: 'get_chain_graph',
    title: 'Graph of a chain',
    about: 'A chain as nodes and edges, its evidence marked.',
    path: 'v1/chains/{id}/graph',
    id: WORKFLOW,
    query: OneQuery,
  },
  {
    name: 'get_chain_blast_radius',
    title: 'Blast radius of a workflow',
    about: 'What a workflow and those it started touched, and what they could still reach.',
    path: 'v1/chains/{id}/blast-radius',
    id: WORKFLOW,
    query: RadiusQuery,
  },
  {
    name: 'walk_from_step',
    title: 'What came of a step, or led to it',
    about:
      'The steps of any workflow that one step led to, or that led to it, and what flowed between them: credentials, hand-offs, order.',
    path: 'v1/chains/{id}/path',
    id: WORKFLOW,
    query: WalkQuery,
  },
  {
    name: 'list_authority',
    title: 'List authority',
    about: 'What agents, credentials and grants hold, high risk first, and what of it was never used.',
    path: 'v1/authority',
    query: AuthorityQuery,
  },
  {
    name: 'list_agents',
    title: 'List agents',
    about: 'Agents, last seen first, each with its chains counted.',
    path: 'v1/agents',
    query: AgentQuery,
  },
  {
    name: 'get_agent',
    title: 'One agent',
    about: 'What is usual for an agent, and what of its authority it uses.',
    path: 'v1/agents/{id}',
    id: AGENT,
    query: OneQuery,
  },
  {
    name: 'get_agent_path',
    title: 'Path of an agent',
    about: 'The steps of an agent through all its workflows, in event-time order.',
    path: 'v1/agents/{id}/path',
    id: AGENT,
    query: StepsQuery,
  },
  {
    name: 'get_agent_blast_radius',
    title: 'Blast radius of an agent',
    about: 'What an agent touched in all its workflows, and what it could still reach.',
    path: 'v1/agents/{id}/blast-radius',
    id: AGENT,
    query: RadiusQuery,
  },
  {
    name: 'list_credentials',
    title: 'List credentials',
    about: 'Credentials, last seen first: who holds them, what they open, where they came from.',
    path: 'v1/credentials',
    query: CredentialQuery,
  },
  {
    name: 'get_credential_lineage',
    title: 'Lineage of a credential',
    about: 'The ancestors of a credential, and all that was derived from them.',
    path: 'v1/credentials/{id}/lineage',
    id: CREDENTIAL,
    query: OneQuery,
  },
  {
    name: 'get_credential_path',
    title: 'Path of a credential',
    about: 'The steps done with a credential in anybody’s hands, in event-time order.',
    path: 'v1/credentials/{id}/path',
    id: CREDENTIAL,
    query: StepsQuery,
  },
  {
    name: 'get_credential_blast_radius',
    title: 'Blast radius of a credential',
    about: 'What was done with a credential, and what it could still open.',
    path: 'v1/credentials/{id}/blast-radius',
    id: CREDENTIAL,
    query: RadiusQuery,
  },
  {
    name: 'list_detectors',
    title: 'List detectors',
    about: 'What is looked for: each detector in a line.',
    path: 'v1/detectors',
    only: ['id', 'title', 'severity', 'maturity'],
  },
  {
    name: 'get_detector',
    title: 'One detector',
    about: 'Why a detector looks, what it does not see, what to do when it fires, its options.',
    path: 'v1/detectors/{id}',
    id: 'Detector id, as list_detectors has it.',
  },
  {
    name: 'list_coverage',
    title: 'List what was not seen',
    about:
      'Where something could not be judged: events that came too late, bounds that were met, detectors that failed.',
    path: 'v1/coverage',
    query: CoverageQuery,
  },
]
