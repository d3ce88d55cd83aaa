/** The part of the contract about documents. Formats import it through `format.ts`. */
import type { Headers, Links, NameView, PackageView } from './format.ts'
import type { IndexSet } from './index-sets.ts'
import type { RemoteEntry, RemoteName } from './upstream.ts'

/**
 * Derived bytes, a function of records, so that no format writes staleness or merging:
 * hosted = encode(records), gathered = encode(union of the projects' records, one owner per name),
 * from upstream = encode(decode(bytes)).
 */
export type DocumentRule<M> = NameDocument<M> | IndexDocument<M> | IndexSet<M> | PassedDocument

/** About one name, which is its key: a packument, a version list. Stale when the name changes. There may be ten thousand
 *  versions: what takes long goes through `inTurns` of lib/turn.ts, so that others are served meanwhile. */
export interface NameDocument<M> {
  readonly of: 'name'
  /** The parts, swapped in together; undefined: no such document (404). */
  encode(
    name: NameView<M>,
    tools: Tools,
  ): readonly DocumentPart[] | undefined | Promise<readonly DocumentPart[] | undefined>
  /** Reads what an upstream answered for a part. Throws if it is no such document. Large ones are read in a thread. */
  decode?(body: Uint8Array, name: string, part: string): RemoteName<M>
}
/** Joined from entries that are kept per package at publish; one more package costs its own entries. */
export interface IndexDocument<M> {
  readonly of: 'packages'
  entries(pkg: PackageView<M>): readonly Entry[]
  /** Called with what the level shows under `key`, sorted by id (bytewise), one per id; undefined: 404. */
  encode(
    key: string,
    entries: readonly Entry[],
    tools: Tools,
  ): readonly DocumentPart[] | undefined | Promise<readonly DocumentPart[] | undefined>
  /** Reads what an upstream answered for a key. Throws if it is no such document. */
  decode?(body: Uint8Array, key: string): readonly RemoteEntry[]
}
/** What only upstreams have, such as keys and attestations: read, checked and written again. */
export interface PassedDocument {
  readonly of: 'upstream'
  /** The name it is about; undefined: none in particular. */
  about(key: string): string | undefined
  /** `bodies`: what the upstreams have, in their order; one at least. Throws if it is no such document. */
  pass(bodies: readonly Uint8Array[], key: string): readonly DocumentPart[]
}
export interface Entry {
  /** The document it belongs to. */
  readonly key: string
  /** What it is sorted by. Of equal ids in one key the newest package's stands. */
  readonly id: string
  /** The same at every level: relative links only. */
  readonly text: string
}
export interface Tools {
  readonly links: Links
  /** When the newest record used was committed: the only clock a document may use. */
  readonly changedAt: Date
}
export interface DocumentPart {
  /** Empty string for the document's only or main part. */
  readonly path: string
  readonly contentType: string
  /** A text of more than some hundred kilobytes is better left in pieces, which are never joined. */
  readonly body: string | Uint8Array | readonly string[]
  readonly headers?: Headers
}
