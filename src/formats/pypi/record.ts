/** RECORD: the files of a wheel with their digests and sizes, as CSV ("Recording installed projects"). */
import { createHash, type Hash } from 'node:crypto'
import { invalid, tooLarge } from '../../lib/problem.ts'
import type { ZipEntry } from '../../lib/zip-directory.ts'

/** Largest RECORD, in bytes. */
export const maxRecord = 32 * 1024 * 1024
const maxRows = 200_000
/** Of the files of one wheel, in bytes unpacked: beyond, only their places and sizes are compared. */
const mostHashed = 256 * 1024 * 1024
const algorithms = ['sha256', 'sha384', 'sha512']

interface Row {
  readonly algorithm: string
  /** Base64 for URLs, without padding. */
  readonly digest: string
  readonly size: string
}

/** Compares the files of a wheel with what its RECORD says, while they are unpacked. */
export interface RecordCheck {
  /** What the content of a file goes to; undefined: it need not be read. */
  take(entry: ZipEntry): ((piece: Uint8Array) => void) | undefined
  /** Throws 400 for the first file that is another one than RECORD says. */
  finish(): void
}

/**
 * Checks that RECORD and the archive have the same files. Throws 400 where they do not. Those that sign it, and RECORD
 * itself, need not be listed.
 */
export function checkRecord(text: string, folder: string, entries: readonly ZipEntry[]): RecordCheck {
  const rows = readRecord(text)
  const unlisted = ['RECORD', 'RECORD.jws', 'RECORD.p7s'].map((name) => `${folder}/${name}`)
  const files = entries.filter(({ name }) => !name.endsWith('/'))
  const present = new Set(files.map(({ name }) => name))
  for (const path of rows.keys())
    if (!present.has(path)) throw differs(`it lists ${shown(path)}, which is not in the wheel`)
  for (const { name, size } of files) {
    const row = rows.get(name)
    if (unlisted.includes(name)) continue
    if (!row) throw differs(`it does not list ${shown(name)}`)
    if (!algorithms.includes(row.algorithm)) throw differs(`it has no good digest of ${shown(name)}`)
    if (row.size !== '' && row.size !== String(size)) throw differs(`${shown(name)} has another size`)
  }
  return hashing(rows, new Set(unlisted))
}

function hashing(rows: ReadonlyMap<string, Row>, unlisted: ReadonlySet<string>): RecordCheck {
  const open: { readonly name: string; readonly row: Row; readonly hash: Hash }[] = []
  let left = mostHashed
  return {
    take({ name, size }) {
      const row = rows.get(name)
      if (!row || unlisted.has(name) || size > left) return undefined
      left -= size
      const hash = createHash(row.algorithm)
      finishLast(open)
      open.push({ name, row, hash })
      return (piece) => void hash.update(piece)
    },
    finish: () => finishLast(open),
  }
}

function finishLast(open: { readonly name: string; readonly row: Row; readonly hash: Hash }[]): void {
  const last = open.pop()
  if (last && last.hash.digest('base64url') !== last.row.digest.replace(/=+$/, ''))
    throw differs(`the bytes of ${shown(last.name)} are others`)
}

const shown = (path: string) => JSON.stringify(path.slice(0, 100))
const differs = (what: string) => invalid(`the wheel is not what its RECORD says: ${what}`)

const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy

function readRecord(text: string): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>()
  cell.lastIndex = 0
  for (let cells: string[] = []; cell.lastIndex < text.length;) {
    const found = cell.exec(text)
    if (!found) throw invalid('the RECORD of the wheel is not CSV')
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
    if (found[3] === ',' && cell.lastIndex < text.length) continue
    if (found[3] === ',') cells.push('')
    addRow(rows, cells)
    cells = []
  }
  return rows
}

function addRow(rows: Map<string, Row>, cells: readonly string[]): void {
  const [path = '', hash = '', size = ''] = cells
  if (cells.length === 1 && path === '') return
  if (cells.length !== 3 || path === '')
    throw invalid('a line of the RECORD of the wheel has not three cells')
  if (rows.has(path)) throw differs(`it lists ${shown(path)} twice`)
  if (rows.size === maxRows) throw tooLarge(`the RECORD of the wheel has more than ${maxRows} lines`)
  const equals = hash.indexOf('=')
  rows.set(path, { algorithm: hash.slice(0, Math.max(0, equals)), digest: hash.slice(equals + 1), size })
}
