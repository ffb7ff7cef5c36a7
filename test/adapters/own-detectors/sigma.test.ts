import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clock, story, type Told } from '../../../detectors/cases/story.ts'
import { decodeEvent } from '../../../schemas/event.ts'
import { loadSigma } from '../../../src/adapters/own-detectors/sigma-file.ts'
import { runCases } from '../../../src/cli/run-cases.ts'
import type { AnyDetector, Finding } from '../../../src/core/index.ts'
import { createEngine } from '../../../src/engine/engine.ts'
import { keepsTheLaws } from '../../kit/laws.ts'

let root = ''

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'catenary-sigma-'))
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

async function detectorsOf(text: string): Promise<readonly AnyDetector[]> {
  writeFileSync(join(root, 'rule.yml'), text)
  return (await loadSigma(root, ['rule.yml'])).map(({ detector }) => detector)
}

/** Findings that stand, by whole engine. */
function foundBy(detectors: readonly AnyDetector[], events: readonly Told[]): readonly Finding[] {
  const engine = createEngine({ detectors })
  for (const one of events) {
    const decoded = decodeEvent(one, { content: { key: new Uint8Array(16), retain: false } })
    if (!decoded.ok) throw new Error(decoded.message)
    engine.accept(decoded.event, { origin: null, arrivedAt: decoded.event.at })
  }
  engine.finish()
  return engine.drain().findings.flatMap(({ finding, status }) => (status === 'open' ? [finding] : []))
}

const clerk = story('wf-1', 'clerk')
const called = (id: string, second: number, call: Told, more: Told = {}): Told =>
  clerk.calls(id, second, 'files.read', call, more)

const base = (detection: string, name = 'base_one'): string => `title: Base one
name: ${name}
logsource: {product: catenary, category: tool_call}
detection:
${detection.replace(/^/gm, '  ')}
`

const correlation = (lines: string): string => `title: Of all of them
name: of_all
level: high
correlation:
${lines.replace(/^/gm, '  ')}
`

/** Whether the detection of a base rule takes a call. */
async function takes(detection: string, call: Told, more: Told = {}): Promise<boolean> {
  return foundBy(await detectorsOf(base(detection)), [called('e1', 0, call, more)]).length > 0
}

const select = (item: string): string => `selection:\n  ${item}\ncondition: selection`

