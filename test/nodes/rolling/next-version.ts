/** The `entrepot` command of a next version: today's, with one more step of the schema. Run by the tests. */
import { runCommand } from '../../../src/cli/run.ts'
import { migrations } from '../../../src/database/migrations/index.ts'
import { nextMigration, nextName } from './next-migration.ts'

Object.assign(migrations, { [nextName]: nextMigration })
process.exitCode = await runCommand(process.argv.slice(2), process.env)
