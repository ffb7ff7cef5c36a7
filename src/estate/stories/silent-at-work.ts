import type { Episode } from '../episode.ts'
import { resource, type Telling } from '../telling.ts'
import type { Story } from './story.ts'

const BEAT_S = 60

/** Its runtime falls silent, and a quarter of an hour later the gateway sees it send a list out. */
function attack(episode: Episode): void {
  const agent = alive(episode, 51, 6)
  const harm = sends(agent.wait(15 * 60_000))
  episode.attack(17, 'a silent agent that sends', harm)
}

/** It goes on saying that it lives. */
function alive20(episode: Episode): void {
  const agent = alive(episode, 52, 20)
  const lookalike = sends(agent)
  beat(agent.wait(BEAT_S * 1_000), BEAT_S)
  episode.twin(17, 'an agent that lives and sends', lookalike)
}

/** It said that it would go, and what was under way still ends. */
function announced(episode: Episode): void {
  const agent = alive(episode, 53, 6)
  beat(agent.wait(10_000), 0)
  const lookalike = sends(agent.wait(12 * 60_000))
  episode.twin(17, 'a shutdown that was announced', lookalike)
}

/** An agent of its own, outside any workflow, that has said a few times that it lives. */
function alive(episode: Episode, replica: number, beats: number): Telling {
  // Each place has a replica of its own, so that the silence of one is not the life of another.
  const agent = episode.outside('crm-enricher', episode.at, replica * 1_000 + (episode.random.int(0, 999) % 1_000))
  for (let i = 0; i < beats; i += 1) beat(agent.wait(i === 0 ? 0 : BEAT_S * 1_000 - 2_000), BEAT_S)
  return agent
}

const beat = (agent: Telling, interval_s: number): string => agent.tell('heartbeat', 'success', { interval_s })

const sends = (agent: Telling): string =>
  agent.call('mail.send', {
    on: resource('mail/outbox', 'mailbox', 'office'),
    to: { id: agent.episode.outsider(), type: 'email', external: true },
    args: { body: 'The list of this week.' },
    credential: `key-${agent.agent.id}`,
    whole: true,
  })

export const silentAtWork: Story = { hour: 5.2, attack, twins: [alive20, announced] }
