/** Reads the insides of files in a thread: unpacking takes long, and what is packed is nobody's we know. */
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { createPieceCollector } from '../../../lib/collect-garbage.ts'
import { invalid, Problem, tooLarge } from '../../../lib/problem.ts'
import { recyclerOf } from '../../../lib/recycling.ts'
import type { InsidesFor, StoredInsides } from '../../records/file-insides.ts'

/** What a thread is told: which file to read, and its bytes, piece by piece, as it asks for them. */
export type ToThread =
  | { readonly kind: 'read'; readonly what: InsidesFor }
  | { readonly kind: 'piece'; readonly bytes: Uint8Array }
  | { readonly kind: 'end' }
/** What it says; `failed`: it could not be read, but may be another time. */
export type FromThread =
  | { readonly kind: 'more' }
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
    async read(what, body, signal) {
      thread ??= new Worker(program, { workerData: { formatsModule }, resourceLimits })
      try {
        return await ask(thread, what, body, signal)
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

function ask(thread: Worker, what: InsidesFor, body: Readable, signal: AbortSignal): Promise<StoredInsides> {
  const { promise, resolve, reject } = Promise.withResolvers<StoredInsides>()
  const tell = (message: ToThread, transfer: ArrayBuffer[] = []) => thread.postMessage(message, transfer)
  const pieces = smallPieces(body)
  let isOver = false
  async function give(): Promise<void> {
    const { done, value } = await pieces.next()
    if (isOver) return
    if (done) tell({ kind: 'end' })
    else tell({ kind: 'piece', bytes: value }, [value.buffer])
  }
  function heard(said: FromThread): void {
    if (said.kind === 'more') give().catch(reject)
    else if (said.kind === 'read') resolve(said.insides)
    else reject(new Error(said.message))
  }
  const failed = (error: Error & { code?: string }) =>
    reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge('reading it takes too much memory') : error)
  const exited = () => reject(new Error('the reading thread ended'))
  const aborted = () => reject(signal.reason)
  const timer = setTimeout(() => reject(invalid('reading it takes too long')), longestMs)
  thread.on('message', heard).once('error', failed).once('exit', exited)
  signal.addEventListener('abort', aborted)
  thread.ref()
  if (signal.aborted) aborted()
  else tell({ kind: 'read', what })
  return promise.finally(() => {
    isOver = true
    clearTimeout(timer)
    signal.removeEventListener('abort', aborted)
    thread.off('message', heard).off('error', failed).off('exit', exited)
    thread.unref()
  })
}

/** In bytes: more at once is more memory on both sides. */
const pieceBytes = 64 * 1024

/** Copies, which can be handed over. */
async function* smallPieces(body: Readable): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const recycle = recyclerOf(body)
  const collect = createPieceCollector()
  for await (const piece of body as AsyncIterable<Buffer>) {
    for (let at = 0; at < piece.length; at += pieceBytes)
      yield new Uint8Array(piece.subarray(at, at + pieceBytes))
    recycle?.(piece)
    collect(piece.length)
  }
}
