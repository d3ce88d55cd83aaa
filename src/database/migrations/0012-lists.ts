import type { Migration } from './migration.ts'

/**
 * What lists begin with, read without a look at the rows. On PostgreSQL the indexes of events did not hold their numbers,
 * so that the newest of a project were searched for among all of it; `events_project_id` and `events_group_id`, which are
 * beginnings of these, are for older nodes.
 */
export const lists: Migration = {
  up: async () => {},
  indexes: [
    {
      name: 'events_of_project',
      on: 'events (project_id, id) where project_id is not null',
      only: 'postgres',
    },
    { name: 'events_of_group', on: 'events (group_id, id) where group_id is not null', only: 'postgres' },
  ],
}
