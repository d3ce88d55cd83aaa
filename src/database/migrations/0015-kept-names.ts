import type { Migration } from './migration.ts'

/**
 * What is kept from upstreams by name: listed and counted in the one index, without a look at the files. PostgreSQL
 * compares texts too slowly to search a hundred thousand so; its other index holds the parts of names.
 */
export const keptNames: Migration = {
  up: async () => {},
  indexes: [
    { name: 'upstream_files_name', on: 'upstream_files (upstream_id, name, last_used_at, id)' },
    {
      name: 'upstream_files_parts',
      on: 'upstream_files using gin (lower(name) gin_trgm_ops)',
      only: 'postgres',
    },
  ],
}
