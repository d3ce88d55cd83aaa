/** What a reading thread runs: one document after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Format } from '../../formats/format.ts'
import { Problem } from '../../lib/problem.ts'
import { perform, type ReadingAnswer, type ReadingRequest } from './reading-threads.ts'
import type { Rendering } from './read-documents.ts'

const { formatsModule } = workerData as { readonly formatsModule: string }
const { formats } = (await import(formatsModule)) as { readonly formats: readonly Format<any>[] }
const byId = new Map(formats.map((format) => [format.id, format]))

parentPort!.on('message', ({ id, task }: ReadingRequest) => {
  const format = byId.get(task.reading.format)!
  void answer(id, perform(format, task)).then((reply) => parentPort!.postMessage(reply, buffersOf(reply)))
})

async function answer(id: number, work: Promise<unknown>): Promise<ReadingAnswer> {
  try {
    return { id, result: await work }
  } catch (error) {
    if (error instanceof Problem) {
      const { status, code, message } = error
      return { id, problem: { status, code, message } }
    }
    return { id, message: (error as Error).message }
  }
}

/** Rendered bytes are handed over, not copied. */
function buffersOf(reply: ReadingAnswer): ArrayBuffer[] {
  const rendering = 'result' in reply ? (reply.result as Partial<Rendering> | undefined) : undefined
  const parts = [...(rendering?.document?.parts.values() ?? [])]
  const buffers = parts.flatMap((part) => [part.body, part.gzip]).filter((bytes) => bytes !== undefined)
  const whole = buffers.filter(
    (bytes) => bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength,
  )
  return [...new Set(whole.map((bytes) => bytes.buffer as ArrayBuffer))]
}
