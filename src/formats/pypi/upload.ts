/** Publishing a file: `POST` of a form. What the file says of itself counts, and the form must agree with it. */
import { duplicate, forbidden, invalid, Problem } from '../../lib/problem.ts'
import { choice, packageFile } from '../handlers.ts'
import type { FileView, NewFile, PackageView, Registry, Reply, WriteCall } from '../format.ts'
import { attestationsOf, provenanceOf } from './attestations.ts'
import { baseName, filePath, metadataPath, provenancePath, readFileName } from './file-names.ts'
import type { Distribution } from './file-names.ts'
import { onlyValue, readUpload, type Fields, type Upload } from './form.ts'
import { readMetadata, type ReadMetadata } from './metadata.ts'
import type { PypiModels } from './models.ts'
import { normalizeName } from './names.ts'
import { readSdist } from './sdist.ts'
import { normalForm, normalizeVersion } from './versions.ts'
import { readWheel } from './wheel.ts'

/** 201, as GitLab answers. */
export async function upload(call: WriteCall<PypiModels>): Promise<Reply> {
  const { request, registry, caller } = call
  const select = choice(request.query, 'select', ['message', 'package_file'])
  const received = await readUpload(request, registry)
  const { distribution, fields, blob } = received
  const text = await (distribution.kind === 'wheel' ? readWheel : readSdist)(blob, distribution)
  const metadata = readMetadata(text)
  checkAgreement(fields, metadata, distribution)
  const attestations = attestationsOf(onlyValue(fields, 'attestations'), distribution.fileName, blob.sha256)
  await refuseClosed(registry, distribution.name)
  const present = await registry.get(distribution.name, distribution.version)
  const path = filePath(distribution.name, distribution.fileName)
  refuseTwin(present, distribution, path)
  const beside = { text, provenance: attestations && provenanceOf(attestations, caller.username) }
  const files = await filesOf(registry, received, metadata, beside)
  const pkg = await publish(registry, { distribution, metadata, path, present, files })
  if (select === 'message') return { status: 201, json: { message: '201 Created' } }
  const file = pkg.files.find((one) => one.path === path)!
  return { status: 201, json: packageFile(file, distribution.fileName) }
}

/** Name and version in the form, the file's name and its metadata; and what installers choose by. */
function checkAgreement(fields: Fields, metadata: ReadMetadata, distribution: Distribution): void {
  const { name, version, fileName } = distribution
  const said = { 'the form': onlyValue(fields, 'name'), 'its metadata': metadata.name }
  for (const [where, value] of Object.entries(said))
    if (value === undefined || normalizeName(value) !== name)
      throw invalid(
        `${fileName} is of ${name}, but ${where} says ${JSON.stringify(value?.slice(0, 100) ?? '')}`,
      )
  const versions = { 'the form': onlyValue(fields, 'version'), 'its metadata': metadata.version }
  for (const [where, value] of Object.entries(versions))
    if (value === undefined || normalizeVersion(value) !== normalizeVersion(version))
      throw invalid(
        `${fileName} is of version ${version}, but ${where} says ${JSON.stringify(value?.slice(0, 100) ?? '')}`,
      )
  compare('requires_python', onlyValue(fields, 'requires_python'), metadata.requiresPython)
  const wanted = fields.get('requires_dist')
  if (wanted) compare('requires_dist', spelled(wanted), spelled(metadata.requiresDist))
}

/** Tools write the same requirement with other spaces, quotes and brackets, and in another order. */
function spelled(requirements: readonly string[]): string {
  const one = (text: string) =>
    text
      .replaceAll(/[\s()]+/g, '')
      .replaceAll("'", '"')
      .toLowerCase()
  return requirements
    .map(one)
    .filter((text) => text !== '')
    .toSorted()
    .join('\n')
}

