import { parseDatabase } from './addresses.ts'
import { optionalSetting, parsed, setting, text, wholeNumber } from './settings.ts'

const database = parsed(
  "a path, 'sqlite:' and a path, or an address such as 'postgres://user:password@host:5432/database'",
  parseDatabase,
)

/** Where the records are. */
export const databaseKeys = {
  database: optionalSetting(
    database,
    'The SQLite database file, or the PostgreSQL database that several servers share (`?sslmode=require` for TLS).',
    { fallback: '`<data>/entrepot.db`', secret: true },
  ),
  database_ca: optionalSetting(
    text('a path'),
    "The authorities, a PEM file, that may have signed the PostgreSQL server's certificate; asks for TLS.",
    { fallback: 'those that Node knows' },
  ),
  database_connections: setting(
    wholeNumber(5, 1000),
    20,
    'How many connections each process opens to PostgreSQL at most, beside two for a look at what changed.',
  ),
}
