/** RECORD: the files of a wheel with their digests and sizes, as CSV ("Recording installed projects"). */
import { createHash, type Hash } from 'node:crypto'
import { invalid, tooLarge } from '../../lib/problem.ts'
import { inTurns, turn } from '../../lib/turn.ts'
import type { ZipEntry } from '../../lib/zip-directory.ts'

/** Largest RECORD, in bytes. */
export const maxRecord = 32 * 1024 * 1024
const maxLines = 200_000
/** In characters. A path has at most 4,096. */
const maxLine = 10_000
/** Of the files of one wheel, in bytes unpacked: beyond, only their places and sizes are compared. */
const mostHashed = 256 * 1024 * 1024
const algorithms = ['sha256', 'sha384', 'sha512']
const atOnce = 1000

interface Row {
  readonly algorithm: string
  /** Base64 for URLs, without padding. */
  readonly digest: string
  readonly size: string
}

/** Compares the files of a wheel with what its RECORD says, while they are unpacked one after the other. */
export interface RecordCheck {
  /** What the content of a file goes to; undefined: it need not be read. Throws 400 for a file before it that differs. */
  take(entry: ZipEntry): ((piece: Uint8Array) => void) | undefined
  /** Throws 400 if the last file is another one than RECORD says. */
  finish(): void
}

/**
 * Checks that RECORD and the archive have the same files. Throws 400 where they do not. Those that sign it, and RECORD
 * itself, need not be listed.
 */
export async function checkRecord(
  text: string,
  folder: string,
  entries: readonly ZipEntry[],
): Promise<RecordCheck> {
  const rows = await readRecord(text)
  const files = new Map(entries.filter(({ name }) => !name.endsWith('/')).map((entry) => [entry.name, entry]))
  for (const path of rows.keys())
    if (!files.has(path)) throw differs(`it lists ${shown(path)}, which is not in the wheel`)
  for (const name of ['RECORD', 'RECORD.jws', 'RECORD.p7s']) {
    files.delete(`${folder}/${name}`)
    rows.delete(`${folder}/${name}`)
  }
  await inTurns([...files.values()], (entry) => checkRow(rows.get(entry.name), entry), atOnce)
  return hashing(rows)
}

function checkRow(row: Row | undefined, { name, size }: ZipEntry): void {
  if (!row) throw differs(`it does not list ${shown(name)}`)
  if (!algorithms.includes(row.algorithm)) throw differs(`it has no good digest of ${shown(name)}`)
  if (row.size !== '' && row.size !== String(size)) throw differs(`${shown(name)} has another size`)
}

function hashing(rows: ReadonlyMap<string, Row>): RecordCheck {
  let left = mostHashed
  let last: { readonly name: string; readonly digest: string; readonly hash: Hash } | undefined
  const finish = () => {
    if (last && last.hash.digest('base64url') !== last.digest)
      throw differs(`the bytes of ${shown(last.name)} are others`)
    last = undefined
  }
  return {
    take({ name, size }) {
      finish()
      const row = rows.get(name)
      if (!row || size > left) return undefined
      left -= size
      const hash = createHash(row.algorithm)
      last = { name, digest: row.digest, hash }
      return (piece) => void hash.update(piece)
    },
    finish,
  }
}

const shown = (path: string) => JSON.stringify(path.slice(0, 100))
const differs = (what: string) => invalid(`the wheel is not what its RECORD says: ${what}`)

const cell = '(?:"((?:[^"]|"")*)"|([^",]*))'
const cells = new RegExp(`^${cell},${cell},${cell}$`)

/** The rows by their paths, which have no line breaks: no entry's name has. */
async function readRecord(text: string): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>()
  for (let at = 0, count = 1; at < text.length; count++) {
    if (count > maxLines) throw tooLarge(`the RECORD of the wheel has more than ${maxLines} lines`)
    if (count % atOnce === 0) await turn()
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end < 0 ? undefined : end).replace(/\r$/, '')
    if (line !== '') addRow(rows, line)
    at = end < 0 ? text.length : end + 1
  }
  return rows
}

function addRow(rows: Map<string, Row>, line: string): void {
  const found = line.length > maxLine ? null : cells.exec(line)
  const [path, hash, size] = [1, 3, 5].map(
    (at) => found?.[at]?.replaceAll('""', '"') ?? found?.[at + 1] ?? '',
  )
  if (!path || hash === undefined || size === undefined)
    throw invalid('a line of the RECORD of the wheel has not three cells of CSV')
  if (rows.has(path)) throw differs(`it lists ${shown(path)} twice`)
  const [algorithm = '', digest = ''] = hash.split(/=(.*)/s)
  rows.set(path, { algorithm, digest: digest.replace(/=+$/, ''), size })
}
