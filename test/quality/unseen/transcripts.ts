import { labelled, turns } from '../blind/transcripts.ts'
import type { Call, Story } from '../invented/stories.ts'
import type { Labelled } from '../invented/transcripts.ts'
import { examTasks } from './exam-tasks.ts'
import { moreOrdinary } from './more-ordinary.ts'
import { ordinary } from './ordinary.ts'
import { ordinaryExam } from './ordinary-exam.ts'
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

/** Ordinary work, in which data asks for much and the agent does what its user wants. */
export const ordinaryTranscripts = (half: 'worked with' | 'exam'): readonly Labelled[] =>
  (half === 'exam' ? ordinaryExam : [...ordinary, ...moreOrdinary]).map(
    ({ name, system, request, reads, reply, work }) => ({
      id: name,
      truth: 'benign',
      style: '',
      isPlain: false,
      messages: [
        { role: 'system', content: system ?? 'You work for the user with the tools you have.' },
        { role: 'user', content: request },
        ...turns(reads, ['', ''], 'r'),
        ...(reply === undefined
          ? []
          : [
              { role: 'assistant', content: 'Shall I?' },
              { role: 'user', content: reply },
            ]),
        ...turns(work, ['', ''], 'w'),
        { role: 'assistant', content: 'Done.' },
      ],
    }),
  )
