import type { Migration } from './migration.ts'

/**
 * What lists count and begin with, read without a look at the rows. `packages_listed`: the names of a project that have a
 * version which lists show; its condition is written as in `core/records/listed-names.ts`, since SQLite compares the words.
 * `names_recent` holds what a search looks at and what its page is ordered by. On PostgreSQL the indexes of events did
 * not hold their numbers, so that the newest of a project were searched for among all of it. `names_changed`,
 * `events_project_id` and `events_group_id`, which are beginnings of these, are for older nodes.
 */
export const lists: Migration = {
  up: async () => {},
  indexes: [
    {
      name: 'packages_listed',
      on: `packages (project_id, name_id, format) where status in ('default', 'deprecated')`,
    },
    { name: 'names_recent', on: 'names (project_id, changed_at, id, name)' },
    {
      name: 'events_of_project',
      on: 'events (project_id, id) where project_id is not null',
      only: 'postgres',
    },
    { name: 'events_of_group', on: 'events (group_id, id) where group_id is not null', only: 'postgres' },
  ],
}
