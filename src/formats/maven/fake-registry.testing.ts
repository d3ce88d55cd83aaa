/** A registry of one project in memory, as far as Maven's handlers use one: for the unit tests beside it. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { duplicate, invalid } from '../../lib/problem.ts'
import type {
  Digests,
  FileView,
  NameView,
  PackageView,
  Publication,
  Registry,
  RemoteName,
  Reply,
  StagedBlob,
  Tools,
} from '../format.ts'
import type { MavenModels } from './models.ts'
import { get } from './download.ts'
import { metadata, plugins } from './metadata.ts'
import { put } from './upload.ts'
import { compareVersions } from './versions.ts'

type Package = PackageView<MavenModels>
type File = FileView<MavenModels>

export const now = new Date('2024-05-06T07:08:09Z')

export class FakeRegistry {
  readonly level = 'project'
  readonly packages = new Map<string, Package>()
  /** Runs between staging and publishing: what another client does meanwhile. */
  meanwhile: (() => Promise<unknown>) | undefined

  async find(name: string): Promise<NameView<MavenModels> | undefined> {
    const packages = [...this.packages.values()]
      .filter((pkg) => pkg.name === name)
      .toSorted((a, b) => compareVersions(a.version, b.version))
    if (packages.length === 0) return undefined
    const times = { createdAt: now, changedAt: now }
    return { name, revision: '1', metadata: undefined, packages, tags: {}, removed: [], ...times }
  }

  async get(name: string, version: string): Promise<Package | undefined> {
    return this.packages.get(`${name}/${version}`)
  }

  async file(path: string): Promise<File | undefined> {
    return [...this.packages.values()].flatMap((pkg) => pkg.files).find((file) => file.path === path)
  }

  async stage(body: AsyncIterable<Uint8Array> | Uint8Array, expect: Digests = {}): Promise<StagedBlob> {
    const chunks: Uint8Array[] = []
    for await (const chunk of body instanceof Uint8Array ? [body] : body) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    const digests = Object.fromEntries(
      ['md5', 'sha1', 'sha256', 'sha512'].map((each) => [each, createHash(each).update(bytes).digest('hex')]),
    )
    for (const [algorithm, digest] of Object.entries(expect)) {
      if (digests[algorithm] !== digest) throw invalid(`${algorithm} does not match`)
    }
    await this.meanwhile?.()
    const blob = {
      size: bytes.length,
      sha256: digests['sha256'],
      digests,
      open: () => Readable.from([bytes]),
    }
    return blob as unknown as StagedBlob
  }

  async publish({ name, version, files, metadata: given }: Publication<MavenModels>): Promise<Package> {
    const key = `${name}/${version}`
    const before = this.packages.get(key)
    const kept = new Map((before?.files ?? []).map((file) => [file.path, file]))
    for (const { path, blob, metadata: model, replace } of files) {
      const there = kept.get(path)
      if (there && there.blob.sha256 !== blob.sha256 && !replace) throw duplicate()
      const { size, digests } = blob
      kept.set(path, {
        id: 1,
        packageId: 1,
        name,
        version,
        path,
        createdAt: now,
        size,
        digests,
        blob,
        metadata: model,
      })
    }
    const pkg = {
      id: 1,
      name,
      version,
      publishedAt: now,
      metadata: given ?? before?.metadata ?? {},
      files: [...kept.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    }
    this.packages.set(key, pkg)
    return pkg
  }
}

/** Sends a request to the handlers; the reply's text is what a client would read. */
export async function send(
  registry: FakeRegistry,
  method: string,
  path: string,
  body: string | Uint8Array = '',
) {
  const request = {
    method,
    path,
    headers: {},
    query: new URLSearchParams(),
    body: Readable.from([Buffer.from(body)]),
  }
  const call = {
    request,
    params: { path },
    links: { to: () => '' as never },
    caller: {
      username: 'alice',
      verify: async () => undefined,
      exchange: () => Promise.reject(new Error('no format of this test exchanges')),
    },
    registry: registry as unknown as Registry<MavenModels>,
    require: async () => undefined,
  }
  const reply = await (method === 'PUT' ? put(call) : get(call))
  return { status: reply.status ?? 200, headers: reply.headers ?? {}, text: await textOf(registry, reply) }
}

async function textOf(registry: FakeRegistry, reply: Reply): Promise<string | undefined> {
  if ('text' in reply) return String(reply.text)
  if ('file' in reply) return (await (reply.file.blob as StagedBlob).open().toArray()).join('')
  if (!('document' in reply)) return undefined
  const [rule, key, part = ''] = reply.document
  const parts = rule === 'plugins' ? await encodePlugins(registry, key) : await encodeMetadata(registry, key)
  const found = parts?.find((each) => each.path === part)
  if (found) return [found.body].flat().join('')
  return reply.otherwise && textOf(registry, reply.otherwise)
}

const tools: Tools = { links: { to: () => '' as never }, changedAt: now }

async function encodeMetadata(registry: FakeRegistry, name: string) {
  const view = await registry.find(name)
  return view && metadata.encode(view, tools)
}

async function encodePlugins(registry: FakeRegistry, key: string) {
  const entries = [...registry.packages.values()].flatMap((pkg) => plugins.entries(pkg))
  return plugins.encode(
    key,
    entries.filter((entry) => entry.key === key),
    tools,
  )
}

/** A name that an upstream has, as documents and handlers see it; `seenAt` is when that was heard. */
export function viewOfRemote(remote: RemoteName<MavenModels>, seenAt = now): NameView<MavenModels> {
  const { name, tags = {}, changedAt = seenAt } = remote
  const packages = remote.packages
    .toSorted((a, b) => compareVersions(a.version, b.version))
    .map(({ version, publishedAt = changedAt, metadata: model, files }): Package => {
      const common = { id: 0, packageId: 0, name, version, size: 0, blob: undefined as never }
      const views = files.map((file) => ({ createdAt: publishedAt, ...common, ...file }) as File)
      return { id: 0, name, version, publishedAt, metadata: model, files: views }
    })
  const times = { createdAt: changedAt, changedAt }
  return { name, revision: 'remote', metadata: undefined, packages, tags, removed: [], ...times }
}
