/** Reads the insides of files in a thread: unpacking takes long, and what is packed is nobody's we know. */
import { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { invalid, Problem, tooLarge } from '../../../lib/problem.ts'
import type { InsidesFor, StoredInsides } from '../../records/file-insides.ts'

export interface ReadingTask extends InsidesFor {
  readonly body: ReadableStream<Uint8Array>
}
/** What a thread says of a file; `failed`: it could not be got or the format failed, so it may go another time. */
export type ReadInsides =
  | { readonly kind: 'read'; readonly insides: StoredInsides }
  | { readonly kind: 'failed'; readonly message: string }

export interface InsidesReader {
  /**
   * What indexes keep of a file; why, where it cannot be read. One file at a time. Throws where the bytes do not come;
   * `signal` ends it.
   */
  read(what: InsidesFor, body: Readable, signal: AbortSignal): Promise<StoredInsides>
  end(): Promise<void>
}

/** A file that takes longer is not read. In milliseconds. */
const longestMs = 600_000
/** What unpacking and a million paths take. */
const resourceLimits = { maxOldGenerationSizeMb: 512 }
const program = new URL('reading-thread.ts', import.meta.url)

/** `formatsModule`: what the thread imports to have the formats. It starts when it is first needed. */
export function createInsidesReader(formatsModule: string): InsidesReader {
  let thread: Worker | undefined
  const end = async () => {
    const ending = thread
    thread = undefined
    await ending?.terminate()
  }
  return {
    end,
    async read({ format, rule }, body, signal) {
      thread ??= new Worker(program, { workerData: { formatsModule }, resourceLimits })
      const { promise: broken, reject } = Promise.withResolvers<never>()
      body.once('error', reject)
      const task = { format, rule, body: Readable.toWeb(body) as ReadableStream<Uint8Array> }
      try {
        return await Promise.race([ask(thread, task, signal), broken])
      } catch (error) {
        await end()
        if (error instanceof Problem && error.status < 500) return unreadable(error)
        throw error
      } finally {
        body.destroy()
      }
    },
  }
}

/** Nothing, and why. */
export const unreadable = ({ message }: Problem): StoredInsides => ({
  text: new Uint8Array(),
  size: 0,
  problem: message.slice(0, 1000),
})

function ask(thread: Worker, task: ReadingTask, signal: AbortSignal): Promise<StoredInsides> {
  const { promise, resolve, reject } = Promise.withResolvers<StoredInsides>()
  const answered = (answer: ReadInsides) =>
    answer.kind === 'read' ? resolve(answer.insides) : reject(new Error(answer.message))
  const failed = (error: Error & { code?: string }) =>
    reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge('reading it takes too much memory') : error)
  const exited = () => reject(new Error('the reading thread ended'))
  const aborted = () => reject(signal.reason)
  const timer = setTimeout(() => reject(invalid('reading it takes too long')), longestMs)
  thread.once('message', answered).once('error', failed).once('exit', exited)
  signal.addEventListener('abort', aborted)
  thread.ref()
  if (signal.aborted) aborted()
  else thread.postMessage(task, [task.body as never])
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', aborted)
    thread.off('message', answered).off('error', failed).off('exit', exited)
    thread.unref()
  })
}
