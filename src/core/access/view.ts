import { hash } from 'node:crypto'
import type { Core } from '../core.ts'
import type { Gathered } from '../registry/source.ts'
import type { Principal } from './principal.ts'
import { nextExpiry, readableProjects, whoIs, wordsFor } from './readable.ts'

/** What a caller sees of several projects. Callers with the same view share documents. */
export interface View {
  /** The numbers of those whose packages it may read. */
  readonly projectIds: ReadonlySet<number>
  /** Names the view: a hash of its numbers. */
  readonly key: string
}

/** The view of what a registry gathers, for documents that are joined from many projects; lists need only a query. */
export async function viewOf(
  core: Core,
  generation: number,
  principal: Principal,
  gathered: Gathered,
): Promise<View> {
  const load = async () => {
    const readable = readableProjects(core, principal, gathered).orderBy('projects.id')
    const rows = await core.database.scan.executeQuery(readable)
    const ids = rows.rows.map((row) => row.id)
    const key = hash('sha256', ids.join(','), 'base64url')
    return { projectIds: new Set(ids), key, until: await nextExpiry(core, principal) }
  }
  const key = `view/${whoIs(principal)}/${wordsFor(gathered)}`
  return core.kept.get(key, generation, load, (view) => view.until)
}
