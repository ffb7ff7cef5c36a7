import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { SETTINGS } from '../../src/config/index.ts'
import type { MetricNote } from '../../src/service/metrics/reference.ts'
import { mistakesIn } from '../kit/promql.ts'
import { metricsOfModes } from '../kit/registries.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>
  readonly targets?: readonly { readonly expr: string }[]
}

interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly query: string | { readonly query: string } }[]
  }
}

const { groups } = parse(readFileSync('deploy/prometheus/catenary-rules.yml', 'utf8')) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}
const rules = groups.flatMap((group) => group.rules)
const dashboard = JSON.parse(readFileSync('deploy/grafana/catenary.json', 'utf8')) as Dashboard
const guide = readFileSync('docs/operations.md', 'utf8')
const shown = dashboard.panels.filter(({ type }) => type !== 'row')

/** Grafana puts these in before it asks. */
const asAsked = (expr: string): string => expr.replaceAll('$__rate_interval', '5m')

let metrics: readonly MetricNote[] = []

beforeAll(async () => {
  metrics = (await metricsOfModes()).cluster
})

describe('what tells queries from mistakes', () => {
  it.each([
    ['sum by (topic) (catenary_lag_records)', []],
    ['sum(rate(catenary_fold_seconds_bucket[5m])', ['no PromQL']],
    ['catenary_lag_miles', ['no metric catenary_lag_miles']],
    ['rate(catenary_fold_seconds[5m])', ['no metric catenary_fold_seconds']],
    ['catenary_events_total', ['catenary_events_total is a counter']],
    ['rate(catenary_lag_records[5m])', ['catenary_lag_records is a gauge']],
    ['sum by (workflow) (catenary_lag_records)', ['no label workflow']],
  ])('finds in %s: %j', (query, mistakes) => {
    expect(mistakesIn(query, metrics)).toEqual(mistakes)
  })
})

describe('the alert rules for Prometheus', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s asks for what there is', (_, { expr }) => {
    expect(mistakesIn(expr, metrics)).toEqual([])
  })

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s says how grave it is, what is wrong and what to do',
    (_, rule) => {
      expect(
        Object.keys(rule).filter((key) => !['alert', 'expr', 'for', 'labels', 'annotations'].includes(key)),
      ).toEqual([])
      expect(rule.alert).toMatch(/^Catenary[A-Z]\w+$/)
      expect(rule.for ?? '0m').toMatch(/^\d+[mh]$/)
      expect(['critical', 'warning', 'info']).toContain(rule.labels['severity'])
      expect(rule.annotations['summary']).toMatch(/\.$/)
      expect(rule.annotations['runbook_url']).toBe(`docs/operations.md#${rule.alert.toLowerCase()}`)
    },
  )

  it('say of what only labels that their query leaves', () => {
    for (const { alert, expr, annotations } of rules) {
      const named = [...(annotations['summary'] ?? '').matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label)
      const kept = /^[^(]*\bby \(([^)]+)\)/.exec(expr)?.[1]?.split(', ')
      if (kept !== undefined) expect([alert, named.filter((label) => !kept.includes(label ?? ''))]).toEqual([alert, []])
    }
  })

  it('are told of in the guide, each under its name, and no other', () => {
    const told = [...guide.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)
    expect(told.sort()).toEqual(rules.map(({ alert }) => alert).sort())
  })

  it('have names of their own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  })
})

describe('the guide for operators', () => {
  const settings = SETTINGS.map(({ name }) => name)

  it('names metrics and settings that there are', () => {
    const words = [...guide.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word)
    const named = words.flatMap((word) => word.match(/\b(?:catenary|process|nodejs)_[a-z_]+/g) ?? [])
    const known = metrics.map(({ name }) => name)
    expect(named.length).toBeGreaterThan(3)
    expect(named.filter((name) => !known.includes(name))).toEqual([])
    const set = words.filter((word) => /^(?:kafka|engine|telemetry|clickhouse|content)\.\w+$/.test(word))
    expect(set.filter((name) => !settings.includes(name))).toEqual([])
  })

  it.each(['docs/operations.md', 'docs/what-catenary-does-not-do.md'])('%s links to what there is', (file) => {
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)) {
      const [path = '', anchor] = target.split('#')
      const page = path === '' ? file : join('docs', path)
      expect([target, existsSync(page)]).toEqual([target, true])
      if (anchor !== undefined) expect([target, anchorsOf(page).includes(anchor)]).toEqual([target, true])
    }
  })
})

/** The headings of a page, as links name them. */
const anchorsOf = (page: string): readonly string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )

describe('the dashboard for Grafana', () => {
  it.each(shown.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)))(
    '%s asks for what there is: %s',
    (_, expr) => {
      expect(mistakesIn(asAsked(expr), metrics)).toEqual([])
    },
  )

  it('lets one choose among what there is', () => {
    for (const { name, query } of dashboard.templating.list) {
      const asked = typeof query === 'string' ? null : /^label_values\((.+), (\w+)\)$/.exec(query.query)
      if (name === 'datasource') continue
      expect([name, mistakesIn(asked?.[1] ?? '', metrics)]).toEqual([name, []])
      expect(['job', 'instance']).toContain(asked?.[2])
    }
  })

  it('says of each panel what it shows, and lays none over another', () => {
    const taken = new Set<string>()
    for (const { id, title, description, type, gridPos: at } of dashboard.panels) {
      if (type !== 'row') expect([id, description ?? '']).toEqual([id, expect.stringMatching(/\.$/)])
      expect(title).not.toBe('')
      for (let x = at.x; x < at.x + at.w; x += 1)
        for (let y = at.y; y < at.y + at.h; y += 1) {
          expect([title, taken.has(`${x},${y}`)]).toEqual([title, false])
          taken.add(`${x},${y}`)
        }
      expect(at.x + at.w).toBeLessThanOrEqual(24)
    }
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
  })

  it('shows every metric of Catenary', () => {
    const asked = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n')
    const own = metrics.filter(({ name }) => name.startsWith('catenary_'))
    expect(own.filter(({ name }) => !asked.includes(name)).map(({ name }) => name)).toEqual([])
  })
})
