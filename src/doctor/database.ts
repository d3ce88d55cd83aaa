import { restoreUnderWay, storedKeyId } from '../core/records/instance.ts'
import type { Database } from '../database/database.ts'
import { appliedMigrations, knownMigrations } from '../database/migrate.ts'
import { secretKeyId } from '../lib/secrets.ts'
import { judgeSkew } from './clocks.ts'
import { finding, ok, problem, warning, type Finding } from './finding.ts'

/** Everything about an opened database, which was not migrated for it. */
export async function lookAtDatabase(database: Database, secretKey: string | undefined): Promise<Finding[]> {
  const { read } = database
  const schema = await finding('schema', () => lookAtSchema(database))
  const found = [await finding('database', () => lookAtEngine(database)), schema]
  if (schema.advice?.includes(nextStart)) return found
  found.push(await finding('database writes', () => lookAtWriting(database)))
  found.push(...(await lookAtKey(database, secretKey)))
  if ((await restoreUnderWay(read)) !== undefined) {
    found.push(
      problem(
        'restore',
        'is not finished',
        'run the same `entrepot restore` again, which goes on where it stopped',
      ),
    )
  }
  const failed = await read
    .selectFrom('jobs')
    .select(['kind', 'error'])
    .where('error', 'is not', null)
    .limit(20)
    .execute()
  for (const { kind, error } of failed)
    found.push(warning('jobs', `${kind} failed and is tried again: ${error}`))
  return found
}

async function lookAtEngine({ maintenance }: Database): Promise<Finding> {
  const began = Date.now()
  const { version, now, complaints } = await maintenance.inspect()
  const name = `${maintenance.engine} ${version}`
  if (complaints.length > 0) return problem('database', `${name}: ${complaints.join('; ')}`)
  const skew = now < began ? began - now : Math.max(0, now - Date.now())
  return judgeSkew('database', name, skew)
}

const nextStart = 'the next start applies them'

async function lookAtSchema({ read }: Database): Promise<Finding> {
  const applied = await appliedMigrations(read)
  const known = knownMigrations()
  const unknown = applied.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    return warning('schema', `was changed by a newer Entrepot (${unknown.join(', ')})`, 'start that version')
  }
  const missing = known.length - applied.length
  if (missing === 0) return ok('schema', `is up to date (${known.at(-1)})`)
  return warning('schema', `lacks ${missing} of ${known.length} migrations`, nextStart)
}

class Undo extends Error {}

async function lookAtWriting({ write }: Database): Promise<Finding> {
  try {
    await write(async (db) => {
      await db.insertInto('instance').values({ key: 'doctor', value: '' }).execute()
      throw new Undo()
    })
  } catch (error) {
    if (!(error instanceof Undo)) throw error
  }
  return ok('database writes', 'can be made')
}

async function lookAtKey({ read }: Database, secretKey: string | undefined): Promise<Finding[]> {
  const stored = await storedKeyId(read)
  if (stored === undefined || secretKey === undefined) return []
  const ours = secretKeyId(secretKey)
  if (stored === ours) return [ok('secret key', 'is the one of this database')]
  return [
    problem(
      'secret key',
      `this database was set up with key ${stored}, and this is ${ours}`,
      'put the right one back, or set secret_key to it',
    ),
  ]
}
