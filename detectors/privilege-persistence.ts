import { z } from 'zod'
import { type Authority, cite, defineDetector, quiet, type Severity, type Step, sighted } from '../src/core/index.ts'
import { type Cited, citeMore, digest, NOTHING_CITED, refOf } from './evidence.ts'
import { type Lasting, lastingOf } from './lasting.ts'
import { awsWord, isApproved, isGranted, type Reading, readStep, wasAsked } from './reading.ts'

/** A credential made so soon after a declared call that makes authority is that call's. */
const SAME_ACT_MS = 60_000

/** Cites 12 steps, the first six and the newest. */
interface State extends Cited {
  /** Producers of this chain tell when tokens end. */
  readonly tokensEnd: boolean
  /** The last declared call that made authority: its step by short name, and its time. */
  readonly declared: { readonly step: string; readonly at: number } | null
}

export const privilegePersistence = defineDetector({
  id: 'privilege-persistence',
  version: 3,
  about: {
    title: 'The chain made authority that outlasts it',
    severity: 'high',
    maturity: 'incubating',
    why: 'Keys, users, apps, role trust, schedules, shared images and open ports stay after the task is over, and so does whoever holds them.',
    misses: [
      'authority made by a tool whose name and operation do not say so',
      'a resource policy widened by a service that writes no audit record',
      'a token without expiry from a producer that tells no expiries at all',
      'a second credential made within a minute of a declared call that makes authority',
    ],
    respond: [
      'Remove what was made: the key, user, policy, share or rule named in the evidence.',
      'Find out who holds it now, and whether it was used since.',
      'Ask who requested it; a declared change has an approval.',
    ],
    needs: ['tool_call.name and operation, credential.action issue, or oauth.action app_register'],
    references: ['https://attack.mitre.org/tactics/TA0003/', 'https://attack.mitre.org/techniques/T1098/'],
    frameworks: [
      'ASI03',
      'NHI1',
      'NHI7',
      'T1098.001',
      'T1098.003',
      'T1136.003',
      'T1537',
      'MAESTRO-4',
      'MAESTRO-6',
      'MEASURE',
      'MANAGE',
    ],
  },
  reads: ['chain'],
  wants: ['tool_call', 'credential', 'oauth'],
  options: z.strictObject({}),
  init: (): State => ({ ...NOTHING_CITED, tokensEnd: false, declared: null }),
  fold(state, step, _options, { authority }) {
    const reading = readStep(step)
    const found = lastingOf(step, reading, state.tokensEnd)
    if (found === null) return quiet(tellsExpiry(step) && !state.tokensEnd ? { ...state, tokensEnd: true } : state)
    if (isDeclared(state, authority, step, reading))
      return quiet(step.event.kind === 'tool_call' ? { ...state, declared: declaring(step) } : state)
    const cited = citeMore(state, severityOf(found, authority, step, reading), cite(refOf(step), found.role))
    const { evidence, severity } = cited
    return sighted(
      { ...state, ...cited },
      {
        key: 'lasting',
        summary: `${reading.agent ?? 'the agent'} made authority that outlasts the chain: ${evidence
          .map(({ note }) => note)
          .slice(0, 3)
          .join('; ')}`,
        severity,
        confidence: 0.85,
        evidence,
        terms: { what: found.role, external: reading.isExternal, steps: evidence.length },
        credentialIds: step.event.kind === 'credential' ? [step.event.credential.id] : [],
      },
    )
  },
})

const tellsExpiry = ({ event }: Step): boolean =>
  event.kind === 'credential' && event.credential.expires_at !== undefined && event.credential.action === 'issue'

const declaring = (step: Step): State['declared'] => ({ step: digest(step.id), at: step.event.at })

/** The task or an approval names the call, or the call that made this credential. */
function isDeclared({ declared }: State, authority: Authority, step: Step, reading: Reading): boolean {
  if (isGranted(authority, reading) || isApproved(authority, step, reading)) return true
  const { event } = step
  if (event.kind === 'tool_call' || declared === null) return false
  return event.parent_step_id === undefined
    ? event.at - declared.at <= SAME_ACT_MS
    : digest(event.parent_step_id) === declared.step
}

/** Not done, done by a service for its owner, or asked for by name: worth noting. */
function severityOf({ severity }: Lasting, authority: Authority, step: Step, { agent }: Reading): Severity {
  const isByService = awsWord(step, 'invokedBy') !== null || agent?.endsWith('.amazonaws.com') === true
  return step.event.outcome !== 'success' || isByService || wasAsked(authority, step) ? 'low' : severity
}
