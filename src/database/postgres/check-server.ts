import { sql, type Kysely } from 'kysely'
import { StartRefused } from '../../lib/start-refused.ts'

/** The first that knows `pg_current_snapshot`. */
const oldestMajor = 13

interface Facts {
  readonly version: string
  readonly number: number
  readonly encoding: string
  readonly standby: number
}

/** Throws `StartRefused` if records cannot be kept on this server as they must be. */
export async function checkServer(db: Kysely<any>): Promise<void> {
  const { rows } = await sql<Facts>`
    select current_setting('server_version') as version,
      current_setting('server_version_num')::int as number,
      current_setting('server_encoding') as encoding,
      case when pg_is_in_recovery() then 1 else 0 end as standby`.execute(db)
  const { version, number, encoding, standby } = rows[0]!
  if (number < oldestMajor * 10_000) {
    throw new StartRefused(`PostgreSQL ${version} is too old; use ${oldestMajor} or newer`)
  }
  if (encoding !== 'UTF8') {
    throw new StartRefused(`the database's encoding is ${encoding}; create it with: encoding 'UTF8'`)
  }
  if (standby)
    throw new StartRefused('`database` names a standby, which cannot be written to; name the primary')
}
