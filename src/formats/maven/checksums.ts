/**
 * Checksum files. None is kept: a GET is answered from the digests of the file, a PUT is compared with them. Only one
 * that comes before its file is stored, until the file comes and is compared with it.
 */
import { conflict, invalid } from '../../lib/problem.ts'
import type { Digest, Digests, FileView, Registry, Reply, WriteCall } from '../format.ts'
import { readBytes } from '../handlers.ts'
import type { MavenModels } from './models.ts'
import type { FilePlace } from './paths.ts'

type File = FileView<MavenModels>
export type ChecksumPlace = FilePlace & { readonly checksum: Digest }

const bodyLimit = 4096
/** In hexadecimal digits. */
export const checksumLengths: Readonly<Record<Digest, number>> = {
  md5: 32,
  sha1: 40,
  sha256: 64,
  sha512: 128,
}

/** False for a checksum that waits for its file. */
export function isArtifact(file: File): boolean {
  return file.metadata.awaits === undefined
}

/** The digest in a checksum file: hexadecimal, a file name may follow it. Throws `invalid`. */
export function parseChecksum(algorithm: Digest, text: string): string {
  const digest = /^\s*([0-9A-Fa-f]+)(?:\s|$)/.exec(text)?.[1]
  if (digest?.length === checksumLengths[algorithm]) return digest.toLowerCase()
  throw invalid(`a ${algorithm} checksum must be ${checksumLengths[algorithm]} hexadecimal digits`)
}

/** Reads a checksum PUT. Throws `invalid` or 413. */
export async function readChecksum(algorithm: Digest, body: AsyncIterable<Uint8Array>): Promise<string> {
  return parseChecksum(algorithm, Buffer.from(await readBytes(body, bodyLimit)).toString('latin1'))
}

/** 204 if the file has this checksum, 409 if another, 201 if it has yet to come. */
export async function putChecksum(call: WriteCall<MavenModels>, place: ChecksumPlace): Promise<Reply> {
  const digest = await readChecksum(place.checksum, call.request.body)
  const file = await call.registry.file(place.path)
  if (!file) return remember(call.registry, place, digest)
  compare(file, { [place.checksum]: digest })
  return { status: 204 }
}

async function remember(
  registry: Registry<MavenModels>,
  place: ChecksumPlace,
  digest: string,
): Promise<Reply> {
  const path = `${place.path}.${place.checksum}`
  const blob = await registry.stage(Buffer.from(digest))
  const { files } = await registry.publish({
    name: place.name,
    version: place.version,
    mode: 'add',
    status: 'processing',
    files: [{ path, blob, metadata: { awaits: { algorithm: place.checksum, digest } }, replace: true }],
  })
  // the file may have come meanwhile, not seeing this checksum
  const file = files.find((each) => each.path === place.path)
  if (file) compare(file, { [place.checksum]: digest })
  return { status: 201 }
}

/** The digests that were announced for the file at `path`. */
export function announced(files: readonly File[], path: string): Digests {
  const found: Partial<Record<Digest, string>> = {}
  for (const file of files) {
    const { awaits } = file.metadata
    if (awaits && file.path === `${path}.${awaits.algorithm}`) found[awaits.algorithm] = awaits.digest
  }
  return found
}

/** Throws `conflict` if the file has another digest than announced. */
export function compare(file: File, expected: Digests): void {
  for (const [algorithm, digest] of Object.entries(expected) as [Digest, string][]) {
    const actual = file.digests[algorithm]
    if (actual !== digest) throw conflict(`the ${algorithm} of ${file.path} is ${actual}, not ${digest}`)
  }
}
