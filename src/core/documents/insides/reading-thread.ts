/** What the reading thread runs: one file after the other. */
import { parentPort, workerData } from 'node:worker_threads'
import { zstdCompressSync } from 'node:zlib'
import type { Format, Insides } from '../../../formats/format.ts'
import { createPieceCollector } from '../../../lib/collect-garbage.ts'
import { Problem } from '../../../lib/problem.ts'
import type { InsidesFor, StoredInsides } from '../../records/file-insides.ts'
import { unreadable, type FromThread, type ToThread } from './reader.ts'
import { textOf } from './text.ts'

const { formatsModule } = workerData as { readonly formatsModule: string }
const { formats } = (await import(formatsModule)) as { readonly formats: readonly Format<any>[] }
const byId = new Map(formats.map((format) => [format.id, format]))

const port = parentPort!
const say = (said: FromThread) => port.postMessage(said, [])
let waiting: PromiseWithResolvers<ToThread> | undefined

port.on('message', (told: ToThread) => {
  if (told.kind === 'read') void answer(told.what).then(say)
  else waiting?.resolve(told)
})

async function* body(): AsyncGenerator<Uint8Array> {
  const collect = createPieceCollector()
  for (;;) {
    waiting = Promise.withResolvers()
    say({ kind: 'more' })
    const told = await waiting.promise
    if (told.kind !== 'piece') return
    yield told.bytes
    collect(told.bytes.length)
  }
}

async function answer({ format: id, rule }: InsidesFor): Promise<FromThread> {
  try {
    const document = byId.get(id)?.documents?.[rule]
    if (document?.of !== 'set' || !document.insides) throw new Error(`${id} has no insides of ${rule}`)
    return { kind: 'read', insides: stored(await document.insides.read(body())) }
  } catch (error) {
    // What is no file of its format stays so; a broken store does not.
    if (error instanceof Problem && error.status < 500) return { kind: 'read', insides: unreadable(error) }
    return { kind: 'failed', message: (error as Error).message }
  }
}

function stored(insides: Insides): StoredInsides {
  const text = Buffer.from(textOf(insides))
  return { text: zstdCompressSync(text), size: text.length, problem: null }
}
