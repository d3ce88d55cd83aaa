/** What the reading thread runs: one file after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { zstdCompressSync } from 'node:zlib'
import type { Format, Insides } from '../../../formats/format.ts'
import { Problem } from '../../../lib/problem.ts'
import type { StoredInsides } from '../../records/file-insides.ts'
import { unreadable, type ReadingTask, type ReadInsides } from './reader.ts'
import { textOf } from './text.ts'

const { formatsModule } = workerData as { readonly formatsModule: string }
const { formats } = (await import(formatsModule)) as { readonly formats: readonly Format<any>[] }

parentPort!.on('message', (task: ReadingTask) => {
  void answer(task).then((reply) => parentPort!.postMessage(reply, []))
})

async function answer({ format, rule, body }: ReadingTask): Promise<ReadInsides> {
  try {
    return { kind: 'read', insides: stored(await read(format, rule, body)) }
  } catch (error) {
    // What is no file of its format stays so; a broken store does not.
    if (error instanceof Problem && error.status < 500) return { kind: 'read', insides: unreadable(error) }
    return { kind: 'failed', message: (error as Error).message }
  }
}

function read(formatId: string, rule: string, body: ReadableStream<Uint8Array>): Promise<Insides> {
  const document = formats.find(({ id }) => id === formatId)?.documents?.[rule]
  if (document?.of !== 'set' || !document.insides) throw new Error(`${formatId} has no insides of ${rule}`)
  return document.insides.read(body as unknown as AsyncIterable<Uint8Array>)
}

function stored(insides: Insides): StoredInsides {
  const text = Buffer.from(textOf(insides))
  return { text: zstdCompressSync(text), size: text.length, problem: null }
}
