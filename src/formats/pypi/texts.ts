/** Texts that strangers send. */
import { invalid } from '../../lib/problem.ts'

/** A byte order mark stays in the text, as it does for Python. Throws 400 for what is not UTF-8. */
export function decodeUtf8(what: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalid(`${what} is not UTF-8`)
  }
}

/** Throws 400 for what is not JSON. */
export function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid(`${what} is not JSON`)
  }
}
