/**
 * The contract between the core and one package format.
 *
 * A format is one folder that exports one value of type `Format`. The core never names a format; a format imports
 * this file, `handlers.ts` and `lib/`, never the core. Three ideas are required: *routes* turn requests into reads
 * and writes, a *publication* is what an upload turns into, a *document* is anything derived from records. The rest
 * is optional, with a default.
 *
 * A *registry* is one format at one level (a project, a group or the instance) as one caller sees it. A *package* is
 * a name and a version.
 */
import type { Readable } from 'node:stream'
import type { DocumentRule } from './documents.ts'
import type { IndexSettingsRule, IndexView } from './index-sets.ts'
import type { Upstream, UpstreamQuestion } from './upstream.ts'

export type * from './documents.ts'
export type * from './index-sets.ts'
export type * from './upstream.ts'

/** The metadata models of a format: what only it knows, per package, per file and per name; and the settings of an index. */
export interface Models {
  readonly package?: unknown
  readonly file?: unknown
  readonly name?: unknown
  readonly index?: unknown
}
/** A model that a format does not have. */
export type None = Readonly<Record<never, never>>
export type Of<M, K extends keyof Models> = K extends keyof M ? M[K] : None
/** Turns a stored value, possibly written by an older version, into today's model; throws if it cannot. A package gets
 *  `undefined` while no publication has brought metadata. */
export type Decoder<T> = (value: unknown) => T

export interface Format<M extends Models = Models> {
  /** URL segment, database value, folder name and purl type. */
  readonly id: string
  /** The name people use: 'npm', 'Maven'. */
  readonly title: string
  readonly names: NameRules
  readonly versions: VersionRules
  /** The metadata models this format owns. Called on read and write: must accept what older versions wrote. */
  readonly metadata: { readonly [K in keyof M]-?: Decoder<M[K]> }
  /** Digests the protocol shows, beside sha256, which every blob has. */
  readonly digests?: readonly Digest[]
  /** Default largest file, in bytes. */
  readonly maxFileSize: number
  /** Whether other bytes may replace a published file, where the owner's setting says nothing. Default 'never'. */
  readonly duplicates?: Duplicates
  /**
   * Whether its clients can be sent elsewhere for a file: to an address on another host, signed in its query, that must
   * get no `Authorization`. Default true. Where false, files that lie in a bucket stream through the server.
   */
  readonly followsRedirects?: boolean
  readonly access: Access
  /** What a file is a build of, where the protocol keeps builds side by side (Maven SNAPSHOT). Default: its path. */
  buildOf?(file: Pick<FileView<M>, 'name' | 'version' | 'path'>): string
  /** Of a file that is served beside another one (its metadata, its signature): that one's path. They are removed together. */
  companionOf?(path: string): string | undefined
  /** Relative to the level's prefix, tried in order. Every route names the permission it needs. */
  readonly routes: readonly Route<M>[]
  /** For clients that ask the host and not the registry: relative to the server's root, tried where no other address fits. */
  readonly rootRoutes?: readonly OpenRoute[]
  readonly documents?: Readonly<Record<string, DocumentRule<M>>>
  /** Left out: nobody sets anything for single indexes. */
  readonly indexSettings?: IndexSettingsRule<M>
  /** Left out: registries of this format do not fill from others. */
  readonly upstream?: Upstream
  /** What search, the API and the one generic package page show. */
  describe(pkg: PackageView<M>): Description
  /** Lines a person pastes to use this registry, or this package. */
  install(target: InstallTarget): readonly Snippet[]
}
export type Duplicates = 'never' | 'allowed'

export interface NameRules {
  /** The one spelling that equal names share; throws `invalid(...)` saying what is wrong. Idempotent. */
  normalize(name: string): string
  /** A pattern of names (`*` for any text) as this format's people write it, in the spelling of normalised names. */
  spell?(pattern: string): string
  /** Instance level: the path (of a group or project) that a name must belong to (npm scope, Maven path). */
  owner?(name: string): string | undefined
}
export interface VersionRules {
  /** The one spelling that equal versions share; throws `invalid(...)`. Idempotent. */
  normalize(version: string): string
  /** A total order on normalised versions. Left out: by publication time. */
  compare?(a: string, b: string): number
  isPrerelease?(version: string): boolean
}

