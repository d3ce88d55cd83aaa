/** One table, one file: gzipped JSON lines, an object a row. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { StartRefused } from '../lib/start-refused.ts'
import type { TableFile } from './manifest.ts'

export type Row = Readonly<Record<string, unknown>>

export function tablePath(folder: string, table: string): string {
  return join(folder, `${table}.ndjson.gz`)
}

/** Writes rows, which come in batches, durably. Returns how many there were and the file's sha256. */
export async function writeTable(
  path: string,
  batches: AsyncIterable<readonly Row[]>,
): Promise<{ rows: number; sha256: string }> {
  let rows = 0
  async function* lines() {
    for await (const batch of batches) {
      rows += batch.length
      yield batch.map((row) => `${JSON.stringify(encode(row))}\n`).join('')
    }
  }
  const hash = createHash('sha256')
  await pipeline(
    Readable.from(lines()),
    createGzip(),
    async function* hashed(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        yield chunk
      }
    },
    createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }),
  )
  return { rows, sha256: hash.digest('hex') }
}

/** The rows of a file, one after the other. */
export async function* readTable(path: string): AsyncGenerator<Row> {
  const unpacked = createGunzip()
  const reading = pipeline(createReadStream(path), unpacked)
  reading.catch(() => {})
  let rest = ''
  for await (const text of unpacked.setEncoding('utf8')) {
    const lines = (rest + String(text)).split('\n')
    rest = lines.pop()!
    for (const line of lines) yield decode(JSON.parse(line) as Row)
  }
  await reading
  if (rest !== '') throw new Error(`${path} ends in the middle of a row`)
}

/** Throws `StartRefused` unless the file is the one that the manifest tells of. */
export async function verifyTable(folder: string, { name, sha256 }: TableFile): Promise<void> {
  const path = tablePath(folder, name)
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  } catch (error) {
    throw new StartRefused(`the backup is not whole: cannot read ${path}: ${(error as Error).message}`)
  }
  if (hash.digest('hex') === sha256) return
  throw new StartRefused(`the backup is damaged: ${path} is not what its manifest says; use another snapshot`)
}

/** JSON has no bytes: they become `{"$bytes": "<base64>"}`. Text columns hold text, so nothing else is an object. */
function encode(row: Row): Row {
  const values = Object.entries(row).map(([column, value]) => [
    column,
    value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value,
  ])
  return Object.fromEntries(values)
}

function decode(row: Row): Row {
  const values = Object.entries(row).map(([column, value]) => [
    column,
    value !== null && typeof value === 'object' ? bytesIn(value) : value,
  ])
  return Object.fromEntries(values)
}

function bytesIn(value: object): Buffer {
  if ('$bytes' in value && typeof value.$bytes === 'string') return Buffer.from(value.$bytes, 'base64')
  throw new TypeError('a value in the backup is neither plain nor bytes')
}
