/** PUT: files, their checksums and the client's own `maven-metadata.xml`, one request each, in any order. */
import { readXml } from '../../lib/xml.ts'
import type { Digests, Registry, Reply, WriteCall } from '../format.ts'
import { readBytes } from '../handlers.ts'
import { announced, compare, putChecksum, readChecksum } from './checksums.ts'
import type { MavenModels } from './models.ts'
import { fileCoordinates, parsePath } from './paths.ts'
import type { FilePlace, MetadataPlace } from './paths.ts'
import { pomLimit, readPom, requireSameCoordinates } from './pom.ts'
import { isSnapshot } from './versions.ts'

const metadataLimit = 1024 * 1024

/** 200 for a file, as GitLab answers. Throws `invalid` for a path or body that breaks the layout. */
export async function put(call: WriteCall<MavenModels>): Promise<Reply> {
  const place = parsePath(call.params['path']!)
  if (place.kind === 'metadata') return acceptMetadata(call, place)
  const { checksum } = place
  return checksum ? putChecksum(call, { ...place, checksum }) : putFile(call, place)
}

/** Metadata is derived from what is published; the client's is only checked, so that a broken one does not look fine. */
async function acceptMetadata(
  { request }: WriteCall<MavenModels>,
  { checksum }: MetadataPlace,
): Promise<Reply> {
  if (checksum) await readChecksum(checksum, request.body)
  else await readXml('maven-metadata.xml', await readBytes(request.body, metadataLimit))
  return { status: 200 }
}

async function putFile({ registry, request }: WriteCall<MavenModels>, place: FilePlace): Promise<Reply> {
  const { name, version, path } = place
  const present = (await registry.get(name, version))?.files ?? []
  // once the file is there, what was announced for it has been compared
  const isNew = !present.some((file) => file.path === path)
  const awaited = isNew ? announced(present, path) : {}
  const received = await receive(registry, place, request.body, awaited)
  const { files } = await registry.publish({
    name,
    version,
    mode: 'add',
    metadata: received.metadata,
    files: [{ path, blob: received.blob, metadata: {}, replace: isSnapshot(version) }],
    drops: Object.keys(awaited).map((algorithm) => `${path}.${algorithm}`),
  })
  // a checksum may have come meanwhile, not seeing this file
  const file = files.find((each) => each.path === path)
  if (file && isNew) compare(file, announced(files, path))
  return { status: 200 }
}

/** The POM is read before anything of it is stored; all else streams into storage. */
async function receive(
  registry: Registry<MavenModels>,
  place: FilePlace,
  body: AsyncIterable<Uint8Array>,
  expected: Digests,
) {
  if (!isPom(place)) return { blob: await registry.stage(body, expected) }
  const bytes = await readBytes(body, pomLimit)
  const { pom, declared } = await readPom(bytes)
  requireSameCoordinates(declared, place.name, place.version)
  return { blob: await registry.stage(bytes, expected), metadata: { pom } }
}

function isPom({ name, version, fileName }: FilePlace): boolean {
  const coordinates = fileCoordinates(name, version, fileName)
  return coordinates?.extension === 'pom' && coordinates.classifier === undefined
}
