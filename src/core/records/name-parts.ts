/** Names by a part of them. Both engines keep an index of every three letters that stand in a name. */
import { sql, type Expression, type RawBuilder, type SqlBool } from 'kysely'
import type { Db } from '../../database/database.ts'
import { engineOf } from '../../database/engine.ts'
import { mostCounted } from './pages.ts'

/** Shorter parts stand in too many names for an index to help. */
const shortest = 3

/** Whether a name contains the text, compared in lower case. */
export function contains(name: Expression<string>, part: string): RawBuilder<SqlBool> {
  return sql`lower(${name}) like ${pattern(part)} escape '\\'`
}

/** A query for the numbers of the names that may contain the text: to be narrowed by `contains`. */
export function namesWithPart(db: Db, part: string): RawBuilder<{ id: number }> {
  if (engineOf(db) === 'postgres') {
    return sql`select id from names where lower(name) like ${pattern(part)} escape '\\'`
  }
  return sql`select rowid as id from names_parts where names_parts match ${trigrams(part)}`
}

/** Whether so few names contain the text that it is best to begin with them. */
export async function isRare(db: Db, part: string): Promise<boolean> {
  if ([...part].length < shortest) return false
  const { rows } = await sql<{ count: number }>`select count(*) as count from
    (select 1 as one from (${namesWithPart(db, part)}) as found limit ${mostCounted + 1}) as counted`.execute(
    db,
  )
  return Number(rows[0]!.count) <= mostCounted
}

/** A pattern for LIKE. */
const pattern = (text: string) => `%${text.toLowerCase().replace(/[\\%_]/g, String.raw`\$&`)}%`

/** An FTS5 query for rows that hold every three letters of the text. */
function trigrams(text: string): string {
  const letters = [...text.toLowerCase()]
  const parts = letters.slice(2).map((_, at) => letters.slice(at, at + shortest).join(''))
  return [...new Set(parts)].map((one) => `"${one.replaceAll('"', '""')}"`).join(' AND ')
}
