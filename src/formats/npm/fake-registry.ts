/** For this format's tests: a registry in memory, and calls on it, without the core. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type {
  DocumentPart,
  FileView,
  Links,
  NameHead,
  NameView,
  OpenCall,
  PackageView,
  Publication,
  Registry,
} from '../format.ts'
import type { RemoteName, StagedBlob, UpstreamQuestion, WriteCall } from '../format.ts'
import { conflict, duplicate, notFound, unauthorized } from '../../lib/problem.ts'
import type { NpmModels } from './manifest.ts'
import { compareVersions } from './versions.ts'

type Package = PackageView<NpmModels>
interface Name {
  packages: Package[]
  tags: Record<string, string>
  removed: { version: string; at: Date }[]
  revision: number
}

export const links = {
  to: (path: string) => `https://packages.example/npm/${path.replace(/^\//, '')}`,
} as Links

export class FakeRegistry implements Registry<NpmModels> {
  readonly level = 'project'
  /** What upstreams answer; each is asked about the names that `mayTell` lets through. */
  readonly upstreams: ((question: UpstreamQuestion) => unknown)[] = []
  mayTell: (name: string) => boolean = () => true
  readonly names = new Map<string, Name>()
  readonly staged: StagedBlob[] = []
  readonly #bytes = new Map<unknown, Buffer>()
  #time = Date.UTC(2030, 0, 1)

  async stage(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<StagedBlob> {
    const chunks: Uint8Array[] = []
    for await (const chunk of body instanceof Uint8Array ? [body] : body) chunks.push(chunk)
    const bytes = Buffer.concat(chunks)
    const hex = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex')
    const digests = { sha1: hex('sha1'), sha256: hex('sha256'), sha512: hex('sha512') }
    const blob = { size: bytes.length, sha256: digests.sha256, digests, open: () => Readable.from([bytes]) }
    this.#bytes.set(blob, bytes)
    this.staged.push(blob as unknown as StagedBlob)
    return blob as unknown as StagedBlob
  }

  async hold(): Promise<void> {
    throw new Error('npm holds nothing')
  }

  async held(): Promise<undefined> {}

  async index(): Promise<undefined> {}

  async publish(publication: Publication<NpmModels>): Promise<Package> {
    const { name, version } = publication
    const entry = this.names.get(name) ?? { packages: [], tags: {}, removed: [], revision: 0 }
    const files = publication.files.map((file) => this.#file(name, version, file))
    const present = entry.packages.find((pkg) => pkg.version === version)
    if (present && present.files[0]?.blob.sha256 !== files[0]?.blob.sha256) throw duplicate()
    if (present) return present
    const metadata = publication.metadata
    if (!metadata) throw new Error('no metadata')
    const pkg = { id: this.names.size + 1, name, version, publishedAt: this.#tick(), metadata, files }
    entry.packages = [...entry.packages, pkg].toSorted((a, b) => compareVersions(a.version, b.version))
    for (const tag of publication.tags ?? []) entry.tags[tag] = version
    this.names.set(name, entry)
    entry.revision++
    return pkg
  }

  async amend(
    name: string,
    changes: Parameters<Registry<NpmModels>['amend']>[1],
    condition?: { ifRevision?: string | null },
  ): Promise<NameView<NpmModels>> {
    const entry = this.#entry(name, condition)
    for (const change of changes) {
      if (!('version' in change) || 'path' in change) throw new Error('the format keeps no such metadata')
      entry.packages = entry.packages.map((pkg) => {
        if (pkg.version !== change.version || change.standing === undefined) return pkg
        const { standing: _, ...rest } = pkg
        return change.standing ? { ...rest, standing: change.standing } : rest
      })
    }
    entry.revision++
    return (await this.find(name)) as NameView<NpmModels>
  }

  head(name: string): Promise<NameHead<NpmModels> | undefined> {
    return this.find(name)
  }

  async remove(
    name: string,
    what?: { versions?: readonly string[] },
    condition?: { ifRevision?: string | null },
  ) {
    const entry = this.#entry(name, condition)
    const gone = what?.versions ?? entry.packages.map((pkg) => pkg.version)
    entry.packages = entry.packages.filter((pkg) => !gone.includes(pkg.version))
    entry.removed.push(...gone.map((version) => ({ version, at: this.#tick() })))
    for (const [tag, version] of Object.entries(entry.tags))
      if (gone.includes(version)) delete entry.tags[tag]
    entry.revision++
  }

  async tag(name: string, tag: string, version: string | null) {
    const entry = this.#entry(name)
    if (version === null) delete entry.tags[tag]
    else entry.tags[tag] = version
    entry.revision++
  }

  async find(name: string): Promise<NameView<NpmModels> | undefined> {
    const entry = this.names.get(name)
    if (!entry) return undefined
    const { packages, tags, removed } = entry
    const dates = { createdAt: new Date(Date.UTC(2030, 0, 1)), changedAt: new Date(this.#time) }
    return {
      name,
      revision: `r${entry.revision}`,
      metadata: undefined,
      packages,
      tags: { ...tags },
      removed,
      ...dates,
    }
  }

  async get(name: string, wanted: string): Promise<Package | undefined> {
    const entry = this.names.get(name)
    return entry?.packages.find((pkg) => pkg.version === (entry.tags[wanted] ?? wanted))
  }

  async file(path: string): Promise<FileView<NpmModels> | undefined> {
    const packages = [...this.names.values()].flatMap((name) => name.packages)
    return packages.flatMap((pkg) => pkg.files).find((file) => file.path === path)
  }

  async search(query: string, page: { offset: number; limit: number }) {
    const names = [...this.names.keys()].filter((name) => name.includes(query))
    const views = await Promise.all(names.map((name) => this.find(name)))
    const found = views.filter((view) => view !== undefined)
    return { total: found.length, found: found.slice(page.offset, page.offset + page.limit) }
  }

  /** Answers that are no bytes are written as JSON; undefined: the upstream fails. */
  async ask(
    names: readonly string[],
    question: (names: ReadonlySet<string>) => UpstreamQuestion,
  ): Promise<readonly Uint8Array[]> {
    const told = new Set(names.filter((name) => this.mayTell(name)))
    if (told.size === 0) return []
    const answers = this.upstreams.map((upstream) => upstream(question(told)))
    return answers
      .filter((answer) => answer !== undefined)
      .map((answer) => (answer instanceof Uint8Array ? answer : Buffer.from(JSON.stringify(answer))))
  }

  bytesOf(file: FileView<NpmModels>): Buffer | undefined {
    return this.#bytes.get(file.blob)
  }

  #entry(name: string, condition?: { ifRevision?: string | null }): Name {
    const entry = this.names.get(name)
    if (!entry) throw notFound()
    if (condition?.ifRevision !== undefined && condition.ifRevision !== `r${entry.revision}`)
      throw conflict('changed')
    return entry
  }

  #file(name: string, version: string, file: Publication<NpmModels>['files'][number]): FileView<NpmModels> {
    const { size, digests } = file.blob
    const view = { id: 1, packageId: 1, name, version, createdAt: new Date(this.#time), metadata: {} }
    return { ...view, path: file.path, size, digests, blob: file.blob }
  }

  #tick(): Date {
    this.#time += 60_000
    return new Date(this.#time)
  }
}

/** What an upstream has as encoders see it, with what is left out there filled in by the contract's rules. */
export function viewOf(remote: RemoteName<NpmModels>): NameView<NpmModels> {
  const { name, tags = {}, changedAt = new Date(Date.UTC(2030, 0, 1)), createdAt = changedAt } = remote
  const packages = remote.packages.map((pkg): Package => {
    const { version, publishedAt = changedAt, standing, metadata } = pkg
    const files = pkg.files.map(({ path, digests, size = 0 }) => {
      const blob = { size, sha256: digests.sha256 ?? '', digests } as unknown as StagedBlob
      const view = { id: 0, packageId: 0, name, version, createdAt: publishedAt, metadata: {} }
      return { ...view, path, size, digests, blob }
    })
    return { id: 0, name, version, publishedAt, metadata, files, ...(standing && { standing }) }
  })
  packages.sort((a, b) => compareVersions(a.version, b.version))
  return { name, revision: 'r', metadata: undefined, packages, tags, removed: [], createdAt, changedAt }
}

/** A call of a handler as the core makes it. */
export function callOn(
  registry: FakeRegistry,
  params: Readonly<Record<string, string>>,
  request: {
    readonly method?: string
    readonly body?: unknown
    readonly query?: string
    readonly headers?: Record<string, string>
  } = {},
  username: string | undefined = 'alice',
): WriteCall<NpmModels> {
  const { body = '' } = request
  const bytes = Buffer.from(
    typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  )
  const cut = Math.floor(bytes.length / 2)
  const caller: OpenCall['caller'] = {
    username,
    verify: async (token) => (token === 'good-token' ? 'bob' : undefined),
    async exchange(idToken, { name, audience } = {}) {
      if (idToken !== 'good-id-token') throw unauthorized('the ID token is not accepted')
      return { token: `${name} for ${audience}`, expiresIn: 60 }
    },
  }
  return {
    registry,
    params,
    links,
    caller,
    require: async () => undefined,
    request: {
      method: request.method ?? 'PUT',
      path: '/',
      headers: request.headers ?? {},
      query: new URLSearchParams(request.query),
      body: Readable.from([bytes.subarray(0, cut), bytes.subarray(cut)]),
    },
  }
}

/** The text of a part of a document. */
export const textOf = (part: DocumentPart | undefined) => [part?.body ?? ''].flat().join('')
