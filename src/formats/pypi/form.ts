/**
 * The form that twine, uv, Poetry and flit upload a file with ("Upload API" of the Python packaging documentation): one
 * request a file, with fields of its metadata beside it. The file streams to storage as it comes.
 */
import { invalid, tooLarge } from '../../lib/problem.ts'
import { readForm, type FormPart } from '../../lib/multipart.ts'
import { readBytes } from '../handlers.ts'
import type { Digests, Registry, Request, StagedBlob } from '../format.ts'
import { distributionOf, type Distribution } from './file-names.ts'
import type { PypiModels } from './models.ts'

export interface Upload {
  /** The values of each field, by its name with underscores. */
  readonly fields: Fields
  readonly distribution: Distribution
  readonly blob: StagedBlob
}
export type Fields = ReadonlyMap<string, readonly string[]>

const maxParts = 20_000
/** Of all fields together, in bytes. */
const maxFields = 16 * 1024 * 1024

/** Throws 400 for a form that is no upload of one file, or whose digests are not those of the file. */
export async function readUpload(
  { body, headers }: Request,
  registry: Registry<PypiModels>,
): Promise<Upload> {
  const fields = new Map<string, string[]>()
  let left = maxFields
  let file: Pick<Upload, 'distribution' | 'blob'> | undefined
  for await (const part of readForm(body, headers['content-type'], maxParts)) {
    if (part.name === 'content') {
      if (file) throw invalid('the form has two files; send each by itself')
      file = await receive(part, fields, registry)
    } else if (part.fileName === undefined) {
      const { value, size } = await readField(part, left)
      left -= size
      const name = part.name.replaceAll('-', '_')
      fields.set(name, [...(fields.get(name) ?? []), value])
    }
  }
  const action = onlyValue(fields, ':action')
  if (action !== 'file_upload')
    throw invalid('the form has no :action file_upload, which is all that is done here')
  if (!file) throw invalid('the form has no file: its field is called content')
  compareDigests(fields, file.blob.digests)
  return { fields, ...file }
}

async function receive(
  { fileName, body }: FormPart,
  fields: Fields,
  registry: Registry<PypiModels>,
): Promise<Pick<Upload, 'distribution' | 'blob'>> {
  if (fileName === undefined) throw invalid('the file of the form has no name')
  const distribution = distributionOf(fileName)
  checkNames(fields, distribution)
  return { distribution, blob: await registry.stage(body) }
}

/** What came before the file is looked at before it. */
function checkNames(fields: Fields, { fileName }: Distribution): void {
  const action = fields.get(':action')?.[0] ?? 'file_upload'
  if (action !== 'file_upload')
    throw invalid(`the form's :action is not file_upload, though it brings ${fileName}`)
}

async function readField(part: FormPart, left: number): Promise<{ value: string; size: number }> {
  if (part.name.length > 100) throw invalid('a field of the form has a name of more than 100 characters')
  const bytes = await readBytes(part.body, Math.max(0, left)).catch((error: unknown) => {
    throw left <= 0 ? tooLarge(`the fields of the form are larger than ${maxFields} bytes`) : error
  })
  try {
    return { value: new TextDecoder('utf-8', { fatal: true }).decode(bytes), size: bytes.length }
  } catch {
    throw invalid(`the field ${part.name} is not UTF-8`)
  }
}

/** The value of a field that occurs once; an empty one says nothing. Throws 400 for two. */
export function onlyValue(fields: Fields, name: string): string | undefined {
  const values = fields.get(name) ?? []
  if (values.length > 1) throw invalid(`the form has several fields ${name}`)
  const value = values[0]?.trim()
  return value === '' ? undefined : value
}

const announced = { md5_digest: 'md5', sha256_digest: 'sha256' } as const
const lengths = { md5: 32, sha256: 64 }

/** PyPI's third digest, BLAKE2b with 256 bits, is not looked at: Node does not have it. */
function compareDigests(fields: Fields, received: Digests): void {
  for (const [field, algorithm] of Object.entries(announced)) {
    const value = onlyValue(fields, field)?.toLowerCase()
    if (value === undefined) continue
    if (!/^[0-9a-f]+$/.test(value) || value.length !== lengths[algorithm])
      throw invalid(`${field} is not a digest in hexadecimal digits`)
    if (value !== received[algorithm])
      throw invalid(
        `${field} does not match: the ${algorithm} of the received bytes is ${received[algorithm]}`,
      )
  }
}
