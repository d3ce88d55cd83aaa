/** One big file at a time: up, down, and to a bare disk for comparison. Bytes are one block again and again. */
import { createHash, hash } from 'node:crypto'
import { once } from 'node:events'
import { open, rename, rm } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { dirname } from 'node:path'
import { useConnection } from './keep-alive-connection.ts'

export interface BigFile {
  readonly block: Uint8Array
  readonly times: number
}

export interface TransferJob extends BigFile {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** Seconds that a download takes; every byte is compared. */
export async function runDownload({ port, path, headers, block, times }: TransferJob): Promise<number> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const requests = [Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join('')}\r\n`)]
  const expected = { status: 200, block, length: block.length * times }
  let milliseconds = 0
  await useConnection({
    port,
    expected,
    next: () => requests.pop(),
    answered: (duration) => void (milliseconds = duration),
  })
  return milliseconds / 1000
}

/** Seconds from the first byte of a PUT to its 201. */
export async function runUpload({ port, path, headers, block, times }: TransferJob): Promise<number> {
  const began = performance.now()
  const put = request({
    port,
    host: '127.0.0.1',
    path,
    method: 'PUT',
    headers: { ...headers, 'content-length': block.length * times },
  })
  const answered = once(put, 'response') as Promise<[IncomingMessage]>
  for (let count = 0; count < times; count++) {
    if (!put.write(block)) await once(put, 'drain')
  }
  put.end()
  const [answer] = await answered
  answer.resume()
  await once(answer, 'end')
  if (answer.statusCode !== 201) throw new Error(`PUT ${path}: ${answer.statusCode}`)
  return (performance.now() - began) / 1000
}

export interface PlainWriteJob extends BigFile {
  readonly file: string
}

/** Seconds to hash (sha256) and write the same bytes durably: written, synced, renamed, directory synced. */
export async function runPlainWrite({ file, block, times }: PlainWriteJob): Promise<number> {
  const began = performance.now()
  const sha256 = createHash('sha256')
  const handle = await open(`${file}.part`, 'w')
  for (let count = 0; count < times; count++) {
    sha256.update(block)
    await handle.write(block)
  }
  sha256.digest('hex')
  await handle.sync()
  await handle.close()
  await settle(file)
  const seconds = (performance.now() - began) / 1000
  await rm(file)
  return seconds
}

export interface PlainWritesJob {
  /** Files are this and a number. */
  readonly file: string
  /** Of each file. */
  readonly bytes: Uint8Array
  /** Milliseconds. */
  readonly duration: number
}

/** Small files written durably for each second, one after the other. */
export async function runPlainWrites({ file, bytes, duration }: PlainWritesJob): Promise<number> {
  const began = performance.now()
  let count = 0
  while (performance.now() - began < duration) {
    const name = `${file}-${count++}`
    hash('sha256', bytes)
    const handle = await open(`${name}.part`, 'w')
    await handle.write(bytes)
    await handle.sync()
    await handle.close()
    await settle(name)
  }
  const perSecond = count / ((performance.now() - began) / 1000)
  while (count > 0) await rm(`${file}-${--count}`)
  return perSecond
}

async function settle(file: string): Promise<void> {
  await rename(`${file}.part`, file)
  const directory = await open(dirname(file), 'r')
  await directory.sync()
  await directory.close()
}
