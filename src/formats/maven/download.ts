/** GET: files, checksums from their digests, and the derived `maven-metadata.xml`. */
import { notFound } from '../../lib/problem.ts'
import type { FileView, Headers, ReadCall, RegistryReader, Reply } from '../format.ts'
import { isArtifact } from './checksums.ts'
import type { MavenModels } from './models.ts'
import { checksumSuffixes, fileCoordinates, ifAllowed, parsePath } from './paths.ts'
import type { FilePlace, MetadataPlace } from './paths.ts'
import { newestBuilds } from './snapshots.ts'
import { isSnapshot } from './versions.ts'

type File = FileView<MavenModels>

/** Throws `notFound` where nothing is. */
export async function get({ registry, params }: ReadCall<MavenModels>): Promise<Reply> {
  const place = placeOf(params['path']!)
  if (place.kind === 'metadata') return metadataReply(place)
  const file = await findFile(registry, place)
  if (!file) throw notFound('404 Package Not Found')
  const { checksum } = place
  if (!checksum) return { file, headers: checksumHeaders(file) }
  const digest = file.digests[checksum]
  if (!digest) throw notFound('404 Package Not Found')
  return { text: digest, headers: { 'content-type': 'text/plain' } }
}

/** mvn asks for `tiny/[1.0,)/...` before it resolves a range, and goes on to the next repository on a 404 only. */
function placeOf(path: string): FilePlace | MetadataPlace {
  const place = ifAllowed(parsePath, path)
  if (!place) throw notFound('404 Package Not Found')
  return place
}

/** A SNAPSHOT asked for by its plain version is the newest build's file. */
async function findFile(registry: RegistryReader<MavenModels>, place: FilePlace): Promise<File | undefined> {
  const file = await registry.file(place.path, { digest: place.checksum })
  if (file) return isArtifact(file) ? file : undefined
  if (!isSnapshot(place.version)) return undefined
  const wanted = fileCoordinates(place.name, place.version, place.fileName)
  if (!wanted || wanted.build) return undefined
  const pkg = await registry.get(place.name, place.version)
  return newestBuilds(pkg?.files ?? []).find(
    (each) => each.classifier === wanted.classifier && each.extension === wanted.extension,
  )?.file
}

/** What resolvers compare instead of asking for the checksum files. */
function checksumHeaders({ digests }: File): Headers {
  return Object.fromEntries(
    checksumSuffixes.flatMap((algorithm) => {
      const digest = digests[algorithm]
      return digest ? [[`x-checksum-${algorithm}`, digest]] : []
    }),
  )
}

/** The path does not tell whose metadata is meant: a SNAPSHOT version's, an artifact's or a plugin group's. */
function metadataReply({ directory, checksum }: MetadataPlace): Reply {
  const suffix = checksum ? `.${checksum}` : ''
  const plugins: Reply = { document: ['plugins', directory.join('/'), suffix] }
  if (directory.length < 2) return plugins
  const artifact: Reply = { document: ['metadata', directory.join('/'), suffix], otherwise: plugins }
  const version = directory.at(-1)!
  if (directory.length < 3 || !isSnapshot(version)) return artifact
  return { document: ['metadata', directory.slice(0, -1).join('/'), version + suffix], otherwise: artifact }
}