// ------------------------------------------------------------------ records, as a format sees them
export type Digest = 'md5' | 'sha1' | 'sha256' | 'sha512'
/** Lower-case hexadecimal. */
export type Digests = Readonly<Partial<Record<Digest, string>>>
/** Deprecated is still offered, with words; withdrawn only to those who pin it. Both may carry a reason. */
export interface Standing {
  readonly kind: 'deprecated' | 'withdrawn'
  readonly reason?: string
}
export interface PackageView<M> {
  /** As shown by the REST API. */
  readonly id: number
  /** As published (display form); equality is the format's `normalize`. */
  readonly name: string
  readonly version: string
  readonly publishedAt: Date
  readonly standing?: Standing
  readonly metadata: Of<M, 'package'>
  /** Sorted by path. */
  readonly files: readonly FileView<M>[]
}
export interface FileView<M> {
  readonly id: number
  readonly packageId: number
  readonly name: string
  readonly version: string
  /** Path inside the registry, unique in its project. The last segment is the file name offered on download. */
  readonly path: string
  readonly createdAt: Date
  readonly size: number
  readonly digests: Digests
  readonly blob: Blob
  readonly metadata: Of<M, 'file'>
}
declare const stored: unique symbol
/** Bytes the core holds and this caller may use. Branded: only the core hands them out. */
export interface Blob {
  readonly [stored]: true
  readonly size: number
  readonly sha256: string
  readonly digests: Digests
}
/** All packages of one name that documents show (default and deprecated); a name may exist with none. */
export interface NameView<M> {
  readonly name: string
  /** Changes whenever anything under the name does; for compare-and-set (npm `_rev`). */
  readonly revision: string
  readonly metadata: Of<M, 'name'> | undefined
  /** Ascending by `versions.compare`, or by publication time. */
  readonly packages: readonly PackageView<M>[]
  /** Movable names for versions (npm dist-tags). */
  readonly tags: Readonly<Record<string, string>>
  /** Versions that were published and are gone (tombstones), oldest first. */
  readonly removed: readonly { readonly version: string; readonly at: Date }[]
  /** First publication of the name. */
  readonly createdAt: Date
  readonly changedAt: Date
}

export type NameHead<M> = Pick<NameView<M>, 'name' | 'revision' | 'metadata' | 'createdAt' | 'changedAt'>

// ------------------------------------------------------------------ writing
/** Bytes received, hashed and durable, not yet owned. Dropped at the end of the request unless published. */
export interface StagedBlob extends Blob {
  open(range?: { readonly start: number; readonly end?: number }): Readable
}
/** What an upload turns into. Applied in one short transaction, or not at all. */
export interface Publication<M> {
  readonly name: string
  readonly version: string
  /** What the protocol brings: a whole package ('new') or some of its files ('add'). Duplicates are the core's matter. */
  readonly mode: 'new' | 'add'
  /** Left out: keep what the package has (a Maven jar comes before its pom). */
  readonly metadata?: Of<M, 'package'>
  readonly files: readonly NewFile<M>[]
  /** Tags that point here from now on. */
  readonly tags?: readonly string[]
  /** Default 'default'; 'hidden' stays out of documents, lists and search. 'processing' holds for a new package: nobody
   *  sees it but who publishes, until a publication without it follows. */
  readonly status?: 'default' | 'hidden' | 'processing'
  /** Paths of this version that this publication makes superfluous: they go for good, leaving no trace. */
  readonly drops?: readonly string[]
  /** Refused with `conflict` if the name's revision is another; null: the name must not exist. */
  readonly ifRevision?: string | null
}
export interface NewFile<M> {
  readonly path: string
  readonly blob: Blob
  readonly metadata: Of<M, 'file'>
  /** The protocol itself rewrites this file (a Maven SNAPSHOT): other bytes replace it whatever `duplicates` says. */
  readonly replace?: boolean
}
/** One call is one transaction, however many versions it touches. Standings, files and names are amended by whom may
 *  delete what others published; the metadata of packages by whom may publish. */
