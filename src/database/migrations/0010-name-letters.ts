import type { Migration } from './migration.ts'

const letters = `replace(replace(replace(replace(lower(name), '-', '0'), '_', '1'), '.', '2'), '/', '3')`

/**
 * PostgreSQL's index of the parts of names, with the signs between words as something that it takes for letters
 * (`core/records/name-parts.ts` says which). What is new goes into it at once: a list of what is not in it yet, which is
 * the default, would be read through by each search. The index before it, `names_parts`, is for older nodes.
 */
export const nameLetters: Migration = {
  up: async () => {},
  indexes: [
    {
      name: 'names_letters',
      on: `names using gin (${letters} gin_trgm_ops) with (fastupdate = off)`,
      only: 'postgres',
    },
  ],
}
