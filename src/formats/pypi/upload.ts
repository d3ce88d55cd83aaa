/** Publishing a file: `POST` of a form. What the file says of itself counts, and the form must agree with it. */
import { duplicate, invalid, Problem } from '../../lib/problem.ts'
import { inTurns } from '../../lib/turn.ts'
import { choice, packageFile } from '../handlers.ts'
import type { FileView, NewFile, PackageView, Publication, Registry, Reply, WriteCall } from '../format.ts'
import { checkAttestations, provenanceOf } from './attestations.ts'
import { baseName, filePath, metadataPath, provenancePath, readFileName } from './file-names.ts'
import type { Distribution } from './file-names.ts'
import { onlyValue, readUpload, type Fields, type Upload } from './form.ts'
import { readMetadata, type ReadMetadata } from './metadata.ts'
import type { PypiModels } from './models.ts'
import { normalizeName } from './names.ts'
import { refuseClosed } from './project-status.ts'
import { readSdist } from './sdist.ts'
import { normalForm, normalizeVersion } from './versions.ts'
import { readWheel } from './wheel.ts'

/** 201, as GitLab answers. */
export async function upload({ request, registry, caller }: WriteCall<PypiModels>): Promise<Reply> {
  const select = choice(request.query, 'select', ['message', 'package_file'])
  const received = await readUpload(request, registry)
  const { distribution, fields, blob } = received
  const { kind, name, version, fileName } = distribution
  const text = await (kind === 'wheel' ? readWheel : readSdist)(blob, distribution)
  const metadata = readMetadata(text)
  checkAgreement(fields, metadata, distribution)
  const attestations = onlyValue(fields, 'attestations')
  if (attestations !== undefined) checkAttestations(attestations, fileName, blob.sha256)
  await refuseClosed(registry, name)
  const present = await registry.get(name, version)
  await refuseTwin(present?.files ?? [], distribution)
  const path = filePath(name, fileName)
  const isRepeated = present?.files.find((file) => file.path === path)?.blob.sha256 === blob.sha256
  // Attestations stay what they were when the file came.
  const provenance = isRepeated ? undefined : attestations && provenanceOf(attestations, caller.username)
  // A wheel's metadata is final, a source distribution's may not be.
  const isBest = kind === 'wheel' || !present?.files.some((file) => file.metadata.kind === 'wheel')
  const pkg = await publish(registry, fileName, {
    name: metadata.name,
    version: normalForm(metadata.version),
    mode: 'add',
    ...(isBest && { metadata: { v: 1, metadata: metadata.kept } }),
    files: await filesOf(registry, received, metadata, { text, provenance }),
    drops: provenance === undefined ? [provenancePath(path)] : [],
  })
  if (select === 'message') return { status: 201, json: { message: '201 Created' } }
  return {
    status: 201,
    json: packageFile(
      pkg.files.find((one) => one.path === path)!,
      fileName,
    ),
  }
}

/** Name and version in the form, the file's name and its metadata; and what installers choose by. */
function checkAgreement(fields: Fields, metadata: ReadMetadata, distribution: Distribution): void {
  for (const [field, normalize] of [
    ['name', normalizeName],
    ['version', normalizeVersion],
  ] as const)
    for (const [where, said = ''] of [
      ['the form', onlyValue(fields, field)],
      ['its metadata', metadata[field]],
    ] as const)
      if (said === '' || normalize(said) !== normalize(distribution[field]))
        throw invalid(
          `the ${field} of ${distribution.fileName} is ${distribution[field]}, but ${where} says ${JSON.stringify(said.slice(0, 100))}`,
        )
  compare(fields, 'requires_python', [metadata.requiresPython ?? ''])
  compare(fields, 'requires_dist', metadata.requiresDist)
}

/** What the form leaves out is not compared. */
function compare(fields: Fields, field: string, inFile: readonly string[]): void {
  const said = spelled(fields.get(field) ?? [])
  if (said !== '' && said !== spelled(inFile))
    throw invalid(`${field} of the form is not what the metadata in the file says`)
}

/** Tools write the same requirement with other spaces, quotes and brackets, and in another order. */
function spelled(requirements: readonly string[]): string {
  return requirements
    .map((text) =>
      text
        .replaceAll(/[\s()]+/g, '')
        .replaceAll("'", '"')
        .toLowerCase(),
    )
    .filter((text) => text !== '')
    .toSorted()
    .join('\n')
}

/** Two spellings of one file name are one file to installers. */
async function refuseTwin(
  present: readonly FileView<PypiModels>[],
  distribution: Distribution,
): Promise<void> {
  const wanted = identity(distribution)
  await inTurns(present, ({ path }) => {
    const other = readFileName(baseName(path))
    if (other && other.fileName !== distribution.fileName && identity(other) === wanted)
      throw duplicate(taken(other.fileName))
  })
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

/** The distribution, and what is served beside it. */
async function filesOf(
  registry: Registry<PypiModels>,
  { distribution: { kind, name, fileName }, blob }: Upload,
  { requiresPython }: ReadMetadata,
  { text, provenance }: Beside,
): Promise<NewFile<PypiModels>[]> {
  const path = filePath(name, fileName)
  const files: NewFile<PypiModels>[] = [
    { path, blob, metadata: { v: 1, kind, ...(requiresPython !== undefined && { requiresPython }) } },
  ]
  if (kind === 'wheel') {
    const metadata = { v: 1, kind: 'metadata' } as const
    files.push({ path: metadataPath(path), blob: await registry.stage(text), metadata })
  }
  if (provenance !== undefined) {
    const metadata = { v: 1, kind: 'provenance' } as const
    files.push({ path: provenancePath(path), blob: await registry.stage(Buffer.from(provenance)), metadata })
  }
  return files
}

/** Says in words that uploaders know where other bytes stand under the name. */
async function publish(
  registry: Registry<PypiModels>,
  fileName: string,
  publication: Publication<PypiModels>,
): Promise<PackageView<PypiModels>> {
  try {
    return await registry.publish(publication)
  } catch (error) {
    const isTaken = error instanceof Problem && error.message === duplicate().message
    throw isTaken ? duplicate(taken(fileName)) : error
  }
}
