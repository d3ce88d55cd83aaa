/** The form of METADATA, PKG-INFO and WHEEL: header fields as in mail (RFC 5322, folded), then a blank line and a body. */
import { invalid, tooLarge } from '../../lib/problem.ts'

export interface HeaderText {
  /** Values by their lower-case field names, in their order. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly body: string
}

const maxLines = 100_000
const field = /^([!-9;-~]+):[ \t]*(.*)$/s

/**
 * Reads bytes as Python's mail parser does: what is neither a field nor goes on with one ends the head. Throws 400 for
 * what is not UTF-8, 413 for more than 100,000 lines in the head.
 */
export function readHeaderText(what: string, bytes: Uint8Array): HeaderText {
  const text = decoded(what, bytes)
  const fields = new Map<string, string[]>()
  let values: string[] | undefined
  let at = 0
  for (let count = 0; at < text.length; count++) {
    if (count === maxLines) throw tooLarge(`${what} has more than ${maxLines} lines in its head`)
    const end = text.indexOf('\n', at)
    const next = end < 0 ? text.length : end + 1
    const line = text.slice(at, end < 0 ? text.length : end).replace(/\r$/, '')
    if (/^[ \t]/.test(line) && values) values.push(`${values.pop()}\n${line}`)
    else {
      const [, name, value = ''] = field.exec(line) ?? []
      if (name === undefined) return { fields, body: text.slice(line === '' ? next : at) }
      const key = name.toLowerCase()
      values = fields.get(key) ?? []
      fields.set(key, values)
      values.push(value)
    }
    at = next
  }
  return { fields, body: '' }
}

function decoded(what: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalid(`${what} is not UTF-8`)
  }
}
