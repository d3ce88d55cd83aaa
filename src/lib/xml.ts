import { setImmediate } from 'node:timers/promises'
import { SaxesParser } from 'saxes'
import { invalid } from './problem.ts'

/** What a foreign XML document may cost; beyond any of these it is refused. */
export interface XmlLimits {
  /** Elements inside each other. */
  readonly depth: number
  /** Elements altogether. */
  readonly elements: number
  /** Characters directly inside one element, not counting white space before them. */
  readonly text: number
}
export interface XmlReader {
  readonly limits: XmlLimits
  /** Named entities beside the five of XML. */
  readonly entities?: Readonly<Record<string, string>>
  /** An element ended: the names from the root down to it, joined by '/', and the trimmed text directly inside. */
  readonly element?: (path: string, text: string) => void
}
interface Open {
  readonly path: string
  text: string
}

const defaultLimits: XmlLimits = { depth: 64, elements: 200_000, text: 65_536 }
/** Characters parsed in one go; other requests get their turn in between. */
const stretch = 65_536

/**
 * Reads a whole XML 1.0 document (no namespaces), calling `element` in document order of the end tags.
 * Throws `invalid`, beginning with `what`, if it is not well-formed, has a document type (so no entity of its own can be
 * expanded), is over a limit, or is not in the encoding it claims.
 */
export async function readXml(
  what: string,
  bytes: Uint8Array,
  reader: Partial<XmlReader> = {},
): Promise<void> {
  const text = decode(what, bytes)
  const parser = start(what, { limits: defaultLimits, ...reader })
  for (let at = 0; at < text.length; at += stretch) {
    if (at > 0) await setImmediate()
    parser.write(text.slice(at, at + stretch))
  }
  parser.close()
}

/** The same without a pause: for what is read in a thread of its own, or is small. */
export function readXmlAtOnce(what: string, bytes: Uint8Array, reader: Partial<XmlReader> = {}): void {
  const parser = start(what, { limits: defaultLimits, ...reader })
  parser.write(decode(what, bytes))
  parser.close()
}

function start(what: string, { limits, entities, element }: XmlReader): SaxesParser {
  const parser = new SaxesParser({ position: false })
  const refuse = (why: string): never => {
    throw invalid(`${what} ${why}`)
  }
  const stack: Open[] = []
  let elements = 0
  Object.assign(parser.ENTITIES, entities)
  const append = (text: string) => {
    const top = stack.at(-1)
    // what stands between thousands of elements is trimmed away in the end
    if (!top || (top.text === '' && text.trim() === '')) return
    top.text += text
    if (top.text.length > limits.text)
      refuse(`has more than ${limits.text} characters in <${nameOf(top.path)}>`)
  }
  parser.on('error', (error) =>
    refuse(`is not well-formed XML: ${error.message.replaceAll(/\s+/g, ' ').slice(0, 200)}`),
  )
  parser.on('doctype', () => refuse('must not have a document type declaration'))
  parser.on('text', append)
  parser.on('cdata', append)
  parser.on('opentag', ({ name }) => {
    if (++elements > limits.elements) refuse(`has more than ${limits.elements} elements`)
    if (stack.length >= limits.depth) refuse(`is nested deeper than ${limits.depth} elements`)
    const above = stack.at(-1)
    stack.push({ path: above ? `${above.path}/${name}` : name, text: '' })
  })
  parser.on('closetag', () => {
    const { path, text } = stack.pop()!
    element?.(path, text.trim())
  })
  return parser
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).slice(0, 100)
}

function decode(what: string, bytes: Uint8Array): string {
  const label = encodingOf(bytes)
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    throw invalid(`${what} is not valid ${label}`)
  }
}

/** By byte order mark or declaration (XML 1.0, appendix F), else UTF-8. */
function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  return (
    /^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]{0,39})["']/.exec(head)?.[1] ?? 'utf-8'
  )
}

/** Text as it may stand between tags and in quoted attributes; what XML 1.0 cannot hold is left out. */
export function escapeXml(text: string): string {
  return text.replaceAll(/[<>&"'\p{Cs}\ufffe\uffff]|[^\P{Cc}\t\n\r]/gu, (char) => escapes[char] ?? '')
}
const escapes: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
}
