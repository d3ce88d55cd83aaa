/**
 * The part of the contract about upstreams: registries elsewhere that ours fill from. A format says where things are
 * there and reads what comes; fetching, keeping, checking and merging are the core's.
 *
 * Formats import this through `format.ts`.
 */
import type { Digest, Digests, Headers, Of, Standing } from './format.ts'

/** How registries of this format are asked by others. */
export interface Upstream {
  /**
   * The address that the client on this machine gets packages from, as it is configured for whoever runs this; undefined:
   * there is none. Called by the command line on request, never by the server.
   */
  clientAddress?(machine: ClientMachine): Promise<string | undefined>
  /**
   * The one spelling of a name that upstreams may have, also where nobody may publish it here (npm once took upper
   * case). Throws `invalid`. Default: `names.normalize`.
   */
  normalizeName?(name: string): string
  /**
   * The digests of files that clients ask for again and again. Others that the format shows are worked out when somebody
   * asks (`RegistryReader.file`). Default: all that the format shows.
   */
  readonly digests?: readonly Digest[]
  /** Where a document (or a part of it) is made of what the upstream has; undefined: upstreams have nothing of it. */
  document(rule: string, key: string, part: string): UpstreamRequest | undefined
  /** Where a file is, by its path in our registries; undefined: upstreams have no such file. */
  file(path: string): UpstreamFile | undefined
}

/** What a client on this machine can be asked with. Nothing is changed. */
export interface ClientMachine {
  /** What a command prints; undefined: it is not there or fails. */
  run(command: string, ...args: readonly string[]): Promise<string | undefined>
  /** A text file (`~/` is the home directory); undefined: there is none. */
  read(path: string): Promise<string | undefined>
}

export interface UpstreamRequest {
  /** Relative to the upstream's address, with segments encoded, and a query where there is one. */
  readonly path: string
  /** The media type asked for. */
  readonly accept?: string
}

/** A file of a package as an upstream has it. */
export interface UpstreamFile extends UpstreamRequest {
  /** As the upstream spells it, in `normalizeName`'s form. */
  readonly name: string
  readonly version?: string
  /**
   * The document about the name that tells which of several upstreams has it: only that one is asked for the file. Left
   * out: they are asked in their order.
   */
  readonly namedBy?: { readonly rule: string; readonly part: string }
  /** Digests that the head of the answer says. */
  digestsOf?(headers: Headers): Digests | undefined
  /**
   * Where its digests are said: asked in order until one says them. With `early`, while the file is on its way; else only
   * where the head of the answer said none. A file is kept only once a digest matched or, unless `needsDigest`, every source
   * said that there is none.
   */
  readonly digests: readonly DigestSource[]
  readonly early?: true
  readonly needsDigest?: true
}
export interface DigestSource extends UpstreamRequest {
  /** Undefined: it says nothing about the file. Throws if it is not what it should be. */
  read(body: Uint8Array): RemoteDigests | undefined
}
export interface RemoteDigests {
  readonly digests: Digests
  /** Absolute, where the bytes are if not where the file's own path says. */
  readonly from?: string
}

/** A name as an upstream has it. */
export interface RemoteName<M> {
  readonly name: string
  readonly metadata?: Of<M, 'name'>
  readonly packages: readonly RemotePackage<M>[]
  readonly tags?: Readonly<Record<string, string>>
  readonly createdAt?: Date
  /** Left out: when we first saw it so. */
  readonly changedAt?: Date
}
export interface RemotePackage<M> {
  readonly version: string
  /** Left out: as the name's `changedAt`. */
  readonly publishedAt?: Date
  readonly standing?: Standing
  readonly metadata: Of<M, 'package'>
  readonly files: readonly RemoteFile<M>[]
}
export interface RemoteFile<M> {
  /** In our registries. */
  readonly path: string
  /** In bytes; left out: unknown. */
  readonly size?: number
  readonly digests: Digests
  /** Left out: as the package's `publishedAt`. */
  readonly createdAt?: Date
  readonly metadata: Of<M, 'file'>
}

/** A line of an index as an upstream has it, and the name it is about: one that is owned here is left out. */
export interface RemoteEntry {
  readonly id: string
  readonly text: string
  readonly name: string
}

/** A question that only an upstream can answer. */
export interface UpstreamQuestion extends UpstreamRequest {
  readonly method: 'GET' | 'POST'
  readonly headers?: Headers
  readonly body?: Uint8Array
  /** The longest answer that is read, in bytes. */
  readonly maxBytes: number
}
