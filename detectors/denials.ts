import { type ApprovalEvent, globMatches, type Step, type StepRef } from '../src/core/index.ts'
import { digest, refOf } from './evidence.ts'
import { isConsequential, isLook, type Reading } from './reading.ts'

const MAX_DENIALS = 12
const KEPT_FIRST = 6
const MAX_NAME = 96
const MAX_LIST = 4

/** Something a chain was refused: by the tool itself, or by a person who was asked. */
export interface Denial {
  readonly ref: StepRef
  readonly by: 'tool' | 'person'
  /** Names of what may not be done; a person's answer may hold patterns. */
  readonly tools: readonly string[]
  readonly resources: readonly string[]
  readonly destination: string | null
  readonly does: 'look' | 'change' | null
  readonly isSensitive: boolean
  /** Short names: of the resource as it was spelt, of the credential in use, of the agent. */
  readonly spelling: string | null
  readonly credential: string | null
  readonly agent: string | null
}

/** Another way to the same end. `name`: the same tool, and the same thing under another name. */
export interface Pivot {
  readonly denial: Denial
  readonly by: readonly ('tool' | 'credential' | 'agent' | 'name')[]
  readonly end: 'resource' | 'destination'
}

/** Refusals because a token had expired or was not sent say nothing of what may be done. */
const NOT_LOGGED_IN =
  /expired|invalid.?(?:client)?.?token|signature|unrecognized.?client|unauthenticated|not.?logged|log.?in required|reauth/i

const doesOf = (reading: Reading): Denial['does'] =>
  reading.operation === null ? null : isLook(reading) ? 'look' : 'change'

/** A call that was refused for what it would do; null for any other step. */
export function denialOf(step: Step, reading: Reading): Denial | null {
  const { event } = step
  if (event.outcome !== 'denied' || (event.kind !== 'tool_call' && event.kind !== 'credential')) return null
  if (event.error !== undefined && NOT_LOGGED_IN.test(event.error)) return null
  return {
    ref: refOf(step),
    by: 'tool',
    tools: [toolOf(reading).slice(0, MAX_NAME)],
    resources: reading.resource === null ? [] : [nameOf(reading.resource)],
    destination: reading.destination === null ? null : nameOf(reading.destination),
    does: doesOf(reading),
    isSensitive: isSensitive(reading),
    spelling: reading.resource === null ? null : digest(reading.resource),
    ...holderOf(step, reading),
  }
}

const isSensitive = ({ sensitivity }: Reading): boolean =>
  sensitivity === 'restricted' || sensitivity === 'confidential'

/** Whether it matters that a step did what was refused: by what it is, or by what was refused of it. */
export const matters = ({ does, isSensitive: was }: Denial, reading: Reading): boolean =>
  was || does === 'change' || isSensitive(reading) || isConsequential(reading)

const toolOf = ({ tool, operation }: Reading): string => tool ?? `credential.${operation}`

/** The credential that a step was taken with, and the agent that took it, by short names. */
export function holderOf({ event }: Step, { credential, agent }: Reading) {
  const used = event.kind === 'credential' ? event.attributes['credential_in_use'] : credential
  return {
    credential: typeof used === 'string' ? digest(used) : null,
    agent: agent === null ? null : digest(agent),
  }
}

/** A person's no, with what it was about. */
export function rejectionOf(step: Step, covers: ApprovalEvent['approval']['covers']): Denial | null {
  const [tools, resources] = [covers?.tools ?? [], covers?.resources ?? []]
  if (tools.length === 0 && resources.length === 0) return null
  return {
    ref: refOf(step),
    by: 'person',
    tools: tools.slice(0, MAX_LIST).map((one) => one.slice(0, MAX_NAME)),
    resources: resources.slice(0, MAX_LIST).map(nameOf),
    destination: null,
    does: null,
    isSensitive: false,
    spelling: null,
    credential: null,
    agent: null,
  }
}

/** Adds a denial; the same one again is none. At 12 the first six stay, and the newest replaces the oldest of the rest. */
export function addDenial(denials: readonly Denial[], denial: Denial): readonly Denial[] {
  const isKnown = denials.some((one) => keyOf(one) === keyOf(denial))
  if (isKnown) return denials
  return [...(denials.length < MAX_DENIALS ? denials : denials.toSpliced(KEPT_FIRST, 1)), denial]
}

const keyOf = ({ by, tools, resources, destination, credential, agent }: Denial): string =>
  JSON.stringify([by, tools, resources, destination, credential, agent])

/** How a call that succeeded reached what was refused; null where it did not, or simply tried again. */
export function pivotFrom(denials: readonly Denial[], step: Step, reading: Reading): Pivot | null {
  for (const denial of denials) {
    const pivot = pivotOf(denial, step, reading)
    if (pivot !== null) return pivot
  }
  return null
}

function pivotOf(denial: Denial, step: Step, reading: Reading): Pivot | null {
  const end = endOf(denial, reading)
  if (end === null || !isSameDeed(denial, reading)) return null
  const { credential, agent } = holderOf(step, reading)
  const isOther = (was: string | null, is: string | null): boolean => was !== null && is !== null && was !== is
  const by: Pivot['by'][number][] = []
  if (denial.tools.length > 0 && !denial.tools.some((one) => globMatches(one, toolOf(reading)))) by.push('tool')
  if (isOther(denial.credential, credential)) by.push('credential')
  if (isOther(denial.agent, agent)) by.push('agent')
  if (end === 'other-name') by.push('name')
  if (by.length === 0 && denial.by === 'tool') return null
  return { denial, by, end: end === 'destination' ? 'destination' : 'resource' }
}

function endOf(
  denial: Denial,
  { resource, destination, tool }: Reading,
): 'resource' | 'other-name' | 'destination' | null {
  const name = resource === null ? null : nameOf(resource)
  if (name !== null && denial.resources.some((one) => globMatches(one, name) || isWithin(one, name)))
    return denial.by === 'tool' && denial.spelling !== digest(resource ?? '') ? 'other-name' : 'resource'
  if (
    denial.by === 'person' &&
    denial.resources.length === 0 &&
    denial.tools.some((one) => globMatches(one, tool ?? ''))
  )
    return 'resource'
  const to = destination === null ? null : nameOf(destination)
  return to !== null && to === denial.destination ? 'destination' : null
}

/** Whether a name takes in what was refused: the pattern or folder above it. */
const isWithin = (denied: string, name: string): boolean =>
  (name.includes('*') && name.length > 2 && globMatches(name, denied)) ||
  (name.endsWith('/*') && denied.startsWith(name.slice(0, -1)))

/** Looking again after a refused change is giving up; what does not say what it does is taken for the same. */
const isSameDeed = ({ does }: Denial, reading: Reading): boolean => {
  const now = doesOf(reading)
  return does === null || now === null || does === now
}

/** One name for all spellings of a path or address: encoding, case, doubled and dotted parts. */
export function nameOf(text: string): string {
  const plain = decoded(text)
    .toLowerCase()
    .replace(/^file:\/\//, '')
    .replace(/(?<!:)\/{2,}/g, '/')
  const parts: string[] = []
  for (const part of plain.split('/')) {
    if (part === '..' && parts.length > 0) parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts
    .join('/')
    .replace(/^\/|\/$/g, '')
    .slice(0, MAX_NAME)
}

/** Without its percent-encoding, however often it was laid on. */
function decoded(text: string): string {
  let plain = text
  for (let turn = 0; turn < 3 && /%[0-9a-f]{2}/i.test(plain); turn += 1) {
    try {
      plain = decodeURIComponent(plain)
    } catch {
      return plain
    }
  }
  return plain
}
