/** The form of METADATA, PKG-INFO and WHEEL: header fields as in mail (RFC 5322, folded), then a blank line and a body. */
import { tooLarge } from '../../lib/problem.ts'
import { decodeUtf8 } from './texts.ts'

export interface HeaderText {
  /** Values by their lower-case field names, in their order. */
  readonly fields: ReadonlyMap<string, readonly string[]>
  readonly body: string
}

const maxLines = 20_000
const field = /^([!-9;-~]+):[ \t]*(.*)$/s

/**
 * Reads bytes as Python's mail parser does: a line ends with CR, LF or both, and what is neither a field nor goes on with
 * one ends the head. Throws 400 for what is not UTF-8, 413 for more than 20,000 lines in the head.
 */
export function readHeaderText(what: string, bytes: Uint8Array): HeaderText {
  const text = decodeUtf8(what, bytes)
  const fields = new Map<string, string[]>()
  const lineEnd = /\r\n?|\n|$/g
  let values: string[] | undefined
  for (let at = 0, count = 0; at < text.length; at = lineEnd.lastIndex, count++) {
    if (count === maxLines) throw tooLarge(`${what} has more than ${maxLines} lines in its head`)
    lineEnd.lastIndex = at
    const { index, 0: mark } = lineEnd.exec(text)!
    const line = text.slice(at, index)
    lineEnd.lastIndex = index + mark.length
    if (/^[ \t]/.test(line) && values) {
      values.push(`${values.pop()}\n${line}`)
      continue
    }
    const [, name, value = ''] = field.exec(line) ?? []
    if (name === undefined) return { fields, body: text.slice(line === '' ? lineEnd.lastIndex : at) }
    const key = name.toLowerCase()
    values = fields.get(key) ?? []
    fields.set(key, values)
    values.push(value)
  }
  return { fields, body: '' }
}
