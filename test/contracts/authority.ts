import { expect, it } from 'vitest'
import { type AgentEvent, textOfDetail } from '../../src/core/index.ts'
import type { AuthorityQuery, StepRow } from '../../src/ports/index.ts'
import { START } from '../kit/events.ts'
import { commit, credential, step } from './rows.ts'
import type { Store } from './store.ts'

const judge = (name: string): boolean => name.includes('admin')

type Body = { readonly kind: AgentEvent['kind'] } & Readonly<Record<string, unknown>>

/** A step of any kind, by an agent. */
function said(
  id: string,
  at: number,
  body: Body,
  more: Partial<StepRow> & { readonly outcome?: string } = {},
): StepRow {
  const row = step({ id, at })
  const { tool_call: _, ...envelope } = row.step.event as AgentEvent & { readonly tool_call?: unknown }
  const { outcome = 'success', ...rest } = more
  const event = { ...envelope, agent: { id: 'a1' }, outcome, ...body } as unknown as AgentEvent
  return { ...row, step: { ...row.step, event }, ...rest }
}

const detail = { type: 'docs', actions: ['write', 'read'] }

/** What a posture list promises: everything that is held, high risk first, with what was used of it. */
export function listsAuthority(store: () => Store): void {
  const all = async (query: Partial<AuthorityQuery> = {}) => {
    const rows = []
    let cursor: string | undefined
    do {
      const page = await store().authority({
        at: START,
        judge,
        limit: 2,
        ...query,
        ...(cursor === undefined ? {} : { cursor }),
      })
      rows.push(...page.items)
      cursor = page.cursor ?? undefined
    } while (cursor !== undefined && rows.length < 100)
    return rows
  }

  const fill = () =>
    store().save(
      commit(1, {
        steps: [
          said('s', 1, {
            kind: 'workflow',
            workflow: { action: 'start', scopes: ['docs:read'], authorization_details: [detail] },
          }),
          said('i', 2, {
            kind: 'credential',
            credential: { id: 'tok', action: 'issue', scopes: ['docs:read', 'docs:admin'] },
          }),
          said('g', 3, {
            kind: 'oauth',
            oauth: { action: 'consent', client_id: 'app', grant_id: 'g1', scopes: ['mail.read'] },
          }),
          said(
            'c',
            5,
            { kind: 'tool_call', tool_call: { name: 'docs.read', credential_id: 'tok', scopes: ['docs:read'] } },
            { threads: ['grant/default/g1', 'credential/default/tok'] },
          ),
          said('u', 6, {
            kind: 'oauth',
            oauth: { action: 'token_use', client_id: 'app', grant_id: 'g1', scopes: ['mail.read'] },
          }),
          said(
            'd',
            7,
            { kind: 'credential', credential: { id: 'no', action: 'issue', scopes: ['docs:admin'] } },
            { outcome: 'denied' },
          ),
          said('r', 8, { kind: 'credential', credential: { id: 'old', action: 'issue', scopes: ['docs:admin'] } }),
          said('x', 9, { kind: 'credential', credential: { id: 'short', action: 'issue', scopes: ['docs:admin'] } }),
          said('y', 10, { kind: 'oauth', oauth: { action: 'consent', client_id: 'gone', scopes: ['mail.read'] } }),
          said('z', 11, { kind: 'oauth', oauth: { action: 'revoke', client_id: 'gone' } }),
        ],
        credentials: [
          credential({ id: 'tok' }),
          credential({ id: 'old', revokedAt: START }),
          credential({ id: 'short', expiresAt: START - 1 }),
        ],
      }),
    )

  it('high risk first, then by when it was given, with what was used and when, and none of what has ended', async () => {
    await fill()
    const rows = await all()
    expect(
      rows.map(({ isHighRisk, kind, holder, name, by, firstAt }) => [
        isHighRisk,
        kind,
        holder,
        name,
        by,
        firstAt - START,
      ]),
    ).toEqual([
      [true, 'agent', 'a1', 'docs:admin', 'credential tok', 2],
      [true, 'credential', 'tok', 'docs:admin', 'credential tok', 2],
      [false, 'agent', 'a1', 'docs:read', 'task', 1],
      [false, 'agent', 'a1', textOfDetail(detail), 'task', 1],
      [false, 'credential', 'tok', 'docs:read', 'credential tok', 2],
      [false, 'agent', 'a1', 'mail.read', 'grant g1', 3],
      [false, 'grant', 'g1', 'mail.read', 'grant g1', 3],
    ])
    const uses = (holder: string) =>
      rows.find((row) => row.holder === holder)?.uses.map(({ name, at }) => [name, at - START])
    expect(uses('tok')).toEqual([['docs:read', 5]])
    expect(uses('g1')).toEqual([
      ['mail.read', 6],
      ['docs:read', 5],
    ])
    expect(uses('a1')).toEqual([
      ['mail.read', 6],
      ['docs:read', 5],
    ])
  })

  it('narrowed by tenant, kind, holder, name and risk', async () => {
    await fill()
    const names = async (query: Partial<AuthorityQuery>) =>
      (await all(query)).map(({ kind, name }) => `${kind} ${name}`)
    expect(await names({ tenant: 'other' })).toEqual([])
    expect(await names({ kind: 'grant' })).toEqual(['grant mail.read'])
    expect(await names({ holder: { prefix: 'to' } })).toEqual(['credential docs:admin', 'credential docs:read'])
    expect(await names({ name: 'mail.read', isHighRisk: false })).toEqual(['agent mail.read', 'grant mail.read'])
    expect(await names({ isHighRisk: true, tenant: 'default' })).toEqual(['agent docs:admin', 'credential docs:admin'])
  })

  it('and refuses a cursor of another list', async () => {
    await expect(store().authority({ at: START, judge, limit: 2, cursor: 'bm9uZQ' })).rejects.toMatchObject({
      code: 'CAT_USAGE',
    })
  })
}
