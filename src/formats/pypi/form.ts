/**
 * The form that twine, uv, Poetry and flit upload a file with ("Upload API" of the Python packaging documentation): one
 * request a file, with fields of its metadata beside it. The file streams to storage as it comes.
 */
import { invalid, tooLarge } from '../../lib/problem.ts'
import { readForm, type FormPart } from '../../lib/multipart.ts'
import type { Digests, Registry, Request, StagedBlob } from '../format.ts'
import { distributionOf, type Distribution } from './file-names.ts'
import type { PypiModels } from './models.ts'
import { decodeUtf8 } from './texts.ts'

interface ReceivedFile {
  readonly distribution: Distribution
  readonly blob: StagedBlob
}
export interface Upload extends ReceivedFile {
  readonly fields: Fields
}
/** The values of each field, by its name with underscores. */
export type Fields = ReadonlyMap<string, readonly string[]>

const maxParts = 20_000
/** Of all fields together, in bytes. */
const maxFields = 16 * 1024 * 1024
const maxName = 100

/** Throws 400 for a form that is no upload of one file, or whose digests are not those of the file. */
export async function readUpload(
  { body, headers }: Request,
  registry: Registry<PypiModels>,
): Promise<Upload> {
  const fields = new Map<string, string[]>()
  let left = maxFields
  let file: ReceivedFile | undefined
  for await (const part of readForm(body, headers['content-type'], maxParts)) {
    if (part.name === 'content') {
      if (file) throw invalid('the form has two files; send each by itself')
      file = await receive(part, registry)
    } else if (part.fileName === undefined) {
      const bytes = await readField(part, left)
      left -= bytes.length
      const name = part.name.replaceAll('-', '_')
      const values = fields.get(name) ?? []
      fields.set(name, values)
      values.push(decodeUtf8(`the field ${name}`, bytes))
    }
  }
  if (onlyValue(fields, ':action') !== 'file_upload')
    throw invalid('the form has no :action file_upload, which is all that is done here')
  if (!file) throw invalid('the form has no file: its field is called content')
  compareDigests(fields, file.blob.digests)
  return { fields, ...file }
}

async function receive({ fileName, body }: FormPart, registry: Registry<PypiModels>): Promise<ReceivedFile> {
  if (fileName === undefined) throw invalid('the file of the form has no name')
  const distribution = distributionOf(fileName)
  return { distribution, blob: await registry.stage(body) }
}

async function readField({ name, body }: FormPart, left: number): Promise<Buffer> {
  if (name.length > maxName)
    throw invalid(`a field of the form has a name of more than ${maxName} characters`)
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > left) throw tooLarge(`the fields of the form are larger than ${maxFields} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** The value of a field that occurs once; an empty one says nothing. Throws 400 for two. */
export function onlyValue(fields: Fields, name: string): string | undefined {
  const values = fields.get(name) ?? []
  if (values.length > 1) throw invalid(`the form has several fields ${name}`)
  return values[0]?.trim() || undefined
}

const announced = [
  { field: 'md5_digest', algorithm: 'md5', digits: /^[0-9a-f]{32}$/ },
  { field: 'sha256_digest', algorithm: 'sha256', digits: /^[0-9a-f]{64}$/ },
] as const

/** PyPI's third digest, BLAKE2b with 256 bits, is not looked at: Node does not have it. */
function compareDigests(fields: Fields, received: Digests): void {
  for (const { field, algorithm, digits } of announced) {
    const value = onlyValue(fields, field)?.toLowerCase()
    if (value === undefined) continue
    if (!digits.test(value)) throw invalid(`${field} is not a digest in hexadecimal digits`)
    if (value !== received[algorithm])
      throw invalid(
        `${field} does not match: the ${algorithm} of the received bytes is ${received[algorithm]}`,
      )
  }
}
