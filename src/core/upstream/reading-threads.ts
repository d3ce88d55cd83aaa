/** Reads long documents of upstreams in threads, so that the event loop goes on meanwhile. */
import { Worker } from 'node:worker_threads'
import type { Format, NameView, PackageView } from '../../formats/format.ts'
import { Problem } from '../../lib/problem.ts'
import { readName, readPackage, renderRemote, type Reading, type Rendering } from './read-documents.ts'

/** What can be asked of a thread. */
export type ReadingTask =
  | { readonly kind: 'render'; readonly reading: Reading; readonly stamp: string }
  | { readonly kind: 'name'; readonly reading: Reading }
  | { readonly kind: 'package'; readonly reading: Reading; readonly version: string }
export interface ReadingRequest {
  readonly id: number
  readonly task: ReadingTask
}
export type ReadingAnswer =
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number
      readonly problem: { readonly status: number; readonly code: string; readonly message: string }
    }
  | { readonly id: number; readonly message: string }

export interface ReadingThreads {
  render(reading: Reading, stamp: string): Promise<Rendering>
  name(reading: Reading): Promise<NameView<any>>
  /** Undefined: there is no such version. */
  package(reading: Reading, version: string): Promise<PackageView<any> | undefined>
  end(): Promise<void>
}

/** Documents up to this size are read on the spot, in bytes as they came. */
const short = { identity: 128 * 1024, gzip: 24 * 1024 }
const mostThreads = 2
/** A document that takes longer is given up, and its thread with it. In milliseconds. */
const longestMs = 60_000
const idleMs = 30_000
const program = new URL('reading-thread.ts', import.meta.url)

/** `formatsModule`: what a thread imports to have the formats. Threads start when they are first needed. */
export function createReadingThreads(
  formats: ReadonlyMap<string, Format<any>>,
  formatsModule: string,
): ReadingThreads {
  const threads = new Set<ReadingThread>()
  async function run(task: ReadingTask): Promise<any> {
    if (isShort(task.reading)) return perform(formats.get(task.reading.format)!, task)
    return quietest().run(task)
  }
  function quietest(): ReadingThread {
    const inOrder = [...threads].sort((a, b) => a.waiting() - b.waiting())
    if (inOrder[0] && (inOrder[0].waiting() === 0 || threads.size >= mostThreads)) return inOrder[0]
    const thread: ReadingThread = startThread(formatsModule, () => threads.delete(thread))
    threads.add(thread)
    return thread
  }
  return {
    render: (reading, stamp) => run({ kind: 'render', reading, stamp }),
    name: (reading) => run({ kind: 'name', reading }),
    package: (reading, version) => run({ kind: 'package', reading, version }),
    async end() {
      await Promise.all([...threads].map((thread) => thread.end()))
    },
  }
}

const isShort = ({ answers }: Reading) =>
  answers.every(({ bytes, encoding }) => bytes.length <= short[encoding])

/** Does what is asked for, on this thread. */
export function perform(format: Format<any>, task: ReadingTask): Promise<unknown> {
  if (task.kind === 'render') return renderRemote(format, task.reading, task.stamp)
  if (task.kind === 'name') return readName(format, task.reading)
  return readPackage(format, task.reading, task.version)
}

interface ReadingThread {
  run(task: ReadingTask): Promise<unknown>
  waiting(): number
  end(): Promise<void>
}

/** It keeps the process alive only while somebody waits, and ends when nobody has for a while. */
function startThread(formatsModule: string, onEnd: () => void): ReadingThread {
  const worker = new Worker(program, { workerData: { formatsModule } })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let last = 0
  let idle: NodeJS.Timeout | undefined
  worker.unref()
  const fail = (error: Error) => {
    clearTimeout(idle)
    onEnd()
    for (const asked of waiting.values()) asked.reject(error)
    waiting.clear()
  }
  const end = async () => {
    onEnd()
    await worker.terminate()
  }
  worker.on('message', (answer: ReadingAnswer) => {
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (waiting.size === 0) {
      worker.unref()
      idle = setTimeout(() => void end(), idleMs).unref()
    }
    if ('result' in answer) asked?.resolve(answer.result)
    else if ('problem' in answer) {
      const { status, code, message } = answer.problem
      asked?.reject(new Problem(status, code, message))
    } else asked?.reject(new Error(answer.message))
  })
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('the reading thread ended')))
  return {
    run(task) {
      clearTimeout(idle)
      const asked = Promise.withResolvers<unknown>()
      last += 1
      waiting.set(last, asked)
      worker.ref()
      worker.postMessage({ id: last, task } satisfies ReadingRequest, [])
      const timer = setTimeout(() => {
        fail(new Error(`reading a document took more than ${longestMs} ms`))
        void worker.terminate()
      }, longestMs)
      return asked.promise.finally(() => clearTimeout(timer))
    },
    waiting: () => waiting.size,
    end,
  }
}
