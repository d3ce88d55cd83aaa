import { sql, type Kysely } from 'kysely'
import type { Migration } from './migration.ts'

type Db = Kysely<any>

/** What collection, quotas and verification need to know. */
export const storageCare: Migration = {
  async up(db: Db) {
    await collection(db)
    await quotas(db)
  },
  fill: countProjects,
}

async function collection(db: Db) {
  await db.schema.alterTable('blobs').addColumn('delete_after', 'bigint').execute()
  await db.schema.alterTable('blobs').addColumn('corrupt_at', 'bigint').execute()
  for (const state of ['marked', 'corrupt'] as const) {
    await db.schema
      .createIndex(`blobs_${state}`)
      .on('blobs')
      .column('id')
      .where(sql.ref(`${state}_at`), 'is not', null)
      .execute()
  }
  await db.schema
    .createTable('released_blobs')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('blob_id', 'integer', (c) => c.notNull())
    .addColumn('noted_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('released_blobs_noted').on('released_blobs').column('noted_at').execute()
}

async function quotas(db: Db) {
  for (const table of ['projects', 'groups']) {
    await db.schema
      .alterTable(table)
      .addColumn('packages_size', 'bigint', (c) => c.notNull().defaultTo(0))
      .execute()
    await db.schema.alterTable(table).addColumn('packages_size_limit', 'bigint').execute()
  }
}

/** So many projects are counted in one transaction. */
const projectsAtOnce = 20

/** Counts projects that hold something and were not counted. What changes meanwhile, the daily count puts right. */
async function countProjects(db: Db): Promise<boolean> {
  const counted = await sql`
    update projects set packages_size = (
      select sum(blobs.size) from packages
      inner join files on files.package_id = packages.id
      inner join blobs on blobs.id = files.blob_id
      where packages.project_id = projects.id
    )
    where id in (
      select projects.id from projects
      where packages_size = 0 and exists (
        select 1 from packages
        inner join files on files.package_id = packages.id
        inner join blobs on blobs.id = files.blob_id
        where packages.project_id = projects.id and blobs.size > 0
      )
      limit ${sql.lit(projectsAtOnce)}
    )
    returning id`.execute(db)
  return counted.rows.length === projectsAtOnce
}
