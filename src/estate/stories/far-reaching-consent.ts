import type { Episode } from '../episode.ts'
import type { Story } from './story.ts'

const WIDE = ['openid', 'mail.readwrite', 'offline_access']

/** Somebody lets an app of an unknown publisher into the whole mailbox, for good. */
function attack(episode: Episode): void {
  const harm = consents(episode, { publisher: 'Bright Tools', publisher_verified: false, scopes: WIDE })
  episode.attack(18, 'a stranger’s app is let into a mailbox', harm)
}

/** The same scopes, for a publisher who was vouched for. */
function verified(episode: Episode): void {
  const lookalike = consents(episode, { publisher: 'Bright Tools', publisher_verified: true, scopes: WIDE })
  episode.twin(18, 'the same scopes for a verified publisher', lookalike)
}

/** An app of the house. */
function ofTheHouse(episode: Episode): void {
  const lookalike = consents(episode, { publisher: 'Halden Apps', first_party: true, scopes: WIDE })
  episode.twin(18, 'an app of the house', lookalike)
}

/** A sign-in with an app of an unknown publisher. */
function signIn(episode: Episode): void {
  const lookalike = consents(episode, {
    publisher: 'Bright Tools',
    publisher_verified: false,
    scopes: ['openid', 'email', 'profile'],
  })
  episode.twin(18, 'a sign-in with a stranger’s app', lookalike)
}

function consents(episode: Episode, body: Readonly<Record<string, unknown>>): string {
  const app = `app-${episode.stem}`
  return episode.outside('calendar-assistant', episode.at).oauth('consent', {
    client_id: app,
    app_name: `Meeting Helper ${episode.random.int(2, 9)}`,
    grant_id: `grant-${app}`,
    consent_type: 'user',
    user: episode.person().id,
    ...body,
  })
}

export const farReachingConsent: Story = { hour: 8.4, attack, twins: [verified, ofTheHouse, signIn] }
