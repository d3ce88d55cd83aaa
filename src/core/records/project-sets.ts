/** Which projects a list is about, however many they are: never a list of numbers in a statement. */
import type { SelectQueryBuilder } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { Schema } from '../../database/schema.ts'

/** The numbers of some projects, as a query. */
export type ProjectQuery = SelectQueryBuilder<Schema, 'projects', { id: number }>

/** One project by its number, or those that a query selects. */
export type ProjectSet = number | ProjectQuery

/** The same as a query. */
export function projectQuery(db: Db, projects: ProjectSet): ProjectQuery {
  if (typeof projects !== 'number') return projects
  return db.selectFrom('projects').select('projects.id').where('projects.id', '=', projects)
}