export type Amendment<M> =
  | { readonly version: string; readonly metadata?: Of<M, 'package'>; readonly standing?: Standing | null }
  | { readonly version: string; readonly path: string; readonly metadata: Of<M, 'file'> }
  | { readonly metadata: Of<M, 'name'> }
export interface Condition {
  /** Refused with 409 (`conflict`) if the name has changed; null: it must not exist. */
  readonly ifRevision?: string | null
}

// ------------------------------------------------------------------ the registry handle
/** Already bound to one level and one caller: no handler passes an owner or a user around. */
export interface RegistryReader<M> {
  find(name: string): Promise<NameView<M> | undefined>
  /** What is known of a name published here apart from its packages: as quick with ten thousand versions as with one. */
  head(name: string): Promise<NameHead<M> | undefined>
  get(name: string, versionOrTag: string): Promise<PackageView<M> | undefined>
  /**
   * By its path in the registry; hidden packages' files too. One that is on its way from upstream has the digests known
   * so far; with `digest` all of it is awaited, and that digest is worked out where it is not known.
   */
  file(path: string, options?: { readonly digest?: Digest | undefined }): Promise<FileView<M> | undefined>
  /** Names containing `query` (case-insensitive), each with the packages that tags point at and those published last;
   *  `limit` is at most 250. At most 250 names behind the page are looked at and counted in `total`, 1,000 in all. */
  search(
    query: string,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly total: number; readonly found: readonly NameView<M>[] }>
  /** What is set at this level for an index, by its key or alias; undefined: nothing. */
  index(rule: string, key: string): Promise<IndexView<M> | undefined>
  /**
   * Puts a question about names to each upstream that may be asked about some of them: `question` makes it of those. What
   * is owned or reserved here is never told. Returns the bodies of the answers with status 200, in the upstreams' order.
   */
  ask(
    names: readonly string[],
    question: (names: ReadonlySet<string>) => UpstreamQuestion,
  ): Promise<readonly Uint8Array[]>
  readonly level: Level
}
/** Every verb authorises again, on the exact normalised name it acts on. */
export interface Registry<M> extends RegistryReader<M> {
  /** Streams to storage, hashing; enforces the size limit as bytes arrive; compares with `expect` (400 on mismatch). */
  stage(body: Readable | AsyncIterable<Uint8Array> | Uint8Array, expect?: Digests): Promise<StagedBlob>
  /** Keeps bytes for a day until a publication names them (files that come before what they belong to). */
  hold(under: string, blob: StagedBlob): Promise<void>
  /** What this caller holds under that, with this sha256; a publication may name it as its own. */
  held(under: string, sha256: string): Promise<StagedBlob | undefined>
  /** All publications in one transaction. Returns the first one's package. An identical repetition changes nothing. */
  publish(first: Publication<M>, ...more: readonly Publication<M>[]): Promise<PackageView<M>>
  amend(name: string, changes: readonly Amendment<M>[], condition?: Condition): Promise<NameView<M>>
  /** A whole name, versions of it, or files; a package that loses its last file goes. */
  remove(
    name: string,
    what?: { readonly versions?: readonly string[]; readonly paths?: readonly string[] },
    condition?: Condition,
  ): Promise<void>
  /** Points `tag` at a version, or removes it (null). */
  tag(name: string, tag: string, version: string | null): Promise<void>
}

