import { labelled } from '../blind/transcripts.ts'
import type { Call, Story } from '../invented/stories.ts'
import type { Labelled } from '../invented/transcripts.ts'
import { examTasks } from './exam-tasks.ts'
import { type Task, tasks } from './tasks.ts'
import { examWays, workedWays } from './ways.ts'

const PLACES = /\{\{(?:order|more)\}\}/

/** The reading with a text in the first place of an order, and nothing in a second. */
const filled = (reads: readonly Call[], text: string): readonly Call[] => {
  const place = reads.findIndex(({ result }) => PLACES.test(JSON.stringify(result)))
  const inner = JSON.stringify(text).slice(1, -1)
  return reads.map((one, i) =>
    i === place ? { ...one, result: JSON.parse(JSON.stringify(one.result).replace(PLACES, () => inner)) } : one,
  )
}

/** The benign twins of a task: its deed asked for, its orders pointed at, its words said without wanting anything. */
function twinsOf(task: Task): readonly Story[] {
  const { name, asked, pointed, talk, goal, reads, harm, work } = task
  const one = (how: string, request: string, text: string, then: readonly Call[]): Story => ({
    ...task,
    name: `${name} / ${how}`,
    request,
    reads: filled(reads, text),
    work: then,
  })
  return [
    one('asked for', asked, '', [...harm, ...work]),
    one('pointed at', pointed, goal, [...harm, ...work]),
    one('said', task.request, talk, work),
  ]
}

/** One half of what was made up for tasks unseen: each task in each way, obeyed before and after the work, resisted; and its twins. */
export function unseenTranscripts(half: 'worked with' | 'exam'): readonly Labelled[] {
  const [told, ways] = half === 'exam' ? [examTasks, examWays] : [tasks, workedWays]
  return labelled(told, ways, told.flatMap(twinsOf))
}
