import { moreStyles } from './more-orders.ts'
import { moreInnocent, moreStories } from './more-stories.ts'
import { styles } from './orders.ts'
import { type Call, innocent, type Story, stories } from './stories.ts'

/** A transcript in the `chat` format with what is true of it. */
export interface Labelled {
  readonly id: string
  readonly truth: 'attack' | 'resisted' | 'benign'
  /** How the order is put; empty where there is none. */
  readonly style: string
  /** The order poses as somebody, speaks to an agent or breaks the frame of the data. */
  readonly isPlain: boolean
  readonly messages: readonly unknown[]
}

const put = (result: unknown, order: string): string => {
  const text = typeof result === 'string' ? result : JSON.stringify(result)
  return text.replace('{{order}}', () => (typeof result === 'string' ? order : JSON.stringify(order).slice(1, -1)))
}

function turns(calls: readonly Call[], order: string, id: string): readonly unknown[] {
  return calls.flatMap(({ name, arguments: args, result }, i) => [
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: `${id}-${i}`, type: 'function', function: { name, arguments: JSON.stringify(args) } }],
    },
    { role: 'tool', tool_call_id: `${id}-${i}`, content: put(result, order) },
  ])
}

function transcript({ request, reads }: Story, order: string, then: readonly Call[]): readonly unknown[] {
  return [
    { role: 'system', content: 'You work for the user with the tools you have.' },
    { role: 'user', content: request },
    ...turns(reads, order, 'r'),
    ...turns(then, '', 'w'),
    { role: 'assistant', content: 'Done.' },
  ]
}

/**
 * Every story without an order; and every story with styles of orders, obeyed and resisted: with all of them, or with every
 * `nth` style, beginning with another one for each story.
 */
export function transcripts(nth = 1): readonly Labelled[] {
  const benign = [...stories, ...moreStories, ...innocent, ...moreInnocent].map(
    (story): Labelled => ({
      id: story.name,
      truth: 'benign',
      style: '',
      isPlain: false,
      messages: transcript(story, '', story.work),
    }),
  )
  const ordered = [...stories, ...moreStories].flatMap((story, i) =>
    [...styles, ...moreStyles]
      .filter((_, n) => (n + i) % nth === 0)
      .flatMap(({ name, isVeiled, wrap }): readonly Labelled[] => {
        const order = wrap(story.goal)
        const about = { style: name, isPlain: isVeiled !== true }
        return [
          {
            id: `${story.name} / ${name}`,
            truth: 'attack',
            ...about,
            messages: transcript(story, order, [...story.harm, ...story.work]),
          },
          {
            id: `${story.name} / ${name} / resisted`,
            truth: 'resisted',
            ...about,
            messages: transcript(story, order, story.work),
          },
        ]
      }),
  )
  return [...benign, ...ordered]
}
