import { WORDS } from '../company.ts'
import { type Episode, service } from '../episode.ts'
import { resource } from '../telling.ts'

/** A bug is mended and a pull request opened. */
export function mendBug(episode: Episode): void {
  const { random } = episode
  const part = random.pick(WORDS)
  const issue = random.int(100, 9_999)
  const work = episode.workflow('code-assistant')
  work.begin({
    task: 'mend-bug',
    request: `Mend issue ${issue} in the ${part} service.`,
    tools: ['git.search', 'git.read_file', 'git.commit', 'git.open_pull_request', 'tests.run', 'ci.status'],
  })
  const repo = resource(`repos/${part}`, 'repository', 'code')
  work.call('git.search', { on: repo, args: { query: `issue ${issue}` }, result: { hits: random.int(1, 12) } })
  for (let i = random.int(3, 8); i > 0; i -= 1) {
    const path = `src/${random.pick(WORDS)}/${random.pick(WORDS)}.ts`
    work.call('git.read_file', { on: repo, args: { path }, result: `export const limit = ${random.int(1, 500)}` })
  }
  const tries = random.int(1, 3)
  for (let i = 1; i <= tries; i += 1) {
    work.call('git.commit', { on: repo, args: { message: `fix(${part}): issue ${issue}`, files: random.int(1, 4) } })
    const passed = i === tries
    work.call('tests.run', {
      on: repo,
      args: { suite: 'unit' },
      result: { passed },
      outcome: passed ? 'success' : 'failure',
    })
  }
  work.call('git.open_pull_request', { on: repo, args: { title: `Mend issue ${issue}` } })
  work.call('ci.status', { on: repo, args: { issue }, result: { state: 'green' } })
  work.finish()
}

/** A merged change goes to staging. */
export function deployToStaging(episode: Episode): void {
  const { random } = episode
  const part = random.pick(WORDS)
  const version = `${random.int(1, 4)}.${random.int(0, 40)}.${random.int(0, 9)}`
  const work = episode.workflow('release-deployer', { principal: service('ci') })
  work.begin({
    task: 'deploy-to-staging',
    trigger: 'event',
    request: `${part} ${version} was merged. Bring it to staging.`,
    tools: ['registry.read_image', 'deploy.plan', 'deploy.apply', 'deploy.verify'],
  })
  const on = resource(`staging/${part}`, 'service', 'staging')
  work.call('registry.read_image', {
    on: resource(`images/${part}`, 'image', 'code'),
    args: { version },
    result: { signed: true },
  })
  work.call('deploy.plan', { on, args: { version }, result: { changes: random.int(1, 9) } })
  work.call('deploy.apply', { on, args: { version } })
  for (let i = random.int(1, 5); i > 0; i -= 1)
    work.wait(10_000).call('deploy.verify', { on, args: { version }, result: { healthy: i === 1 } })
  work.finish()
}

/** The nightly look at a repository's weak spots. */
export function scanRepository(episode: Episode): void {
  const { random } = episode
  const part = random.pick(WORDS)
  const work = episode.workflow('security-scanner', { principal: service('scheduler') })
  work.begin({
    task: 'scan-repository',
    trigger: 'schedule',
    request: `Scan ${part} and open tickets for what is new.`,
    tools: ['scan.start', 'scan.read_findings', 'git.search', 'git.read_file', 'tickets.create'],
  })
  const on = resource(`repos/${part}`, 'repository', 'code')
  work.call('scan.start', { on, args: { repository: part } })
  work.wait(random.int(30_000, 200_000))
  work.call('scan.read_findings', { on, args: { repository: part }, result: { findings: random.int(0, 14) } })
  for (let i = random.int(2, 9); i > 0; i -= 1)
    work.call('git.read_file', { on, args: { path: `src/${random.pick(WORDS)}.ts` }, result: `import x from 'y'` })
  if (random.chance(0.6))
    work.call('tickets.create', {
      on: resource(`tickets/security`, 'ticket', 'support'),
      args: { title: `Old library in ${part}` },
    })
  work.finish()
}
