import { type AgentEvent, trackIdOf } from '../core/index.ts'
import type { Fact } from '../ports/index.ts'
import { type Needs, needCredentials, needPlace } from './needs.ts'
import { sessionOfKey } from './placing.ts'
import type { TenantFold } from './tenant-fold.ts'
import { grantsOf } from './thread-ids.ts'

/** Takes in what the owner of another chain or thread tells. Told again, it changes nothing. */
export function receive(fold: TenantFold, fact: Fact): void {
  const { kind, subject } = fact.to
  switch (fact.what) {
    case 'step':
      if (kind === 'chain' || kind === 'session') return
      if (fold.threads.receive(kind, subject, fact.told)) fold.reconsiderFamily(subject)
      return
    case 'gone':
      if (kind !== 'chain' && kind !== 'session') fold.threads.forget(kind, subject, fact.told)
      return
    case 'shown':
      fold.shownTold(fact.told, fact.track)
      return
    case 'bind':
      // What was read back from the store may have it already, while those that wait for it do not know.
      fold.bind(kind === 'session' ? subject : null, fact)
      fold.reconsider(fact.key)
      return
    case 'ask':
      if (kind === 'session') fold.strays.ask(fact.told, true)
      else fold.strays.decide(fact.told)
      return
    case 'kin':
      fold.lineage.adoptKin(subject, fact.kin, (id) => fold.mail.owns('credential', id))
      fold.reconsiderFamily(subject)
      return
    case 'place':
      fold.strays.place(fact.told)
      return
    case 'placed':
      if (kind !== 'session') fold.strays.confirm(fact.told)
      else fold.sessions.asked(fact.told.event, fold.placing)
      return
    case 'unplace':
      fold.strays.unplace(fact.told)
      return
    case 'link':
      fold.links.receive(subject, fact.link, fact.told, fact.isHidden)
      return
    case 'relate':
      fold.links.receiveRelation(subject, fact)
      return
    case 'findings':
      fold.publisher.replace(fact.track, subject, fact.findings)
      fold.dirtyChains.add(fold.roster.chain(subject))
      confirm(fold, fact)
      return
    case 'stands':
      if (kind !== 'chain' && kind !== 'session' && fold.publisher.hear(fact.findings))
        fold.threads.dirty.add(fold.roster.thread(kind, subject))
  }
}

/**
 * Tells a thread's owner what stands by its word: one that took over while that was under way does not know of it, and has to
 * take it back where it no longer holds.
 */
function confirm(fold: TenantFold, { track, findings }: Fact & { readonly what: 'findings' }): void {
  const { kind, subject } = trackIdOf(track)
  if (findings.length > 0) fold.mail.send(kind, subject, { what: 'stands', findings })
}

/** Adds what has to be in memory before a fact is taken in. */
export function needFact(needs: Needs, fold: TenantFold, fact: Fact): void {
  const { kind, subject } = fact.to
  if (kind === 'session') {
    if (!fold.sessionsKnown.has(subject)) needs.add(fold, 'session', subject)
  } else if (fact.what === 'ask' || fact.what === 'placed') needDecision(needs, fold, fact.told.event)
  else if (fact.what === 'bind') {
    needs.add(fold, 'session', sessionOfKey(fact.key))
    if (kind === 'credential') needs.thread(fold, kind, subject)
  } else if (kind === 'chain') needChain(needs, fold, fact)
  else {
    needs.thread(fold, kind, subject)
    if (kind !== 'credential' || fact.what !== 'step') return
    needCredentials(needs, fold, fact.told.event)
    for (const grant of grantsOf(fact.told.event, fold.lineage)) needs.thread(fold, 'grant', grant)
  }
}

function needDecision(needs: Needs, fold: TenantFold, event: AgentEvent): void {
  const before = needs.missing
  needCredentials(needs, fold, event)
  if (event.session_id !== undefined) needs.add(fold, 'session', event.session_id)
  needPlace(needs, fold, event, before)
}

function needChain(needs: Needs, fold: TenantFold, fact: Fact): void {
  const { subject } = fact.to
  if ('told' in fact && fact.told.attribution.rule === 'own' && (fact.what === 'place' || fact.what === 'unplace'))
    needs.group(fold, subject, fact.told.event.at)
  else needs.chain(fold, subject)
}
