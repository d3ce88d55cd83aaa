/** What becomes of the paths of groups and projects that are deleted and restored. */
import type { Db } from '../../database/database.ts'
import { conflict } from '../../lib/problem.ts'
import { pathKey } from '../records/paths.ts'

type Owner = { readonly group_id: number } | { readonly project_id: number }

/** A path under which packages were published is not given out again; any other is free at once. */
export async function leavePath(db: Db, owner: Owner, everHeldPackages: boolean): Promise<void> {
  const [column, id] = columnOf(owner)
  if (everHeldPackages) await db.updateTable('paths').set({ state: 'gone' }).where(column, '=', id).execute()
  else await db.deleteFrom('paths').where(column, '=', id).execute()
}

/** Gives its path back to what is restored. Throws 409 if it was given to somebody else. */
export async function retakePath(db: Db, fullPath: string, owner: Owner): Promise<void> {
  const [column, id] = columnOf(owner)
  const key = pathKey(fullPath)
  const found = await db.selectFrom('paths').selectAll().where('key', '=', key).executeTakeFirst()
  if (found && found[column] !== id) throw conflict(`path ${fullPath} has been taken meanwhile`)
  await db
    .insertInto('paths')
    .values({ key, group_id: null, project_id: null, state: 'held', ...owner })
    .onConflict((c) => c.column('key').doUpdateSet({ state: 'held' }))
    .execute()
}

const columnOf = (owner: Owner) =>
  'group_id' in owner ? (['group_id', owner.group_id] as const) : (['project_id', owner.project_id] as const)