function compare(field: string, form: string | undefined, file: string | undefined): void {
  const bare = (text: string | undefined) => text?.replaceAll(/\s+/g, '')
  if (form !== undefined && bare(form) !== bare(file ?? ''))
    throw invalid(`${field} of the form is not what the metadata in the file says`)
}

async function refuseClosed(registry: Registry<PypiModels>, name: string): Promise<void> {
  const status = (await registry.head(name))?.metadata?.status
  if (status === 'archived' || status === 'quarantined')
    throw forbidden(
      `403 Forbidden - the project ${name} is ${status}: nothing is published to it until a maintainer changes that`,
    )
}

/** Two spellings of one file name are one file to installers. */
function refuseTwin(
  present: PackageView<PypiModels> | undefined,
  distribution: Distribution,
  path: string,
): void {
  const wanted = identity(distribution)
  for (const file of present?.files ?? []) {
    const other = readFileName(baseName(file.path))
    if (other && file.path !== path && identity(other) === wanted) throw duplicate(taken(other.fileName))
  }
}

/** What is left of the file name once name and version are told. */
function identity({ kind, stem, archive }: Distribution): string {
  if (kind === 'sdist') return archive
  return stem.split('-').slice(2).join('-').toLowerCase()
}

const taken = (fileName: string) =>
  `Validation failed: File name has already been taken - ${fileName} already exists`

interface Beside {
  readonly text: Buffer
  readonly provenance: string | undefined
}

async function filesOf(
  registry: Registry<PypiModels>,
  { distribution, blob }: Upload,
  { requiresPython }: ReadMetadata,
  { text, provenance }: Beside,
): Promise<NewFile<PypiModels>[]> {
  const { kind, name, fileName } = distribution
  const path = filePath(name, fileName)
  const files: NewFile<PypiModels>[] = [
    { path, blob, metadata: { v: 1, kind, ...(requiresPython !== undefined && { requiresPython }) } },
  ]
  if (kind === 'wheel')
    files.push({
      path: metadataPath(path),
      blob: await registry.stage(text),
      metadata: { v: 1, kind: 'metadata' },
    })
  if (provenance !== undefined) {
    const bytes = Buffer.from(provenance)
    files.push({
      path: provenancePath(path),
      blob: await registry.stage(bytes),
      metadata: { v: 1, kind: 'provenance' },
    })
  }
  return files
}

interface Publishing {
  readonly distribution: Distribution
  readonly metadata: ReadMetadata
  readonly path: string
  readonly present: PackageView<PypiModels> | undefined
  readonly files: readonly NewFile<PypiModels>[]
}

async function publish(
  registry: Registry<PypiModels>,
  { distribution, metadata, path, present, files }: Publishing,
): Promise<PackageView<PypiModels>> {
  const same = present?.files.find((file) => file.path === path)
  const isRepeated = same?.blob.sha256 === files[0]!.blob.sha256
  // A wheel's metadata is final, a source distribution's may not be.
  const isBest = distribution.kind === 'wheel' || !hasWheel(present?.files ?? [])
  try {
    return await registry.publish({
      name: metadata.name,
      version: normalForm(metadata.version),
      mode: 'add',
      ...(isBest && { metadata: { v: 1, metadata: metadata.kept } }),
      // Attestations stay what they were when the file came.
      files: isRepeated ? files.filter(({ metadata: { kind } }) => kind !== 'provenance') : files,
      drops: same && !isRepeated ? staleBeside(path, files) : [],
    })
  } catch (error) {
    const isDuplicate = error instanceof Problem && error.code === 'duplicate'
    throw isDuplicate && error.message === duplicate().message
      ? duplicate(taken(distribution.fileName))
      : error
  }
}

const hasWheel = (files: readonly FileView<PypiModels>[]) =>
  files.some(({ metadata }) => metadata.kind === 'wheel')

function staleBeside(path: string, files: readonly { readonly path: string }[]): readonly string[] {
  const beside = [metadataPath(path), provenancePath(path)]
  return beside.filter((one) => !files.some((file) => file.path === one))
}