// ------------------------------------------------------------------ HTTP
declare const linked: unique symbol
/** Branded, so that a redirect or link built from request text does not compile. */
export type Link = string & { readonly [linked]: true }
/** What documents and handlers may use: the same for every caller. */
export interface Links {
  /** Absolute URL of a path inside this registry, on the configured public URL. Segments are encoded here ('@' stays). */
  to(path: string, query?: Readonly<Record<string, string>>): Link
}
export type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
export type Need = 'read' | 'publish' | 'delete'
export type Level = 'project' | 'group' | 'instance'
interface At {
  readonly method: Method
  /** `/:name` one segment, `/:path+` one or more (anywhere in the path); text may stand around a name:
   *  `/:version.zip`. GET answers HEAD too. Segments arrive decoded once; those of a `+` joined by '/'. */
  readonly path: string
}
/** An open route gets no registry, so it cannot leak. */
export interface OpenRoute extends At {
  readonly needs: 'nothing'
  /** It is how callers get a credential, so it answers them without one even where anonymous access is switched off. */
  readonly signIn?: true
  readonly run: (call: OpenCall) => Reply | Promise<Reply>
}
export interface ReadRoute<M> extends At {
  readonly needs: 'read'
  /** Default: every level. */
  readonly levels?: readonly Level[]
  readonly run: (call: ReadCall<M>) => Reply | Promise<Reply>
}
export interface WriteRoute<M> extends At {
  readonly needs: Exclude<Need, 'read'>
  /** Default: the project's. Elsewhere the core answers 405, naming the project addresses. */
  readonly levels?: readonly Level[]
  readonly run: (call: WriteCall<M>) => Reply | Promise<Reply>
}
export type Route<M> = OpenRoute | ReadRoute<M> | WriteRoute<M>
export interface Request {
  readonly method: string
  /** As received, undecoded, without the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly query: URLSearchParams
  readonly body: Readable
}
export interface OpenCall {
  readonly request: Request
  readonly params: Readonly<Record<string, string>>
  readonly links: Links
  readonly caller: {
    /** Undefined for anonymous callers. */
    readonly username: string | undefined
    /** For sign-in routes whose token stands in the body: the name it belongs to; counted as an authentication attempt. */
    verify(token: string): Promise<string | undefined>
    /**
     * Exchanges a CI job's ID token, once, for a token of ours, at the level that was asked. Throws 401 saying why not, 503
     * where its issuer cannot be asked.
     */
    exchange(idToken: string, options?: ExchangeOptions): Promise<JobToken>
  }
}
export interface ExchangeOptions {
  /** The name that the job is about to publish: where several trusts let it in, chooses between them. */
  readonly name?: string
  /** An audience that clients of this protocol have, beside our public URL. */
  readonly audience?: string
}
export interface JobToken {
  readonly token: string
  /** In seconds. */
  readonly expiresIn: number
}
export interface ReadCall<M> extends OpenCall {
  readonly registry: RegistryReader<M>
}
export interface WriteCall<M> extends OpenCall {
  readonly registry: Registry<M>
  /** Throws the right refusal unless the caller may also do this here (a PUT that turns out to be an unpublish). */
  require(need: Need): Promise<void>
}
export type Headers = Readonly<Record<string, string>>
interface Head {
  readonly status?: number
  readonly headers?: Headers
}
/** Plain data. The core turns it into bytes: ranges, HEAD, ETag and 304, compression, attachment headers.
 *  An `etag` among `headers` replaces the core's. */
export type Reply =
  | (Head & { readonly json: unknown })
  | (Head & { readonly text: string | Uint8Array })
  | (Head & { readonly file: FileView<any> })
  /** `otherwise` answers where there is no such document; left out: 404 in the format's dialect. */
  | (Head & {
      readonly document: readonly [rule: string, key: string, part?: string]
      readonly otherwise?: Reply
    })
  | (Head & { readonly redirect: Link })
  | { readonly status: number; readonly headers?: Headers }

/** How this format's clients present a credential, and how they expect to be refused. */
export interface Access {
  /** A carrier of this format's own, beside those of every route (src/core/access/carriers.ts): the token. */
  credential?(request: Request): string | undefined
  /** The `WWW-Authenticate` value of a 401. */
  readonly challenge: string
  /** An error in this client's own shape. */
  error(problem: { readonly status: number; readonly code: string; readonly message: string }): Reply
}

// ------------------------------------------------------------------ people
export interface Description {
  readonly name: string
  readonly version: string
  readonly summary?: string
  /** Markdown or plain text. */
  readonly readme?: string
  readonly license?: string
  readonly links?: Readonly<Record<string, string>>
  readonly keywords?: readonly string[]
  readonly dependencies?: readonly {
    readonly group?: string
    readonly name: string
    readonly range: string
  }[]
  readonly facts?: readonly { readonly label: string; readonly value: string }[]
}
export interface InstallTarget {
  readonly links: Links
  readonly level: Level
  readonly package?: { readonly name: string; readonly version: string; readonly tags: readonly string[] }
}
export interface Snippet {
  readonly title: string
  /** For highlighting: 'shell', 'ini', 'xml', 'json', 'yaml'. */
  readonly language: string
  readonly text: string
}