describe('a selection', () => {
  const call = {
    operation: 'send',
    resource: { id: 'C:\\Users\\Ana?.txt', zone: 'Prod-EU' },
    destination: { id: '10.1.2.3', external: true },
    scopes: ['mail.send', 'files.read'],
    duration_ms: 250,
  }
  it.each([
    ['tool_call.operation: send', true],
    ['tool_call.operation: SEND', true],
    ['tool_call.operation: read', false],
    ['tool_call.operation: [read, send]', true],
    ['tool_call.operation|cased: SEND', false],
    ["tool_call.resource.zone: 'prod-*'", true],
    ["tool_call.resource.zone: 'prod-??'", true],
    ["tool_call.resource.zone: 'prod-?'", false],
    ['tool_call.resource.zone|contains: D-E', true],
    ['tool_call.resource.zone|startswith: prod', true],
    ['tool_call.resource.zone|endswith: -eu', true],
    ['tool_call.resource.zone|endswith: prod', false],
    ["tool_call.resource.id: 'c:\\users\\ana\\?.txt'", true],
    ["tool_call.resource.id: 'c:\\users\\an\\?.txt'", false],
    ["tool_call.resource.id: 'c:\\\\users\\\\*'", true],
    ['tool_call.scopes: files.read', true],
    ['tool_call.scopes|contains|all: [mail, files]', true],
    ['tool_call.scopes|contains|all: [mail, chat]', false],
    ['tool_call.scopes|neq: mail.send', false],
    ['tool_call.scopes|neq: chat', true],
    ["tool_call.resource.zone|re: '^Prod-[A-Z]{2}$'", true],
    ["tool_call.resource.zone|re: '^prod-'", false],
    ["tool_call.resource.zone|re|i: '^prod-'", true],
    ['tool_call.destination.id|cidr: 10.0.0.0/8', true],
    ['tool_call.destination.id|cidr: 10.2.0.0/16', false],
    ["tool_call.destination.id|cidr: '2001:db8::/32'", false],
    ['tool_call.duration_ms|gt: 200', true],
    ['tool_call.duration_ms|gte: 250', true],
    ['tool_call.duration_ms|lt: 250', false],
    ['tool_call.duration_ms|lte: 250', true],
    ['tool_call.duration_ms: 250', true],
    ['tool_call.destination.external: true', true],
    ['tool_call.destination.external: false', false],
    ['tool_call.credential_id: null', true],
    ['tool_call.operation: null', false],
    ['tool_call.credential_id|exists: false', true],
    ['tool_call.operation|exists: true', true],
    ["tool_call.credential_id: ''", false],
    ['attributes.team: blue', true],
    ['agent.id: clerk', true],
  ])('%s: %s', async (item, expected) => {
    expect(await takes(select(item), call, { attributes: { team: 'Blue' } })).toBe(expected)
  })

  it('matches no pattern of an attacker in more than linear time', async () => {
    const began = performance.now()
    const detection = select("tool_call.resource.id|re: '^(a+)+$'")
    expect(await takes(detection, { resource: { id: `${'a'.repeat(5_000)}!` } })).toBe(false)
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})

describe('a condition', () => {
  const detection = (condition: string): string => `read: {tool_call.operation: read}
send: {tool_call.operation: send}
selection_a: {tool_call.resource.zone: prod}
selection_b:
  - tool_call.resource.id: a
  - tool_call.resource.id: b
_hidden: {outcome: denied}
condition: ${condition}`
  const call = { operation: 'send', resource: { id: 'b', zone: 'prod' } }
  it.each([
    ['send', true],
    ['not send', false],
    ['read or send', true],
    ['read and send', false],
    ['read and send or selection_a', true],
    ['read and (send or selection_a)', false],
    ['not read and not not send', true],
    ['1 of them', true],
    ['all of them', false],
    ['all of selection_*', true],
    ['1 of sel*_a', true],
    ['all of selection* and not 1 of _hid*', true],
    ['[read, selection_a]', true],
  ])('%s: %s', async (condition, expected) => {
    expect(await takes(detection(condition), call)).toBe(expected)
  })
})

const READS = base(select('tool_call.operation: read'), 'reads')
const SENDS = base(select('tool_call.operation: send'), 'sends')

const reads = (id: string, second: number, resource = 'r'): Told =>
  called(id, second, { operation: 'read', resource: { id: resource } })
const sends = (id: string, second: number): Told => called(id, second, { operation: 'send' })

const found = async (text: string, ...events: readonly Told[]) =>
  foundBy(await detectorsOf(text), events).map(({ evidence }) => evidence.map(({ eventId }) => eventId).join(' '))

describe('event_count', () => {
  const text = (condition: string) =>
    `${correlation(`type: event_count\nrules: [reads]\ntimespan: 1m\ncondition: {${condition}}`)}---\n${READS}`

  it('counts within the time span, wherever it begins', async () => {
    expect(await found(text('gte: 3'), reads('a', 0), reads('b', 50), reads('c', 61), reads('d', 109))).toEqual([
      'b c d',
    ])
    expect(await found(text('gte: 3'), reads('a', 0), reads('b', 61), reads('c', 122))).toEqual([])
    expect(await found(text('gt: 2'), reads('a', 0), reads('b', 1))).toEqual([])
  })

  it('is one finding while it holds, and another one when it holds again', async () => {
    const first = [reads('a', 0), reads('b', 1), reads('c', 2)]
    expect(await found(text('gte: 2'), ...first)).toEqual(['a b c'])
    expect(await found(text('gte: 2'), ...first, reads('d', 300), reads('e', 301))).toEqual(['a b c', 'd e'])
  })

  it('is the same in whatever order events arrive', async () => {
    const events = [reads('a', 0), reads('b', 30), reads('c', 59), reads('d', 300)]
    expect(await found(text('gte: 3'), ...events.toReversed())).toEqual(await found(text('gte: 3'), ...events))
  })

  it.each([
    ['lte: 1', [reads('a', 0)], ['a']],
    ['lte: 1', [reads('a', 0), reads('b', 1)], []],
    ['lt: 3', [reads('a', 0), reads('b', 1)], ['a b']],
    ['eq: 2', [reads('a', 0), reads('b', 1)], ['a b']],
    ['eq: 2', [reads('a', 0), reads('b', 1), reads('c', 2)], []],
    ['gt: 1, lte: 2', [reads('a', 0), reads('b', 1), reads('c', 90)], ['a b']],
  ])('judges %s when the time is over', async (condition, events, expected) => {
    expect(await found(text(condition), ...events, clerk.says('end', 1_000, 'done'))).toEqual(expected)
  })
})

describe('value_count', () => {
  const text = `${correlation('type: value_count\nrules: [reads]\ntimespan: 1m\ncondition: {field: tool_call.resource.id, gte: 3}')}---\n${READS}`

  it('counts values, each once', async () => {
    expect(await found(text, reads('a', 0, 'x'), reads('b', 1, 'x'), reads('c', 2, 'y'))).toEqual([])
    expect(await found(text, reads('a', 0, 'x'), reads('b', 1, 'x'), reads('c', 2, 'y'), reads('d', 3, 'z'))).toEqual([
      'b c d',
    ])
  })
})

describe('temporal', () => {
  const text = (type: string) =>
    `${correlation(`type: ${type}\nrules: [reads, sends]\ntimespan: 1m`)}---\n${READS}---\n${SENDS}`

  it('wants all rules within the time span, in any order', async () => {
    expect(await found(text('temporal'), sends('s', 0), reads('r', 30))).toEqual(['s r'])
    expect(await found(text('temporal'), sends('s', 0), reads('r', 61))).toEqual([])
    expect(await found(text('temporal'), reads('r', 0), reads('q', 1))).toEqual([])
  })

  it('in order where it says so', async () => {
    expect(await found(text('temporal_ordered'), sends('s', 0), reads('r', 30))).toEqual([])
    expect(await found(text('temporal_ordered'), reads('r', 0), reads('q', 20), sends('s', 70))).toEqual(['q s'])
    expect(await found(text('temporal_ordered'), reads('r', 0), sends('s', 61))).toEqual([])
  })
})

describe('groups', () => {
  const grouped = (by: string, more = '') =>
    `${correlation(`type: event_count\nrules: [reads]\ngroup-by: [${by}]\ntimespan: 1h\ncondition: {gte: 2}${more}`)}---\n${READS}`

  it('are counted apart', async () => {
    const text = grouped('tool_call.resource.id')
    expect(await found(text, reads('a', 0, 'x'), reads('b', 1, 'y'), reads('c', 2, 'x'))).toEqual(['a c'])
  })

  it('of an agent are its thread’s, over workflows; with the workflow they are a chain’s', async () => {
    const other = story('wf-2', 'clerk').calls('b', 1, 'files.read', { operation: 'read' })
    expect(await found(grouped('agent.id'), reads('a', 0), other)).toEqual(['a b'])
    expect(await found(grouped('agent.id, workflow_id'), reads('a', 0), other)).toEqual([])
    const [detector] = await detectorsOf(grouped('agent.id'))
    expect(detector?.reads).toEqual(['agent'])
  })

  it('of one credential by several names are its thread’s', async () => {
    const text = `${correlation(`type: temporal
rules: [stolen, sends]
group-by: [key]
timespan: 1h
aliases: {key: {stolen: credential.id, sends: tool_call.credential_id}}`)}---
title: A secret was read
name: stolen
logsource: {product: catenary, category: credential}
detection: {selection: {credential.action: read}, condition: selection}
---
${SENDS}`
    const thief = clerk.credential('t', 0, { id: 'key-1', action: 'read' })
    const use = story('wf-2', 'other').calls('u', 60, 'mail.send', { operation: 'send', credential_id: 'key-1' })
    const [detector] = await detectorsOf(text)
    expect(detector?.reads).toEqual(['credential'])
    expect(await found(text, thief, use)).toEqual(['t u'])
  })

  it('are let go of at the bound, which is told once', async () => {
    const detectors = await detectorsOf(grouped('tool_call.resource.id'))
    const engine = createEngine({ detectors })
    for (let i = 0; i < 80; i += 1) {
      const decoded = decodeEvent(reads(`e${i}`, i, `r${i}`), { content: { key: new Uint8Array(16), retain: false } })
      if (decoded.ok) engine.accept(decoded.event, { origin: null, arrivedAt: decoded.event.at })
    }
    const { coverage } = engine.drain()
    expect(coverage.filter(({ what }) => what === 'bounded')).toEqual([
      expect.objectContaining({ detector: 'of-all', detail: expect.stringContaining('more than 32 groups') as string }),
    ])
  })
})

describe('a detector of a rule', () => {
  it('has its page and a version that changes with the text', async () => {
    const text = `title: Reads of secrets\nname: secret_reads\nid: 0e95725d-7320-415d-80f7-004da920fc11\nstatus: stable\nlevel: critical\ndescription: Why.\nfalsepositives: [backup jobs]\ntags: [attack.t1528, attack.initial_access, owasp.asi03]\n${READS.split('\n').slice(2).join('\n')}`
    const [one] = await detectorsOf(text)
    expect(one).toMatchObject({
      id: 'secret-reads',
      about: {
        title: 'Reads of secrets',
        severity: 'critical',
        maturity: 'stable',
        why: 'Why.',
        frameworks: ['T1528', 'ASI03'],
        needs: ['tool_call.operation'],
      },
    })
    expect(one?.about.respond.join()).toContain('Rule out: backup jobs')
    const [other] = await detectorsOf(text.replace('read', 'list'))
    const [same] = await detectorsOf(text)
    expect(other?.version).not.toBe(one?.version)
    expect(same?.version).toBe(one?.version)
  })

  it('is none for rules that a correlation names, unless they generate', async () => {
    const text = (more: string) =>
      `${correlation(`type: event_count\nrules: [reads]\ntimespan: 1m\ncondition: {gte: 2}`)}---\n${READS}${more}`
    expect((await detectorsOf(text(''))).map(({ id }) => id)).toEqual(['of-all'])
  })
})

const MISTAKES: readonly (readonly [string, string, RegExp])[] = [
  ['broken YAML', 'title: [', /rule\.yml:\d+: is no YAML/],
  ['a key told twice', 'title: a b\ntitle: c d', /rule\.yml:2: is no YAML: Map keys must be unique/],
  ['nothing', '', /rule\.yml.*: (?:is empty|must be a map)/],
  ['text', 'hello', /must be a map: a Sigma rule or correlation/],
  ['no log source', 'title: A b\ndetection: {}', /logsource: is missing; write product: catenary/],
  [
    'a foreign log source',
    READS.replace('catenary', 'windows'),
    /rule\.yml:3: logsource\.product: windows is not read here/,
  ],
  [
    'an unknown category',
    READS.replace('tool_call}', 'firewall}'),
    /there is no category firewall; there are workflow, message/,
  ],
  [
    'an unknown field',
    base(select('tool_call.tool: x')),
    /rule\.yml:6: detection\.selection\.tool_call\.tool: there is no field tool_call\.tool.*did you mean tool_call\.name/,
  ],
  ['content', base(select('tool_call.arguments: x')), /tool_call\.arguments is content and not kept/],
  [
    'an unknown modifier',
    base(select('tool_call.name|base64: x')),
    /modifier base64 is not supported; there are contains/,
  ],
  ['a bad pattern', base(select("tool_call.name|re: '(?=a)'")), /the pattern cannot be read/],
  ['a bad network', base(select('agent.ip|cidr: ten')), /ten is no network; write it like 10\.0\.0\.0\/8/],
  ['keywords', base('selection: [a, b]\ncondition: selection'), /keywords over the whole event are not supported/],
  [
    'no such selection',
    base('selection: {agent.id: a}\ncondition: selction'),
    /detection\.condition: there is no selection selction; there are selection/,
  ],
  [
    'aggregation',
    base('selection: {agent.id: a}\ncondition: selection | count() > 5'),
    /aggregation in a condition is obsolete/,
  ],
  ['a bracket', base('selection: {agent.id: a}\ncondition: (selection'), /a bracket is not closed/],
  [
    'an unknown type',
    `${correlation('type: value_avg\nrules: [reads]\ntimespan: 1m')}---\n${READS}`,
    /rule\.yml:5: correlation\.type: must be one of event_count, value_count, temporal, temporal_ordered/,
  ],
  [
    'a missing rule',
    `${correlation('type: temporal\nrules: [gone]\ntimespan: 1m')}---\n${READS}`,
    /rule\.yml:6: correlation\.rules\.0: there is no rule gone in this file; there are reads/,
  ],
  [
    'a bad time span',
    `${correlation('type: temporal\nrules: [reads]\ntimespan: 10 minutes')}---\n${READS}`,
    /correlation\.timespan: must be a number and s, m, h or d, as 10m/,
  ],
  [
    'no condition',
    `${correlation('type: event_count\nrules: [reads]\ntimespan: 1m')}---\n${READS}`,
    /event_count needs a condition, as gte: 5/,
  ],
  [
    'an empty condition',
    `${correlation('type: event_count\nrules: [reads]\ntimespan: 1m\ncondition: {}')}---\n${READS}`,
    /must hold one of gt, gte, lt, lte, eq/,
  ],
  [
    'a count of nothing',
    `${correlation('type: event_count\nrules: [reads]\ntimespan: 1m\ncondition: {lt: 1}')}---\n${READS}`,
    /a group that nothing matched is not counted/,
  ],
  [
    'too large a count',
    `${correlation('type: event_count\nrules: [reads]\ntimespan: 1m\ncondition: {gte: 1000}')}---\n${READS}`,
    /counts to 256 at most here, not to 1000/,
  ],
  [
    'no field to count',
    `${correlation('type: value_count\nrules: [reads]\ntimespan: 1m\ncondition: {gte: 2}')}---\n${READS}`,
    /value_count needs the field/,
  ],
  [
    'an unknown group',
    `${correlation('type: temporal\nrules: [reads]\ngroup-by: [agent.id, user]\ntimespan: 1m')}---\n${READS}`,
    /rule\.yml:7: correlation\.group-by\.1: there is no field user/,
  ],
  [
    'half an alias',
    `${correlation('type: temporal\nrules: [reads, sends]\ngroup-by: [who]\ntimespan: 1m\naliases: {who: {reads: agent.id}}')}---\n${READS}---\n${SENDS}`,
    /correlation\.aliases\.who: has no field for sends/,
  ],
  [
    'a circle',
    `title: A one\nname: one_a\ncorrelation: {type: temporal, rules: [two_b], timespan: 1m}\n---\ntitle: B two\nname: two_b\ncorrelation: {type: temporal, rules: [one_a], timespan: 1m}`,
    /the rules name each other in a circle/,
  ],
  [
    'itself',
    `${correlation('type: temporal\nrules: [of_all]\ntimespan: 1m')}generate: true`,
    /of_all stands on this rule itself/,
  ],
  [
    'a rule on what is judged late',
    `${correlation('type: temporal\nrules: [few, sends]\ntimespan: 1h')}---\ntitle: Few\nname: few\ncorrelation: {type: event_count, rules: [reads], timespan: 1m, condition: {lt: 3}}\n---\n${READS}---\n${SENDS}`,
    /few is judged when its time is over/,
  ],
  [
    'no id',
    READS.replace('name: reads', '').replace('Base one', 'Base'),
    /"Base" makes no id; give the rule a name of two words/,
  ],
]

describe('a mistake', () => {
  it.each(MISTAKES)('%s is told where it stands', async (_, text, told) => {
    await expect(detectorsOf(text)).rejects.toMatchObject({
      code: 'CAT_CONFIG',
      message: expect.stringMatching(told) as string,
    })
  })
})

const FOLDER = 'docs/examples/own-detectors'
const [example] = await loadSigma(FOLDER, ['refused_then_done.yml', 'refused_then_done.cases.yml'])
if (example === undefined) throw new Error('the example is no rule')
keepsTheLaws(example.detector, { maxBytes: 65_536 })

describe('cases beside a rule', () => {
  it('hold for the example of the documentation', () => {
    expect(example.cases.attacks.length + example.cases.twins.length).toBeGreaterThan(2)
    const results = runCases(example.cases, { detectors: [example.detector] })
    expect(results.filter(({ problem }) => problem !== null)).toEqual([])
  })

  it('are read, and refused for another detector or what is no event', async () => {
    writeFileSync(join(root, 'own.yml'), base(select('tool_call.operation: read')))
    const cases = (detector: string, event: object): void =>
      writeFileSync(
        join(root, 'own.cases.json'),
        JSON.stringify({
          detector,
          attacks: [{ name: 'a', harm: 'a', events: [event] }],
          twins: [{ name: 'b', events: [sends('b', 0)] }],
        }),
      )
    const load = () => loadSigma(root, ['own.cases.json', 'own.yml'])
    cases('base-one', reads('a', 0))
    expect((await load())[0]?.cases.attacks).toHaveLength(1)
    cases('base-two', reads('a', 0))
    await expect(load()).rejects.toThrow('has cases of base-two; the rules of own.yml are base-one')
    cases('base-one', { ...reads('a', 0), time: 'noon' })
    await expect(load()).rejects.toThrow('own.cases.json: case "a" holds what is no event: time')
    expect(clock(0)).toBe('2026-11-20T09:00:00.000Z')
  })
})
