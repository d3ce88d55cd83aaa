import type { GroupRow, NameRow, ProjectRow } from '../../database/schema.ts'
import type { Level } from '../../formats/format.ts'
import type { Ownership } from './ownership.ts'

/** Which projects a registry shows: one, all below some groups, or all there are. */
export type Gathered =
  | { readonly kind: 'project'; readonly project: ProjectRow }
  | { readonly kind: 'groups'; readonly groupIds: readonly number[] }
  | { readonly kind: 'all' }

/** What a registry is of. */
export type Place =
  | { readonly kind: 'project'; readonly project: ProjectRow }
  | { readonly kind: 'group'; readonly group: GroupRow }
  | { readonly kind: 'instance' }

/**
 * What tells a project's, a group's and the instance's registry apart: where a name comes from. There are three
 * implementations; everything else is the same code for all levels.
 */
export interface Source {
  readonly level: Level
  readonly place: Place
  /** Distinguishes kept things of this registry from those of others. */
  readonly key: string
  /** Path of the registry on the server, without the public URL: links in documents start with it. */
  readonly prefix: string
  /**
   * Who answers for a normalised name here, decided before and without regard to what the caller may read; undefined:
   * nobody published it here.
   */
  ownership(nameKey: string): Promise<Ownership | undefined>
  /**
   * The same for many names at once, by the numbers of their rows: left out are rows of projects that do not answer
   * for the name here.
   */
  ownerships(names: readonly NameRow[]): Promise<ReadonlyMap<number, Ownership>>
  gathered(): Promise<Gathered>
  /** Whether a name that only one project ever published is surely that project's here; if not, `ownership` tells. */
  isOwnedAlone(nameKey: string, projectPath: string): boolean
}

/** A registry as its caller reached it: by number or by path, which its links keep. */
export interface Reached {
  readonly formatId: string
  /** As in the URL: a number, or the encoded full path. */
  readonly idInUrl: string
}
