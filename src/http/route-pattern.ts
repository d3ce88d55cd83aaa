/** One pattern of a route table, compiled: `/-/ping`, `/:name`, `/:name+/-/:file`, `/:version.zip`, `/simple/:name/`. */
import { decodeSegment } from './paths.ts'

/** Matches segments that `decodeSegments` gave; returns the parameters, or undefined. */
export type Matcher = (segments: readonly string[]) => Record<string, string> | undefined

/** A literal segment has no `name`; `many` is one or more segments. */
interface Piece {
  readonly text: string
  readonly name?: string
  readonly prefix: string
  readonly suffix: string
  readonly many: boolean
}

const maxMany = 2
const named = /^([^:]*):([a-z][a-z0-9_]*)(\+?)([^:]*)$/i

/** Compiles a pattern. Throws an `Error` naming the pattern if it is not one (a mistake in the program, not a request). */
export function compilePattern(path: string): Matcher {
  const pieces = parsePieces(path)
  const fixed = !pieces.some((piece) => piece.many)
  return (segments) => {
    if (fixed ? segments.length !== pieces.length : segments.length < pieces.length) return undefined
    const params: Record<string, string> = {}
    return matchFrom(pieces, 0, segments, 0, params) ? params : undefined
  }
}

/**
 * Decodes segments for matching, each exactly once. Undefined if one but the last is empty, or hides an empty one behind
 * encoded slashes: no pattern matches that.
 */
export function decodeSegments(segments: readonly string[]): readonly string[] | undefined {
  const decoded = segments.map(decodeSegment)
  return decoded.slice(0, -1).some(hasEmptyPart) ? undefined : decoded
}

function parsePieces(path: string): Piece[] {
  const wrong = (what: string) => new Error(`route pattern '${path}': ${what}`)
  if (!path.startsWith('/')) throw wrong("must start with '/'")
  const texts = path.slice(1).split('/')
  if (texts.slice(0, -1).includes('')) throw wrong('has an empty segment')
  const pieces = []
  for (const text of texts) {
    const piece = parsePiece(text)
    if (!piece) throw wrong(`cannot read segment '${text}'`)
    pieces.push(piece)
  }
  const names = pieces.flatMap(({ name }) => name ?? [])
  if (new Set(names).size !== names.length) throw wrong('names a parameter twice')
  if (pieces.filter(({ many }) => many).length > maxMany) throw wrong(`has more than ${maxMany} '+'`)
  return pieces
}

function parsePiece(text: string): Piece | undefined {
  if (!text.includes(':')) return { text, prefix: '', suffix: '', many: false }
  const found = named.exec(text)
  if (!found) return undefined
  const [, prefix = '', name = '', plus, suffix = ''] = found
  return { text, name, prefix, suffix, many: plus === '+' }
}

/** Two `+` at most: the first is tried from short to long, the last has the only length left. No other backtracking. */
function matchFrom(
  pieces: readonly Piece[],
  firstPiece: number,
  segments: readonly string[],
  firstSegment: number,
  params: Record<string, string>,
): boolean {
  let at = firstSegment
  for (let index = firstPiece; index < pieces.length; index++) {
    const piece = pieces[index]!
    if (piece.many) return matchMany(pieces, index, segments, at, params)
    if (!takeOne(piece, segments[at++]!, params)) return false
  }
  return at === segments.length
}

function takeOne(piece: Piece, segment: string, params: Record<string, string>): boolean {
  if (!piece.name) return piece.text === segment
  const { prefix, suffix } = piece
  if (segment.length <= prefix.length + suffix.length) return false
  if (!segment.startsWith(prefix) || !segment.endsWith(suffix)) return false
  const value = segment.slice(prefix.length, segment.length - suffix.length)
  if (hasEmptyPart(value)) return false
  params[piece.name] = value
  return true
}

function matchMany(
  pieces: readonly Piece[],
  index: number,
  segments: readonly string[],
  from: number,
  params: Record<string, string>,
): boolean {
  const piece = pieces[index]!
  const longest = segments.length - from - (pieces.length - index - 1)
  const another = pieces.some((other, position) => position > index && other.many)
  for (let count = another ? 1 : longest; count <= longest; count++) {
    if (!matchFrom(pieces, index + 1, segments, from + count, params)) continue
    if (takeOne(piece, segments.slice(from, from + count).join('/'), params)) return true
  }
  return false
}

/** An encoded empty segment (`a%2f%2fb`, `%2fa`) matches no more than a plain one. */
function hasEmptyPart(value: string): boolean {
  return (
    value === '' ||
    (value.includes('/') && (value.startsWith('/') || value.endsWith('/') || value.includes('//')))
  )
}
