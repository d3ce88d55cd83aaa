/**
 * Forms with files in them (`multipart/form-data`, RFC 7578 over RFC 2046), read as they come: nothing but the head of
 * a part is ever held.
 */
import { invalid, Problem, tooLarge } from './problem.ts'

export interface FormPart {
  readonly name: string
  readonly fileName?: string
  /** To be read before the next part is asked for; what is left of it is passed over. */
  readonly body: AsyncIterable<Uint8Array>
}

const maxHead = 16 * 1024
const boundaryRule =
  /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)/i

/**
 * The parts of a form, in their order. Throws 415 unless `contentType` is that of a form, 400 for a body that is none
 * or ends too early, 413 for more than `maxParts`.
 */
export async function* readForm(
  body: AsyncIterable<Uint8Array>,
  contentType: string | undefined,
  maxParts: number,
): AsyncGenerator<FormPart> {
  const [, quoted, plain] = boundaryRule.exec(contentType?.slice(0, 1000) ?? '') ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined)
    throw new Problem(
      415,
      'unsupported_type',
      'send a form: Content-Type multipart/form-data with a boundary',
    )
  const source = new DelimitedSource(body, Buffer.from(`\r\n--${boundary}`, 'latin1'))
  try {
    await source.start()
    for (let count = 0; await source.hasPart(); count++) {
      if (count === maxParts) throw tooLarge(`the form has more than ${maxParts} parts`)
      const part = new PartBody(source)
      yield { ...readHead(await source.head()), body: part }
      if (!part.ended) for await (const _ of part);
    }
    await source.finish()
  } finally {
    await source.close()
  }
}

class PartBody implements AsyncIterable<Uint8Array> {
  ended = false
  readonly #source: DelimitedSource

  constructor(source: DelimitedSource) {
    this.#source = source
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (!this.ended) {
      const { bytes, isLast } = await this.#source.piece()
      this.ended = isLast
      if (bytes.length > 0) yield bytes
    }
  }
}

/** The bytes that were received and not used yet, and where the next delimiter is among them. */
class DelimitedSource {
  #rest: Buffer = Buffer.alloc(0)
  readonly #delimiter: Buffer
  readonly #chunks: AsyncIterator<Uint8Array>

  constructor(body: AsyncIterable<Uint8Array>, delimiter: Buffer) {
    this.#chunks = body[Symbol.asyncIterator]()
    this.#delimiter = delimiter
  }

  /** Takes the first delimiter, which may stand without its line break. */
  async start(): Promise<void> {
    const bare = this.#delimiter.subarray(2)
    await this.#need(this.#delimiter.length)
    const isBare = this.#rest.subarray(0, bare.length).equals(bare)
    if (!isBare && !this.#rest.subarray(0, this.#delimiter.length).equals(this.#delimiter))
      throw invalid('the form does not begin with its boundary')
    this.#rest = this.#rest.subarray(isBare ? bare.length : this.#delimiter.length)
  }

  /** What stands behind a delimiter: a line break and a part, or two hyphens. */
  async hasPart(): Promise<boolean> {
    await this.#need(2)
    const mark = this.#rest.toString('latin1', 0, 2)
    this.#rest = this.#rest.subarray(2)
    if (mark === '--') return false
    if (mark !== '\r\n') throw invalid('a boundary of the form is not on a line of its own')
    return true
  }

  /** The lines before a part's body. */
  async head(): Promise<string> {
    for (let length = 4; ; length = this.#rest.length + 1) {
      await this.#need(length)
      const end = this.#rest.subarray(0, maxHead).indexOf('\r\n\r\n')
      if (end < 0) {
        if (this.#rest.length < maxHead) continue
        throw tooLarge(`the head of a part is longer than ${maxHead} bytes`)
      }
      const head = this.#rest.subarray(0, end)
      // The line break in front of a delimiter may be the one that ends the head.
      this.#rest = this.#rest.subarray(end + 4)
      return decoded(head)
    }
  }

  /** Some of the part's body; the last piece takes the delimiter behind it. */
  async piece(): Promise<{ readonly bytes: Buffer; readonly isLast: boolean }> {
    await this.#need(this.#delimiter.length)
    const end = this.#rest.indexOf(this.#delimiter)
    const sure = end < 0 ? this.#rest.length - this.#delimiter.length + 1 : end
    const bytes = this.#rest.subarray(0, sure)
    this.#rest = this.#rest.subarray(end < 0 ? sure : end + this.#delimiter.length)
    return { bytes, isLast: end >= 0 }
  }

  /** What stands behind the last boundary says nothing, but a body that breaks off there did not come whole. */
  async finish(): Promise<void> {
    for (let next = await this.#chunks.next(); !next.done; next = await this.#chunks.next());
  }

  /** Lets go of the body. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  /** Makes sure that so many bytes are there. */
  async #need(length: number): Promise<void> {
    while (this.#rest.length < length) {
      const next = await this.#chunks.next()
      if (next.done) throw invalid('the form ends before its last boundary')
      const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    }
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalid('the head of a part is not UTF-8')
  }
}

const dispositionRule = /^form-data(?=\s*;)/i
const parameterRule = /;\s*([a-z]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))\s*/giy

function readHead(head: string): { readonly name: string; readonly fileName?: string } {
  const lines = head.split('\r\n').filter((line) => line !== '')
  const fields = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const field = line.slice(0, colon).toLowerCase()
    if (colon < 1 || /\s/.test(field)) throw invalid('the head of a part is broken')
    if (fields.has(field)) throw invalid(`a part has ${field.slice(0, 40)} twice`)
    fields.set(field, line.slice(colon + 1).trim())
  }
  const encoding = fields.get('content-transfer-encoding')?.toLowerCase() ?? 'binary'
  if (!['binary', '8bit', '7bit'].includes(encoding)) throw invalid('a part is encoded; send it as it is')
  return readDisposition(fields.get('content-disposition') ?? '')
}

function readDisposition(text: string): { readonly name: string; readonly fileName?: string } {
  const [start] = dispositionRule.exec(text) ?? []
  if (start === undefined) throw invalid('a part has no Content-Disposition: form-data')
  const found = new Map<string, string>()
  parameterRule.lastIndex = start.length
  let at = start.length
  for (let match; (match = parameterRule.exec(text)); at = parameterRule.lastIndex) {
    const [, key = '', quoted, plain = ''] = match
    if (found.has(key.toLowerCase())) throw invalid('a part says the same of itself twice')
    found.set(key.toLowerCase(), unescaped(quoted) ?? plain)
  }
  const name = found.get('name')
  if (name === undefined || at !== text.length) throw invalid('the Content-Disposition of a part is broken')
  const fileName = extended(found.get('filename*')) ?? found.get('filename')
  return { name, ...(fileName !== undefined && { fileName }) }
}

/** Quotes and line breaks come with a backslash (RFC 2183) or as browsers write them. */
function unescaped(quoted: string | undefined): string | undefined {
  return quoted?.replace(/\\(["\\])/g, '$1').replace(/%(22|0D|0A)/gi, (escape) => decodeURIComponent(escape))
}

/** `utf-8''na%C3%AFve` (RFC 8187). */
function extended(value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const [, encoded] = /^utf-8'[^']*'(.*)$/i.exec(value) ?? []
  try {
    if (encoded !== undefined) return decodeURIComponent(encoded)
  } catch {
    // told below
  }
  throw invalid('the file name of a part is not encoded as RFC 8187 says')
}
