import { DOMAIN } from '../company.ts'
import type { Episode } from '../episode.ts'
import { resource, type Telling } from '../telling.ts'
import type { Story } from './story.ts'

const PROVED = { type: 'spiffe-jwt', verified: true, issuer: `spiffe://${DOMAIN}` }
/** Replicas of this story alone, so that what is usual for them is told here. */
const REPLICAS = { attack: 41, renewed: 42, never: 43 }

/** An agent that proved itself at every step acts without proof under the same name. */
function attack(episode: Episode): void {
  const work = reviewed(episode, REPLICAS.attack, PROVED)
  const harm = reads(work, { type: 'none' })
  work.finish()
  episode.attack(16, 'a step without proof under the name of an agent that has it', harm, work)
}

/** Another kind of proof, and a good one. */
function renewed(episode: Episode): void {
  const work = reviewed(episode, REPLICAS.renewed, PROVED)
  const lookalike = reads(work, { ...PROVED, type: 'spiffe-x509' })
  work.finish()
  episode.twin(16, 'another proof that was checked', lookalike, work)
}

/** An agent that never had any. */
function never(episode: Episode): void {
  const work = reviewed(episode, REPLICAS.never, { type: 'none' })
  const lookalike = reads(work, { type: 'none' })
  work.finish()
  episode.twin(16, 'an agent that never had proof', lookalike, work)
}

function reviewed(episode: Episode, replica: number, proof: Readonly<Record<string, unknown>>): Telling {
  const work = episode.workflow('contract-reviewer', { replica })
  const tools = ['contracts.read', 'contracts.comment']
  if (proof['type'] === 'none') {
    // Its runtime tells no proof either.
    work.tell('workflow', 'success', {
      action: 'start',
      task: 'review',
      trigger: 'human',
      tools,
      scopes: ['contracts:read'],
    })
    work.issue({ minutes: 30 })
  } else work.begin({ task: 'review', request: 'Look through the contract with our carrier.', tools })
  for (let part = episode.random.int(4, 7); part > 0; part -= 1) reads(work, proof)
  return work
}

const reads = (work: Telling, proof: Readonly<Record<string, unknown>>): string =>
  work.call('contracts.read', {
    on: resource('contracts/carrier', 'contract', 'office', 'confidential'),
    args: { part: work.episode.random.int(1, 90) },
    result: 'A clause.',
    proof,
    whole: true,
  })

export const withoutProof: Story = { hour: 16.1, attack, twins: [renewed, never] }
