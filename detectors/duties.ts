import { globMatches, type Severity, type Step } from '../src/core/index.ts'
import { digest } from './evidence.ts'
import { type Reading, readsSecret } from './reading.ts'
import { says, wordsOf } from './words.ts'

/** Something that one agent does and that another has to be kept apart from. */
export type Duty = string

/** Two duties that nobody should hold both of. */
export interface Conflict {
  readonly name: string
  readonly duties: readonly [Duty, Duty]
  readonly severity: Severity
  /** Told of the very same thing alone: who asks for it must not approve it. */
  readonly isOfOneThing: boolean
  /** The operator's own: what the task was given does not excuse it. */
  readonly isOwn: boolean
}

/** An operator's rule: two lists of tool names, `*` for any run of characters. */
export interface OwnConflict {
  readonly name: string
  readonly first: readonly string[]
  readonly second: readonly string[]
}

const conflict = (name: string, duties: Conflict['duties'], severity: Severity, isOfOneThing = false): Conflict => ({
  name,
  duties,
  severity,
  isOfOneThing,
  isOwn: false,
})

const COMMON: readonly Conflict[] = [
  conflict('request and approve', ['request', 'approve'], 'high', true),
  conflict('change where money goes and send it', ['payee', 'pay'], 'high'),
  conflict('write code and deploy', ['code', 'deploy'], 'medium'),
  // Many agents fetch the key of the very service they send with: by itself it is a matter of posture.
  conflict('read secrets and send out', ['secret', 'send-out'], 'low'),
]

/** All conflicts in force: the common ones unless they are switched off, and the operator's own. */
export const conflictsOf = (own: readonly OwnConflict[], withCommon: boolean): readonly Conflict[] => [
  ...(withCommon ? COMMON : []),
  ...own.map(({ name }) => ({ ...conflict(name, [`${name}/1`, `${name}/2`], 'high'), isOwn: true })),
]

const CHANGES: ReadonlySet<string | null> = new Set(['create', 'update', 'delete', 'execute', 'send', 'admin', null])
const WRITES: ReadonlySet<string | null> = new Set(['create', 'update', null])

const namesPayee = says(
  /\b(?:bank (?:details?|account|data)|update bank|payees?|beneficiar(?:y|ies)|iban|remittance|payout (?:account|address))\b/,
)
const pays = says(/\b(?:pay|payments?|payouts?|transfers?|wire|disburse|send money|refund|remit)\b/)
const writesCode = says(
  /\b(?:commit|push (?:files?|code|branch)|(?:git|repos?|repository|code|github|gitlab) (?:write|edit|push|patch|create or update|open pull request|create pull request|update file|create file)|write code|edit code)\b/,
)
const deploys = says(
  /\b(?:deploy(?:s|ments?)?|roll ?out|promote|terraform apply|apply (?:manifest|plan|terraform)|helm (?:install|upgrade)|kubectl apply|release (?:build|service|version|image))\b/,
)
const requests = says(/\b(?:request|submit|raise|propose|file|open|create)\b/)
const approves = says(/\b(?:approve|sign off|authori[sz]e|countersign|confirm approval)\b/)
const namesSource = says(/\b(?:repository|source code)\b/)

/** The duties that a step exercises. */
export function dutiesOf(step: Step, reading: Reading, own: readonly OwnConflict[]): readonly Duty[] {
  const { tool, operation, resourceType } = reading
  const found: Duty[] = readsSecret(step, reading) ? ['secret'] : []
  if (tool === null) return found
  for (const { name, first, second } of own) {
    if (first.some((one) => globMatches(one, tool))) found.push(`${name}/1`)
    if (second.some((one) => globMatches(one, tool))) found.push(`${name}/2`)
  }
  if (reading.isExternal && (operation === 'send' || operation === 'create' || operation === null))
    found.push('send-out')
  if (!CHANGES.has(operation)) return found
  const name = wordsOf(tool)
  const words = `${name} ${wordsOf(resourceType ?? '')}`
  if (approves(name)) return [...found, 'approve']
  if (requests(name) && WRITES.has(operation)) found.push('request')
  if (namesPayee(words) && WRITES.has(operation)) found.push('payee')
  else if (pays(name)) found.push('pay')
  else if (deploys(name)) found.push('deploy')
  else if ((writesCode(name) || namesSource(words)) && WRITES.has(operation)) found.push('code')
  return found
}

/** Who exercises a duty: an agent, and whoever holds the credential it works with. Short names. */
export const holdersOf = ({ agent, credential }: Reading): readonly string[] =>
  [agent === null ? null : `a${digest(agent)}`, credential === null ? null : `c${digest(credential)}`].filter(
    (one) => one !== null,
  )
