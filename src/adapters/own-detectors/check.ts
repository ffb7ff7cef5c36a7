import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { LawResult } from '../../lab/laws.ts'

/** A file to try: its name, and its code as `bundleOf` and `metered` made it. */
export interface Question {
  readonly file: string
  readonly code: string
}

/** What is wrong with it so that it cannot be a detector; or how it keeps the laws. */
export type Answer = { readonly mistakes: readonly string[] } | { readonly laws: readonly LawResult[] }

const PATIENCE_MS = 120_000
const MEMORY_MB = 256

/** Tries foreign files in a thread of their own, which is ended when one of them does not come back or takes its memory. */
export class Checker {
  readonly #data: { readonly kit: string; readonly stepMs: number }
  #worker: Worker | null = null

  constructor(kit: string, stepMs: number) {
    this.#data = { kit, stepMs }
  }

  async ask(question: Question): Promise<Answer> {
    this.#worker ??= this.#start()
    const worker = this.#worker
    const answer = await answerOf(worker, question)
    if ('mistakes' in answer) await this.close()
    return answer
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }

  #start(): Worker {
    const file = new URL(`./check-worker${extname(import.meta.url)}`, import.meta.url)
    return new Worker(file, {
      workerData: this.#data,
      env: {},
      argv: [],
      execArgv: [],
      stdin: false,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    })
  }
}

/** Its listeners are taken off by name: without its own, a worker says nothing more. */
function answerOf(worker: Worker, question: Question): Promise<Answer> {
  return new Promise((resolve) => {
    const done = (answer: Answer): void => {
      clearTimeout(timer)
      worker.off('message', done).off('error', onError).off('exit', onExit)
      resolve(answer)
    }
    const end = (mistake: string): void => done({ mistakes: [mistake] })
    const onError = ({ message }: Error): void => end(`it cannot be checked: ${message}`)
    const onExit = (): void => end('it ended the thread in which it was checked')
    const onLate = (): void =>
      end(`it did not come back within ${PATIENCE_MS / 1_000} s; is there a loop or a pattern without end in it?`)
    const timer = setTimeout(onLate, PATIENCE_MS)
    worker.on('message', done).on('error', onError).on('exit', onExit)
    worker.postMessage(question)
  })
}
