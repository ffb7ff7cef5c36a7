import { z } from 'zod'

const text = z.string({ error: 'must be text' }).min(1, { error: 'must not be empty' })
const texts = z.union([text, z.array(text)], { error: 'must be text or a list of texts' })
const CONDITION_WORDS = ['gt', 'gte', 'lt', 'lte', 'eq'] as const

export const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'] as const
export const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'] as const
export const TYPES = ['event_count', 'value_count', 'temporal', 'temporal_ordered'] as const

const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` })

/** What a base rule and a correlation both carry. Other fields are their author's own and not read. */
const common = {
  title: text.max(256),
  id: text.optional(),
  name: text.optional(),
  status: oneOf(STATUSES).optional(),
  description: text.optional(),
  references: texts.optional(),
  falsepositives: texts.optional(),
  level: oneOf(LEVELS).optional(),
  tags: z.array(text, { error: 'must be a list, as [attack.t1528]' }).optional(),
}

/** A rule of the Sigma Rules Specification 2.0.0, as far as it is read here. */
export const BaseRule = z.looseObject({
  ...common,
  logsource: z.looseObject(
    { product: text.optional(), category: text.optional(), service: text.optional() },
    { error: 'is missing; write product: catenary and the category, as tool_call' },
  ),
  detection: z.record(z.string(), z.unknown(), { error: 'is missing; write a selection and a condition' }),
})

const limit = z.int({ error: 'must be a whole number' }).min(0)

const Condition = z
  .strictObject(
    {
      field: text.optional(),
      gt: limit.optional(),
      gte: limit.optional(),
      lt: limit.optional(),
      lte: limit.optional(),
      eq: limit.optional(),
    },
    {
      error: ({ code }) =>
        code === 'unrecognized_keys' ? `takes field, ${CONDITION_WORDS.join(', ')}` : 'must be a map, as gte: 5',
    },
  )
  .refine((given) => CONDITION_WORDS.some((word) => given[word] !== undefined), {
    error: `must hold one of ${CONDITION_WORDS.join(', ')}`,
  })

/** A rule of the Sigma Correlation Rules Specification 2.0.2. */
export const CorrelationRule = z.looseObject({
  ...common,
  generate: z.boolean({ error: 'must be true or false' }).optional(),
  correlation: z.strictObject(
    {
      type: oneOf(TYPES),
      rules: z.array(text, { error: 'must be a list of names or ids of rules in this file' }).min(1).max(8, {
        error: 'may name 8 rules at most',
      }),
      'group-by': z.array(text, { error: 'must be a list of fields' }).max(8).optional(),
      timespan: text.regex(/^[1-9]\d{0,5}[smhd]$/, {
        error: 'must be a number and s, m, h or d, as 10m',
      }),
      condition: Condition.optional(),
      aliases: z.record(text, z.record(text, text), { error: 'must map an alias to a field for each rule' }).optional(),
    },
    {
      error: ({ code }) =>
        code === 'unrecognized_keys' ? 'takes type, rules, group-by, timespan, condition and aliases' : undefined,
    },
  ),
})

export type BaseRule = z.infer<typeof BaseRule>
export type CorrelationRule = z.infer<typeof CorrelationRule>
export type SomeRule = BaseRule | CorrelationRule

export const isCorrelation = (rule: SomeRule): rule is CorrelationRule => 'correlation' in rule

export const listOf = (given: string | readonly string[] | undefined): readonly string[] =>
  given === undefined ? [] : typeof given === 'string' ? [given] : given
