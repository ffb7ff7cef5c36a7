import { z } from 'zod'
import {
  cite,
  defineDetector,
  type Evidence,
  quiet,
  refTo,
  type Severity,
  type Step,
  sighted,
} from '../src/core/index.ts'
import { awsWord, isApproved, isGranted, type Reading, readStep } from './reading.ts'

const MAX_CITED = 20

/** Beyond 20 steps the evidence no longer grows. */
interface State {
  readonly evidence: readonly Evidence[]
  readonly severity: Severity
}

const RANK: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical']

/** Making, changing or handing out authority, said with the words tools use for it. */
const MAKES = /(?:create|add|attach|put|update|set|grant|assign|register|upload|enable|schedule|generate|issue|invite)/i
const AUTHORITY =
  /(?:access.?key|api.?key|service.?account|login.?profile|personal.?access.?token|deploy.?key|ssh.?key|client.?secret|oauth.?app|app.?registration|role.?(?:binding|assignment|policy)|trust.?(?:policy|anchor)|assume.?role.?policy|iam|user.?policy|admin|cron.?job|scheduled.?(?:task|job)|startup.?script)/i

export const privilegePersistence = defineDetector({
  id: 'privilege-persistence',
  version: 1,
  about: {
    title: 'The chain made authority that outlasts it',
    severity: 'high',
    maturity: 'incubating',
    why: 'Keys, users, role trust, shared images and open ports stay after the task is over, and so does whoever holds them.',
    misses: [
      'authority made by a tool whose name and operation do not say so',
      'a resource policy widened by a service that writes no audit record',
    ],
    respond: [
      'Remove what was made: the key, user, policy, share or rule named in the evidence.',
      'Find out who holds it now, and whether it was used since.',
      'Ask who requested it; a declared change has an approval.',
    ],
    needs: ['tool_call.name and operation, or credential.action issue'],
    references: ['https://attack.mitre.org/tactics/TA0003/', 'https://attack.mitre.org/techniques/T1098/'],
    frameworks: ['ASI03', 'NHI1', 'NHI7', 'T1098.001', 'T1098.003', 'T1136.003', 'T1537'],
  },
  reads: ['chain'],
  wants: ['tool_call', 'credential'],
  options: z.strictObject({}),
  init: (): State => ({ evidence: [], severity: 'info' }),
  fold(state, step, _options, { authority }) {
    const reading = readStep(step)
    const found = lasting(step, reading)
    if (found === null) return quiet(state)
    const isDeclared = isGranted(authority, reading) || isApproved(authority, step, reading)
    if (isDeclared && found.severity !== 'critical') return quiet(state)
    const isDone = step.event.outcome === 'success'
    const isByService = awsWord(step, 'invokedBy') !== null || reading.agent?.endsWith('.amazonaws.com') === true
    const severity = !isDone || isByService ? 'low' : found.severity
    const evidence =
      state.evidence.length < MAX_CITED ? [...state.evidence, cite(refTo(step), found.role)] : state.evidence
    const worst = RANK.indexOf(severity) > RANK.indexOf(state.severity) ? severity : state.severity
    return sighted(
      { evidence, severity: worst },
      {
        key: 'lasting',
        summary: `${reading.agent ?? 'the agent'} made authority that outlasts the chain: ${evidence
          .map(({ note }) => note)
          .slice(0, 3)
          .join('; ')}`,
        severity: worst,
        confidence: 0.85,
        evidence,
        terms: { what: found.role, external: reading.isExternal, steps: evidence.length },
        credentialIds: step.event.kind === 'credential' ? [step.event.credential.id] : [],
      },
    )
  },
})

/** What a step leaves behind, and how much that worries when nobody declared it. */
function lasting(step: Step, reading: Reading): { readonly role: string; readonly severity: Severity } | null {
  const { event } = step
  const effect = awsWord(step, 'effect')
  if (event.kind === 'credential') {
    const { action, type, expires_at } = event.credential
    if (action !== 'issue') return null
    const isLasting =
      type === 'api_key' ||
      type === 'service_account_key' ||
      type === 'ssh_key' ||
      type === 'certificate' ||
      type === 'password'
    if (isLasting && expires_at === undefined) return { role: 'lasting-credential', severity: 'high' }
    return awsWord(step, 'eventName') === 'GetFederationToken' ? { role: 'federation', severity: 'high' } : null
  }
  if (effect === 'authority')
    return {
      role: 'authority',
      severity: reading.isExternal || isAdmin(step) ? 'high' : isReducing(reading) ? 'low' : 'medium',
    }
  if (effect === 'sharing') return reading.isExternal ? { role: 'shared-outside', severity: 'high' } : null
  if (effect === 'exposure')
    return awsWord(step, 'openToAll') === 'true' ? { role: 'exposure', severity: 'medium' } : null
  if (effect === 'takeover' && /Function/.test(reading.tool ?? '')) return { role: 'code-changed', severity: 'medium' }
  if (effect !== null || event.kind !== 'tool_call' || event.attributes['aws'] !== undefined) return null
  if (reading.operation === 'read' || reading.operation === 'list' || reading.operation === 'search') return null
  const words = `${reading.tool} ${reading.resourceType ?? ''}`
  return MAKES.test(words) && AUTHORITY.test(words)
    ? { role: 'authority', severity: reading.isExternal || isAdmin(step) ? 'high' : 'medium' }
    : null
}

const isAdmin = (step: Step): boolean =>
  /admin|poweruser|\*|owner/i.test(`${awsWord(step, 'policyArn') ?? ''} ${readStep(step).scopes.join(' ')}`)

const isReducing = ({ tool }: Reading): boolean => /\.(?:Detach|Delete|Deactivate|Disable)/.test(tool ?? '')
