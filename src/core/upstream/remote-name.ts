/** What upstreams have of a name, as a format sees names: records, so that they are encoded as our own are. */
import type {
  Digests,
  FileView,
  Format,
  NameView,
  PackageView,
  RemoteFile,
  RemoteName,
  RemotePackage,
} from '../../formats/format.ts'
import { inTurns } from '../../lib/turn.ts'
import { brand } from '../bytes/stored-blob.ts'
import { inOrder } from '../registry/views.ts'

/** One upstream's answer. */
export interface RemoteAnswer {
  readonly remote: RemoteName<any>
  /** When the answer became what it is; milliseconds since 1970. */
  readonly changedAt: number
  /** Differs from answer to answer. */
  readonly revision: string
}

/** By path: the digests that files had when they were first seen here. */
export type PinnedDigests = ReadonlyMap<string, Digests>

/**
 * The union of answers: a version is the first one's that has it, tags and the rest are the first one's. A file that is
 * pinned has the digests it was first seen with.
 */
export async function remoteView(
  format: Format<any>,
  answers: readonly [RemoteAnswer, ...RemoteAnswer[]],
  pinned: PinnedDigests,
): Promise<NameView<any>> {
  const [first] = answers
  const changedAt = first.remote.changedAt ?? new Date(first.changedAt)
  const byVersion = new Map<string, PackageView<any>>()
  for (const { remote } of answers) {
    await inTurns(remote.packages, (pkg) => {
      const version = normalized(format, pkg.version)
      if (version === undefined || byVersion.has(version)) return
      byVersion.set(version, packageOf(remote.name, version, pkg, changedAt, pinned))
    })
  }
  const shown = ([, version]: [string, string]) => byVersion.has(version)
  return {
    name: first.remote.name,
    revision: answers.map((answer) => answer.revision).join('+'),
    metadata: first.remote.metadata,
    packages: await inOrder(format, [...byVersion.values()]),
    tags: Object.fromEntries(Object.entries(first.remote.tags ?? {}).filter(shown)),
    removed: [],
    createdAt: first.remote.createdAt ?? changedAt,
    changedAt,
  }
}

function normalized(format: Format<any>, version: string): string | undefined {
  try {
    return format.versions.normalize(version)
  } catch {
    return undefined
  }
}

function packageOf(
  name: string,
  version: string,
  pkg: RemotePackage<any>,
  changedAt: Date,
  pinned: PinnedDigests,
): PackageView<any> {
  const publishedAt = pkg.publishedAt ?? changedAt
  return {
    id: 0,
    name,
    version,
    publishedAt,
    ...(pkg.standing ? { standing: pkg.standing } : {}),
    metadata: pkg.metadata,
    files: pkg.files.map((file) => fileOf(name, version, file, file.createdAt ?? publishedAt, pinned)),
  }
}

function fileOf(
  name: string,
  version: string,
  file: RemoteFile<any>,
  createdAt: Date,
  pinned: PinnedDigests,
): FileView<any> {
  const { path, size = 0, metadata } = file
  const digests = pinned.get(path) ?? file.digests
  const known = { size, sha256: digests.sha256 ?? '', digests }
  const blob = brand(known, { kind: 'remote', path })
  return { id: 0, packageId: 0, name, version, path, createdAt, size, digests, blob, metadata }
}
