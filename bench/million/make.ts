/** `node bench/million/make.ts <data directory> [packages]`: fills the server whose data is there; see README.md. */
import { openConfig } from '../../src/cli/open.ts'
import { openSqlite } from '../../src/database/sqlite/open.ts'
import { openLocalStore } from '../../src/storage/local.ts'
import { generate } from './generate.ts'

const [data = '', packages = '1000000'] = process.argv.slice(2)
const config = openConfig({ env: { ...process.env, ENTREPOT_DATA: data } } as never)
const database = await openSqlite(config.database.path)
const blobs = await openLocalStore(config.packages.storagePath)
const began = performance.now()
const made = await generate(database, blobs, Number(packages))
const seconds = Math.round((performance.now() - began) / 1000)
console.log(`${made.packages} packages of ${made.names} names in ${seconds} s`)
console.log(JSON.stringify({ reader: made.owners.reader, admin: made.owners.admin }))
await blobs.close()
await database.close()
