/** JSON of a registry elsewhere: bounded before it is parsed, so that no answer costs more than its limits say. */
import { isObject, type JsonObject } from './json-values.ts'

export interface JsonLimits {
  readonly bytes: number
  /** Nesting of objects and arrays. */
  readonly depth: number
  /** Members, items, objects and arrays together: what a parsed document costs beside its bytes. */
  readonly values: number
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * Parses a JSON object (RFC 8259, UTF-8). Throws an `Error` that says what is wrong: more than a limit allows, no JSON,
 * no object. `what` names the document.
 */
export function parseObject(body: Uint8Array, what: string, limits: JsonLimits): JsonObject {
  const value = parse(body, what, limits)
  if (!isObject(value)) throw new Error(`${what} is not a JSON object`)
  return value
}

/** The same, for a document that is written again: each number keeps its spelling, also where it has too many digits. */
export function parseExactly(body: Uint8Array, what: string, limits: JsonLimits): JsonObject {
  const value = parse(body, what, limits, keepNumber)
  if (!isObject(value)) throw new Error(`${what} is not a JSON object`)
  return value
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown
/** JSON.parse source text access (ECMAScript 2026), which TypeScript's library does not know yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

const keepNumber: Reviver = (_, value, { source }) =>
  typeof value === 'number' && source !== undefined && String(value) !== source ? rawJSON(source) : value

function parse(body: Uint8Array, what: string, limits: JsonLimits, reviver?: Reviver): unknown {
  if (body.length > limits.bytes) throw new Error(`${what} is larger than ${limits.bytes} bytes`)
  checkShape(body, what, limits)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body), reviver as never)
  } catch {
    throw new Error(`${what} is not valid JSON`)
  }
}

/** Counts in one pass over the bytes: parsing would build first what is then refused. */
function checkShape(body: Uint8Array, what: string, limits: JsonLimits): void {
  let depth = 0
  let values = 0
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (byte === quote) at = endOfString(body, at + 1)
    else if (byte === comma) values++
    else if (byte === openBrace || byte === openBracket) {
      values++
      if (++depth > limits.depth) throw new Error(`${what} is nested deeper than ${limits.depth} levels`)
    } else if (byte === closeBrace || byte === closeBracket) depth--
    // What is never a value in JSON makes the parser fail, wherever the count went.
  }
  if (values > limits.values) throw new Error(`${what} has more than ${limits.values} values`)
}

function endOfString(body: Uint8Array, start: number): number {
  let at = start
  for (; at < body.length && body[at] !== quote; at++) if (body[at] === backslash) at++
  return at
}
