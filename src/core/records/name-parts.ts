/** Names by a part of them. Both engines keep an index of every three letters that stand in a name. */
import { sql, type Expression, type RawBuilder, type SqlBool } from 'kysely'
import type { Db } from '../../database/database.ts'
import { engineOf } from '../../database/engine.ts'

/** Shorter parts stand in too many names for an index to help. */
const shortest = 3

/**
 * Whether a name contains the text, compared in lower case. In such words that PostgreSQL does not go by an index: that
 * is for `mayContain`, where a query begins with the part. SQLite compares with LIKE as it makes lower case, of the
 * letters of ASCII only, and several times faster than it makes a name in lower case.
 */
export function contains(db: Db, name: Expression<string>, part: string): RawBuilder<SqlBool> {
  if (engineOf(db) === 'postgres') return sql`strpos(lower(${name}), ${part.toLowerCase()}) > 0`
  return sql`${name} like ${pattern(part)} escape '\\'`
}

/** Whether the part is long enough to be found by an index. */
export const isIndexed = (part: string) => [...part].length >= shortest

/** Whether the row of `names` may contain the text, found by an index: to be narrowed by `contains`. */
export function mayContain(db: Db, part: string): RawBuilder<SqlBool> {
  if (engineOf(db) !== 'postgres') return sql`names.id in (${namesWithPart(part)})`
  const letters = inLetters.reduce((text, [sign, digit]) => text.replaceAll(sign, digit), part)
  return sql`${lettersOf} like ${pattern(letters)} escape '\\'`
}

/** SQLite: a query for the numbers of those that may contain the text. */
export const namesWithPart = (part: string) =>
  sql<{ id: number }>`select rowid as id from names_parts where names_parts match ${trigrams(part)}`

/**
 * The signs within names, as something that pg_trgm takes for letters, since it does not look at others: without this
 * it would find nothing to search for in `l-c`. What is the same then by chance is left out by `contains`.
 */
const inLetters = [
  ['-', '0'],
  ['_', '1'],
  ['.', '2'],
  ['/', '3'],
] as const

/** What the index `names_letters` of PostgreSQL is on. */
const lettersOf = sql.raw(
  inLetters.reduce((text, [sign, digit]) => `replace(${text}, '${sign}', '${digit}')`, 'lower(names.name)'),
)

/** A pattern for LIKE. */
const pattern = (text: string) => `%${text.toLowerCase().replace(/[\\%_]/g, String.raw`\$&`)}%`

/** An FTS5 query for rows that hold every three letters of the text. */
function trigrams(text: string): string {
  const letters = [...text.toLowerCase()]
  const parts = letters.slice(2).map((_, at) => letters.slice(at, at + shortest).join(''))
  return [...new Set(parts)].map((one) => `"${one.replaceAll('"', '""')}"`).join(' AND ')
}
