import type { NameRow, ProjectRow } from '../../database/schema.ts'
import type { Level } from '../../formats/format.ts'

/** Which projects a registry shows: one, or all below some groups. */
export type Gathered =
  | { readonly kind: 'project'; readonly project: ProjectRow }
  | { readonly kind: 'groups'; readonly groupIds: readonly number[] }

/**
 * What tells a project's, a group's and the instance's registry apart: where a name comes from. There are three
 * implementations; everything else is the same code for all levels.
 */
export interface Source {
  readonly level: Level
  /** Distinguishes kept things of this registry from those of others. */
  readonly key: string
  /** Path of the registry on the server, without the public URL: links in documents start with it. */
  readonly prefix: string
  /**
   * The row of the one project that a normalised name belongs to here, decided before and without regard to what the
   * caller may read; undefined: nobody published it here.
   */
  owner(nameKey: string): Promise<NameRow | undefined>
  gathered(): Promise<Gathered>
}

/** A registry as its caller reached it: by number or by path, which its links keep. */
export interface Reached {
  readonly formatId: string
  /** As in the URL: a number, or the encoded full path. */
  readonly idInUrl: string
}
