/** `node bench/million/make.ts [packages]`: fills the empty server that the environment configures; see ../README.md. */
import { openConfig } from '../../src/cli/open.ts'
import { openDatabase } from '../../src/database/open.ts'
import { openStore } from '../../src/storage/open.ts'
import { generate, type Made } from './generate.ts'

/** Fills the empty server that these `ENTREPOT_...` variables configure. */
export async function fill(env: Readonly<Record<string, string | undefined>>, count: number): Promise<Made> {
  const config = openConfig({ env } as Parameters<typeof openConfig>[0])
  const database = await openDatabase(config.database)
  const blobs = await openStore(config.packages)
  try {
    return await generate(database, blobs, count)
  } finally {
    await blobs.close()
    await database.close()
  }
}

if (import.meta.main) {
  const made = await fill(process.env, Number(process.argv[2] ?? 1_000_000))
  const { owners } = made
  console.log(`${made.packages} packages of ${made.names} names in ${made.seconds} s`)
  console.log(JSON.stringify({ reader: owners.reader, admin: owners.admin }))
}
