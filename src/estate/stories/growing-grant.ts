import type { Episode } from '../episode.ts'
import type { Story } from './story.ts'

type Fields = Readonly<Record<string, unknown>>
/** Tells one thing of the app's grant, so many minutes later. */
type Tell = (minutes: number, action: string, body: Fields) => string

/** One small consent after another, until the app may write mail. */
function attack(episode: Episode): void {
  const tell = granted(episode)
  tell(30, 'consent', { scopes: ['files.read'] })
  const harm = tell(30, 'consent', { scopes: ['mail.readwrite'] })
  episode.attack(19, 'small consents up to writing mail', harm)
}

/** One more scope, when it is needed. */
function oneMore(episode: Episode): void {
  const lookalike = granted(episode)(30, 'consent', { scopes: ['calendars.read'] })
  episode.twin(19, 'one more scope', lookalike)
}

/** A new version, which an administrator approved. */
function approved(episode: Episode): void {
  const lookalike = granted(episode)(30, 'consent', {
    scopes: ['mail.send', 'files.read'],
    consent_type: 'admin',
    user: episode.person().id,
  })
  episode.twin(19, 'a new version that an administrator approved', lookalike)
}

/** The grant is cut back, and the app asks again for less than it had. */
function shrinks(episode: Episode): void {
  const tell = granted(episode, ['mail.read', 'mail.send', 'files.read'])
  tell(30, 'scope_change', { scopes: ['mail.read'] })
  const lookalike = tell(30, 'consent', { scopes: ['files.read'] })
  episode.twin(19, 'a grant that was cut back', lookalike)
}

function granted(episode: Episode, scopes: readonly string[] = ['openid', 'mail.read']): Tell {
  const app = `app-${episode.stem}`
  const teller = episode.outside('meeting-notes', episode.at)
  const about = {
    client_id: app,
    app_name: `Inbox Order ${episode.random.int(2, 9)}`,
    grant_id: `grant-${app}`,
    publisher: 'Bright Tools',
    publisher_verified: true,
    user: episode.person().id,
  }
  teller.oauth('consent', { ...about, scopes })
  return (minutes, action, body) => teller.wait(episode.minutes(minutes)).oauth(action, { ...about, ...body })
}

export const growingGrant: Story = { hour: 6.3, attack, twins: [oneMore, approved, shrinks] }
