import type { Evidence, Millis, Step } from '../src/core/index.ts'
import type { Feature, News } from './baseline.ts'
import { digest } from './evidence.ts'
import { readStep } from './reading.ts'
import { remembered } from './remembered.ts'

const MAX_OPEN = 8
const MAX_FEATURES = 32
const MAX_SUSPECTS = 16
const MAX_TEXT = 40
const MINUTE = 60_000

/** A chain that the agent is at work in, as much of it as it may teach. */
export interface OpenChain {
  readonly name: string
  readonly startedAt: Millis
  /** The last step, to within a minute. */
  readonly at: Millis
  readonly version: string | null
  readonly tool: string | null
  readonly features: readonly Feature[]
  /** What was new when it came. */
  readonly news: readonly News[]
  readonly evidence: readonly Evidence[]
}

export interface OpenChains {
  readonly open: readonly OpenChain[]
  /** Chains that were found suspicious, by digest: opened again, they still teach nothing. */
  readonly suspects: readonly string[]
}

export const NO_CHAINS: OpenChains = { open: [], suspects: [] }

export const chainName = ({ attribution }: Step): string => digest(attribution.workflowId)

/** The chain of a step, opened if need be, and those that are over: idle for long, or too many. */
export function chainOf(chains: OpenChains, step: Step, idleMs: number) {
  const name = chainName(step)
  const { at } = step.event
  const over = chains.open.filter((one) => one.name !== name && at - one.at > idleMs)
  let open = over.length === 0 ? chains.open : chains.open.filter((one) => !over.includes(one))
  let chain = open.find((one) => one.name === name)
  if (chain === undefined) {
    const version = step.event.agent?.version?.slice(0, MAX_TEXT) ?? null
    chain = { name, startedAt: at, at, version, tool: null, features: [], news: [], evidence: [] }
    if (open.length >= MAX_OPEN) {
      const [oldest] = open.toSorted((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))
      if (oldest !== undefined) {
        over.push(oldest)
        open = open.filter((one) => one !== oldest)
      }
    }
  }
  return { chain, others: open.filter((one) => one !== chain), over }
}

/** The chain after a step with these features; the same when they are all known of it. */
export function extend(chain: OpenChain, step: Step, features: readonly Feature[], tool: string | null): OpenChain {
  const more = features.filter((one) => !chain.features.includes(one))
  const all = more.length === 0 ? chain.features : [...chain.features, ...more].slice(0, MAX_FEATURES)
  const at = step.event.at - chain.at < MINUTE ? chain.at : step.event.at
  const next = tool ?? chain.tool
  return all.length === chain.features.length && at === chain.at && next === chain.tool
    ? chain
    : { ...chain, features: all, at, tool: next }
}

export const isSuspect = ({ suspects }: OpenChains, name: string): boolean => suspects.includes(name)

export const suspect = (suspects: readonly string[], name: string): readonly string[] =>
  suspects.includes(name) ? suspects : [...suspects, name].slice(-MAX_SUSPECTS)

/** Names that number things, without their numbers: `inv-2041` is no news after `inv-2040`. */
const plain: (name: string) => string = remembered((name) =>
  name
    .toLowerCase()
    .replace(/[0-9a-f]{8,}/g, '#')
    .replace(/\d+/g, '#')
    .slice(0, MAX_TEXT),
)

/** The first two parts of a resource's name. */
const prefixOf: (resource: string) => string = remembered((resource) =>
  plain(
    resource
      .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
      .split(/[/:]/, 2)
      .join('/'),
  ),
)

const hostOf: (destination: string) => string = remembered((destination) => {
  const host = destination.includes('@')
    ? destination.split('@').at(-1)
    : destination.replace(/^[a-z]+:\/\//i, '').split('/')[0]
  return plain(host ?? destination)
})

const HOURS_A_PART = 4

/** What a step does, in the dimensions that a baseline knows. */
export function featuresOf(
  step: Step,
  before: string | null,
): { readonly tool: string | null; readonly features: readonly Feature[] } {
  const reading = readStep(step)
  const { event } = step
  const isWork =
    event.kind === 'tool_call' || event.kind === 'credential' || event.kind === 'oauth' || event.kind === 'handoff'
  if (!isWork) return { tool: null, features: [] }
  const tool = plain(reading.tool ?? actionOf(step))
  const features: Feature[] = [`tool:${tool}`]
  if (before !== null && before !== tool) features.push(`transition:${before} > ${tool}`)
  if (reading.resource !== null) features.push(`resource:${prefixOf(reading.resource)}`)
  if (reading.zone !== null) features.push(`zone:${plain(reading.zone)}`)
  if (reading.destination !== null) features.push(`destination:${hostOf(reading.destination)}`)
  if (reading.credential !== null) features.push(`credential:${plain(reading.credential)}`)
  features.push(`hour:${Math.floor(event.at / 3_600_000 / HOURS_A_PART) % (24 / HOURS_A_PART)}`)
  return { tool, features }
}

function actionOf({ event }: Step): string {
  if (event.kind === 'credential') return `credential ${event.credential.action ?? 'use'}`
  if (event.kind === 'oauth') return `oauth ${event.oauth.action}`
  return event.kind
}
