/** Downloads: files, core metadata beside them (PEP 658), and their provenance (PEP 740). */
import type { FileView, ReadCall, Reply } from '../format.ts'
import { integrityType } from './attestations.ts'
import { filePath, metadataPath, provenancePath, readFileName } from './file-names.ts'
import type { PypiModels } from './models.ts'
import { missing, readName } from './names.ts'
import { refuseQuarantined } from './project-status.ts'
import { normalizeVersion, readVersion } from './versions.ts'

/** `GET /files/:sha256/:file`: the digest must be that of the file. */
export async function readFile(call: ReadCall<PypiModels>): Promise<Reply> {
  return { file: await findDistribution(call) }
}

/** `GET /files/:sha256/:file.metadata`: of a wheel, the bytes of its METADATA. */
export async function readMetadataFile(call: ReadCall<PypiModels>): Promise<Reply> {
  const { path } = await findDistribution(call)
  const file = await call.registry.file(metadataPath(path))
  if (!file) throw missing()
  return { file }
}

async function findDistribution({ registry, params }: ReadCall<PypiModels>): Promise<FileView<PypiModels>> {
  const said = readFileName(params['file'] ?? '')
  const file = said && (await registry.file(filePath(said.name, said.fileName)))
  if (!file || file.digests.sha256 !== params['sha256']?.toLowerCase()) throw missing()
  await refuseQuarantined(registry, said.name)
  return file
}

/** `GET /integrity/:name/:version/:file/provenance`. */
export async function readProvenance({ registry, params }: ReadCall<PypiModels>): Promise<Reply> {
  const said = readFileName(params['file'] ?? '')
  const version = readVersion(params['version'] ?? '')
  const isOf =
    said &&
    version !== undefined &&
    normalizeVersion(version) === normalizeVersion(said.version) &&
    readName(params['name'] ?? '') === said.name
  const file = isOf && (await registry.file(provenancePath(filePath(said.name, said.fileName))))
  if (!file) throw missing()
  await refuseQuarantined(registry, said.name)
  return { file, headers: { 'content-type': integrityType } }
}
