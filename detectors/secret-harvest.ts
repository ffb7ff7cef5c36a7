import { z } from 'zod'
import { cite, defineDetector, globMatches, quiet, refTo, type StepRef, sighted } from '../src/core/index.ts'
import { isApproved, isGranted, readStep, readsSecret } from './reading.ts'

const MAX_SECRETS = 64
const MAX_CITED = 20

/** At 64 distinct secrets it stops adding: the story is told by then. */
interface State {
  readonly secrets: readonly { readonly id: string; readonly ref: StepRef; readonly done: boolean }[]
  readonly listed: StepRef | null
}

export const secretHarvest = defineDetector({
  id: 'secret-harvest',
  version: 1,
  about: {
    title: 'Many secrets read in one chain',
    severity: 'high',
    maturity: 'incubating',
    why: 'An agent needs the one or two secrets of its task. One that reads many, or lists and then reads, is collecting.',
    misses: [
      'fewer secrets than `minSecrets`',
      'one secret a workflow, spread over many workflows',
      'secrets inside documents that no event marks as such',
    ],
    respond: [
      'Stop the identity that reads, then rotate every secret it read, the most sensitive first.',
      'Look for later use of those secrets by anyone.',
    ],
    needs: ['credential.action read, or tool_call.resource.type secret'],
    references: ['https://attack.mitre.org/techniques/T1555/006/'],
    frameworks: ['ASI03', 'NHI2', 'T1555.006'],
  },
  reads: ['chain'],
  wants: ['credential', 'tool_call'],
  options: z.strictObject({
    /** Distinct secrets in one chain, beyond those its task declared, from which it is a harvest. */
    minSecrets: z.int().min(2).default(4),
    /** The same after the chain listed secrets first. */
    minAfterList: z.int().min(2).default(3),
  }),
  init: (): State => ({ secrets: [], listed: null }),
  fold(state, step, { minSecrets, minAfterList }, { authority }) {
    const reading = readStep(step)
    if (
      reading.operation === 'list' &&
      /secret|credential|vault|parameter/i.test(`${reading.tool} ${reading.resourceType}`)
    )
      return quiet(
        state.listed === null && step.event.outcome === 'success' ? { ...state, listed: refTo(step) } : state,
      )
    if (!readsSecret(step, reading)) return quiet(state)
    const id = reading.resource ?? reading.credential
    if (id === null || isApproved(authority, step, reading)) return quiet(state)
    const declared = authority.grants.some(({ resources }) => resources?.some((pattern) => globMatches(pattern, id)))
    if (declared || (isGranted(authority, reading) && authority.task !== null && /rotat/i.test(authority.task)))
      return quiet(state)
    const done = step.event.outcome === 'success'
    if (state.secrets.some((one) => one.id === id && (one.done || !done))) return quiet(state)
    // Reading "all that match" in one call is as many secrets as there are.
    const isBulk = id.includes('*')
    const secrets = [...state.secrets.filter((one) => one.id !== id), { id, ref: refTo(step), done }].slice(
      0,
      MAX_SECRETS,
    )
    const got = secrets.filter((one) => one.done)
    const next = { ...state, secrets }
    const enough = isBulk || got.length >= (state.listed === null ? minSecrets : minAfterList)
    const tried = secrets.length >= minSecrets
    if (!(enough && done) && !tried) return quiet(next)
    const cited = (enough ? got : secrets).slice(0, MAX_CITED)
    return sighted(next, {
      key: 'harvest',
      summary: enough
        ? `${got.length} secrets${isBulk ? ' and all that match a pattern' : ''} read${state.listed === null ? '' : ' after listing them'}`
        : `${secrets.length} secrets asked for, ${got.length} given`,
      severity: enough ? (got.length >= 2 * minSecrets || isBulk ? 'high' : 'medium') : 'low',
      confidence: 0.85,
      evidence: [
        ...(state.listed === null ? [] : [cite(state.listed, 'listing', { context: true })]),
        ...cited.map(({ ref }) => cite(ref, 'secret-read')),
      ],
      terms: { secrets: secrets.length, given: got.length, listed: state.listed !== null, bulk: isBulk },
    })
  },
})
