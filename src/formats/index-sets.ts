/** The part of the contract about signed sets of indexes. Formats import it through `format.ts`. */
import type { FileView, Headers, Of, PackageView } from './format.ts'
import type { Entry, Tools } from './documents.ts'

/**
 * Several indexes that belong together and are signed as one (a Debian suite): joined from entries that are kept per
 * package at publish, made as a whole, stored once for all nodes, and swapped in at once. Sets that were shown before
 * stay readable for a while under their lasting paths.
 */
export interface IndexSet<M> {
  readonly of: 'set'
  entries(pkg: PackageView<M>): readonly SetEntry[]
  /**
   * Makes all parts of the set under `key`. `lists`: those that have entries, in order. Called also where nothing but
   * settings is there. Long work is the tools': they let others go first.
   */
  encode(key: string, set: SetContents<M>, tools: SetTools): Promise<readonly SetPart[]>
  /** How long a signed set is valid by these settings, in seconds: it is signed again when half of that is over. */
  validSeconds?(settings: Of<M, 'index'> | undefined): number | undefined
  /** Indexes of what is inside of files, which a job reads and joins: they stand in the set as they were last made. */
  readonly insides?: InsidesRule<M>
}
/**
 * How a set comes by indexes of what is inside of files (Debian's `Contents`). Nothing is read before owners want it;
 * a file is read once, whatever becomes of its package.
 */
export interface InsidesRule<M> {
  isWanted(settings: Of<M, 'index'> | undefined): boolean
  /** Those of a package that are to be read, each with the key and the list (as in `entries`) that it adds to. */
  files(
    pkg: PackageView<M>,
  ): readonly { readonly key: string; readonly list: string; readonly file: FileView<M> }[]
  /** Called in a thread: a function of a file's bytes. Where it throws `invalid` or `tooLarge`, the file adds nothing. */
  read(body: AsyncIterable<Uint8Array>): Promise<Insides>
  /** The text about one item: with the labels of all files that have it, sorted. */
  line(item: string, labels: readonly string[]): string
}
export interface Insides {
  /** What lines name the file by. */
  readonly label: string
  /** Paths inside it, say; in any order, none with a line break. */
  readonly items: readonly string[]
}
export interface SetEntry extends Entry {
  /** Which of the indexes of the set it stands in: 'main/binary-amd64'. Up to 255 characters. */
  readonly list: string
}
export interface SetContents<M> {
  readonly lists: readonly string[]
  /** What the owners of the level set for this index; undefined: nothing. */
  readonly settings: Of<M, 'index'> | undefined
  /** Another key that answers for the same index. */
  readonly alias: string | undefined
  /** By list, in order: what `insides` came to, once it is made. */
  readonly insides: ReadonlyMap<string, Joined>
}
export interface SetTools extends Tools {
  /**
   * The texts of all entries of these lists, one after the other in the order of their ids (bytewise; of equal ids one).
   * Compressed forms consist of several members (gzip) or frames (zstd), of which one more entry changes one.
   */
  join(lists: readonly string[]): Promise<Joined>
  readonly keys: SetKeys
}
/** One text in all its forms. */
export interface Joined {
  readonly entries: number
  readonly plain: SetBody
  readonly gzip: SetBody
  readonly zstd: SetBody
}
declare const joined: unique symbol
/** Bytes that the core holds. */
export interface SetBody {
  readonly [joined]: true
  readonly size: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
}
/** OpenPGP keys of the level (RFC 9580): made when first needed. While one follows another, both sign. */
export interface SetKeys {
  /** 'inline': the text with its signatures (cleartext signature framework); 'detached': the armored signatures alone. */
  sign(text: string, how: 'inline' | 'detached'): Promise<string>
  /** All public keys, armored, one block. */
  readonly publicKeys: string
}
export interface SetPart {
  /** Unique in the set. */
  readonly path: string
  /** A path that names these very bytes (by their digest): it answers as long as the set is kept. */
  readonly lasting?: string
  readonly contentType: string
  readonly body: string | SetBody
  readonly headers?: Headers
}

/** What owners set for one index of a set. */
export interface IndexView<M> {
  readonly id: number
  readonly key: string
  readonly alias: string | undefined
  readonly settings: Of<M, 'index'>
}
/**
 * REST addresses for these settings: `GET` and `POST /projects/:id/<path>`, `GET`, `PUT` and `DELETE .../<path>/:key`,
 * `GET .../:key/key.asc` (the public keys), and the same below `/groups/:id`.
 */
export interface IndexSettingsRule<M> {
  /** Of `documents`: an `IndexSet`. */
  readonly rule: string
  /** 'debian_distributions'. */
  readonly path: string
  /** Reads a request's fields. `before`: what is changed; undefined: a new one. Throws `invalid(...)`. */
  read(
    fields: Readonly<Record<string, unknown>>,
    before: IndexView<M> | undefined,
  ): Pick<IndexView<M>, 'key' | 'alias' | 'settings'>
  /** As the REST API shows it. */
  json(index: IndexView<M>): Readonly<Record<string, unknown>>
}
