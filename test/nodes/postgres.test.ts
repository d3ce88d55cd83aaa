/** What the core relies on of PostgreSQL: transactions, freshness, the order of events, connections that are lost. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { lastSettled } from '../../src/core/records/event-order.ts'
import { adoptMovedEvents } from '../../src/core/records/moved-events.ts'
import { recordEvent, ownOrigin } from '../../src/core/records/events.ts'
import { acceptRequests, besideJobs, enqueue } from '../../src/core/records/job-requests.ts'
import { claim, finish } from '../../src/core/records/jobs.ts'
import type { Database, Db } from '../../src/database/database.ts'
import { migrate } from '../../src/database/migrate.ts'
import { isOutcomeUnknown } from '../../src/database/outcome-unknown.ts'
import { aloneWithSchema } from '../../src/database/postgres/alone-with-schema.ts'
import { openPostgres } from '../../src/database/postgres/open.ts'
import { startTcpProxy } from './tcp-proxy.ts'
import { startPostgres, type PostgresServer } from './postgres.ts'

let server: PostgresServer
let url: string
let one: Database
let two: Database
const open = (at: string) => openPostgres({ url: at, ca: undefined, connections: 10 })

before(async () => {
  server = await startPostgres()
  url = await server.createDatabase()
  // At the same time: one of them migrates, the other one waits.
  ;[one, two] = await Promise.all([open(url), open(url)])
})
after(async () => {
  await Promise.all([one?.close(), two?.close()])
  await server?.stop()
})

/** A transaction of `database` that stays open until `commit` is called. */
async function hold(database: Database, beside: readonly string[], work: (db: Db) => Promise<unknown>) {
  const begun = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const done = database.write(
    async (db) => {
      await work(db)
      begun.resolve()
      await release.promise
    },
    { beside },
  )
  done.catch(begun.reject)
  await begun.promise
  return {
    async commit() {
      release.resolve()
      await done
    },
  }
}

const note = (key: string, value: string) => (db: Db) =>
  db.insertInto('instance').values({ key, value }).execute()
const noted = async (database: Database, key: string) =>
  (await database.read.selectFrom('instance').select('value').where('key', '=', key).executeTakeFirst())
    ?.value
const event = (name: string) => (db: Db) => recordEvent(db, 'package.published', ownOrigin, { name }, 1)

describe('transactions', () => {
  it('about other things run beside each other, about the same one after the other', async () => {
    const held = await hold(one, ['a'], note('held', '1'))
    await two.write(note('beside', '1'), { beside: ['b'] })
    assert.equal(await noted(one, 'beside'), '1')
    let isDone = false
    const same = two.write(note('same', '1'), { beside: ['b', 'a'] }).then(() => (isDone = true))
    await sleep(100)
    assert.equal(isDone, false)
    await held.commit()
    await same
    assert.equal(await noted(one, 'held'), '1')
  })

  it('without keys run alone', async () => {
    const held = await hold(one, ['a'], note('before-alone', '1'))
    let isDone = false
    const alone = two.write(note('alone', '1')).then(() => (isDone = true))
    await sleep(100)
    assert.equal(isDone, false)
    await held.commit()
    await alone
  })

  it('that ask for the same job do not wait for each other, and it runs after the last of them', async () => {
    const ask = (db: Db) => enqueue(db, 'test', '', 1)
    const run = (database: Database) =>
      database.write(async (db) => {
        await acceptRequests(db, ['test'], 2)
        const job = await claim(db, ['test'], 2)
        if (job) await finish(db, job, undefined)
        return job !== undefined
      }, besideJobs)
    const held = await hold(one, ['a'], ask)
    await two.write(ask, { beside: ['b'] })
    assert.equal(await run(two), true)
    assert.equal(await run(one), false)
    await held.commit()
    assert.equal(await run(two), true)
    assert.equal(await run(one), false)
  })

  it('that take jobs get one each', async () => {
    await one.write(async (db) => {
      for (let key = 0; key < 20; key++) await enqueue(db, 'test', String(key), 1)
      await acceptRequests(db, ['test'], 2)
    })
    // Without a key in common, so that only the rows' locks keep them apart.
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        (at % 2 ? one : two).write((db) => claim(db, ['test'], 2), { beside: [] }),
      ),
    )
    const keys = taken.flatMap((job) => (job ? [job.key] : []))
    assert.equal(new Set(keys).size, keys.length)
    assert.ok(keys.length > 0)
    await one.write((db) => db.deleteFrom('jobs').where('kind', '=', 'test').execute())
  })

  it('that stand in each other’s way are done again', async () => {
    await one.write(async (db) => {
      await note('left', '0')(db)
      await note('right', '0')(db)
    })
    const set = (first: string, second: string) => async (db: Db) => {
      for (const key of [first, second]) {
        await sql`update instance set value = (value::int + 1)::text where key = ${key}`.execute(db)
        await sleep(50)
      }
    }
    await Promise.all([
      one.write(set('left', 'right'), { beside: ['l'] }),
      two.write(set('right', 'left'), { beside: ['r'] }),
    ])
    assert.deepEqual([await noted(one, 'left'), await noted(one, 'right')], ['2', '2'])
  })

  it('in which a statement failed are never taken for committed', async () => {
    const lost = one.write(async (db) => {
      await note('before-a-failure', '1')(db)
      // The server has given the transaction up here, whoever looks away.
      await note('held', '2')(db).catch(() => {})
    })
    await assert.rejects(lost, /ended with ROLLBACK/)
    assert.equal(await noted(two, 'before-a-failure'), undefined)
  })

  it('say of a second row that it is one too many', async () => {
    const twice = two.write(note('beside', '2'))
    await assert.rejects(twice, (error) => two.isUniqueViolation(error))
  })
})

describe('freshness', () => {
  it('tells every node of a transaction that was open while later ones were committed', async () => {
    const held = await hold(one, ['a'], note('late', '1'))
    await two.write(note('early', '1'), { beside: ['b'] })
    const states = await Promise.all([one.changes(), two.changes()])
    assert.equal(await noted(two, 'late'), undefined)
    await held.commit()
    const after_ = await Promise.all([one.changes(), two.changes()])
    assert.notEqual(after_[0], states[0])
    assert.notEqual(after_[1], states[1])
    assert.equal(await noted(two, 'late'), '1')
  })

  it('is the same as long as nothing is committed', async () => {
    const before_ = await one.changes()
    await noted(one, 'late')
    await two.snapshot((db) => db.selectFrom('instance').selectAll().execute())
    assert.equal(await one.changes(), before_)
  })
})

describe('events', () => {
  it('are settled once no earlier transaction can add one', async () => {
    const start = await lastSettled(two.read)
    const held = await hold(one, ['a'], event('first'))
    await two.write(event('second'), { beside: ['b'] })
    assert.deepEqual(await lastSettled(two.read), start, 'the first may still come')
    await held.commit()
    const end = await lastSettled(two.read)
    const names = await two.read
      .selectFrom('events')
      .select('name')
      .orderBy('transaction')
      .orderBy('id')
      .execute()
    assert.deepEqual(
      names.map((row) => row.name),
      ['first', 'second'],
    )
    assert.ok(end.transaction > start.transaction)
  })

  it('do not wait for transactions of another database of the same server', async () => {
    const other = await open(await server.createDatabase())
    try {
      const held = await hold(other, ['a'], note('elsewhere', '1'))
      await one.write(event('third'))
      const { id } = await lastSettled(two.read)
      const third = await two.read
        .selectFrom('events')
        .select('id')
        .where('name', '=', 'third')
        .executeTakeFirst()
      assert.equal(id, third?.id)
      await held.commit()
    } finally {
      await other.close()
    }
  })
})

describe('a database that was moved by a dump', () => {
  it('goes on telling what happened, from where it stopped', async () => {
    const { id } = await lastSettled(two.read)
    const far = 10 ** 12
    await one.write(async (db) => {
      await db.updateTable('events').set({ transaction: far }).where('id', '=', id).execute()
      await adoptMovedEvents(db)
    })
    await one.write(event('after the move'), { beside: ['a'] })
    const last = await lastSettled(two.read)
    assert.ok(last.id > id && last.transaction < far)
    const left = await two.read.selectFrom('events').select('name').where('transaction', '<>', 0).execute()
    assert.deepEqual(left, [{ name: 'after the move' }])
  })
})

describe('a connection that is lost', () => {
  it('is a 503, and the next request finds another one', async () => {
    const proxy = await startTcpProxy({ port: server.port })
    const cut = await open(proxied(proxy.port))
    try {
      await noted(cut, 'late')
      proxy.cut()
      proxy.refuse(true)
      await assert.rejects(noted(cut, 'late'), { status: 503 })
      await assert.rejects(cut.write(note('never', '1')), { status: 503 })
      await assert.rejects(async () => cut.changes())
      proxy.refuse(false)
      assert.equal(await noted(cut, 'late'), '1')
      await cut.changes()
      assert.equal(await noted(cut, 'never'), undefined)
    } finally {
      await cut.close()
      await proxy.stop()
    }
  })

  it('during a commit leaves open whether it was one', async () => {
    const proxy = await startTcpProxy({ port: server.port })
    const cut = await open(proxied(proxy.port))
    try {
      const lost = cut.write(async (db) => {
        await note('unknown', '1')(db)
        // What comes from now on is delivered; what is answered is not.
        proxy.swallowAnswers()
        setTimeout(() => proxy.cut(), 200)
      })
      await assert.rejects(lost, (error: Error & { status?: number }) => {
        assert.equal(error.status, 503)
        return isOutcomeUnknown(error)
      })
      assert.equal(await noted(two, 'unknown'), '1')
    } finally {
      await cut.close()
      await proxy.stop()
    }
  })

  function proxied(port: number): string {
    const through = new URL(url)
    through.port = String(port)
    return through.href
  }
})

describe('opening', () => {
  it('says in one line what is wrong', async () => {
    await assert.rejects(
      open('postgres://postgres@127.0.0.1:1/x'),
      /cannot use the PostgreSQL database: .*ECONNREFUSED/,
    )
    const missing = url.replace(/[^/]+$/, 'missing')
    await assert.rejects(
      open(missing),
      /cannot use the PostgreSQL database: database "missing" does not exist/,
    )
  })

  it('is refused, with what to do, where somebody keeps a table that must change', async () => {
    const held = await hold(one, ['a'], (db) => db.selectFrom('names').select('id').execute())
    const wider = {
      '9999-wider': { up: (db: Db) => db.schema.alterTable('names').addColumn('width', 'integer').execute() },
    }
    const changing = two.read
      .connection()
      .execute((db) => aloneWithSchema(db, (lockMs) => migrate(db, { migrations: wider, lockMs }), 2))
    await assert.rejects(changing, /the schema cannot be changed: .*pg_stat_activity/)
    await held.commit()
  })

  it('refuses a database that newer code has taken something from', async () => {
    const own = await open(await server.createDatabase())
    try {
      const contracting = { '9999-less': { up: async () => {}, leastKnown: '9998-unknown' } }
      await migrate(own.read, { migrations: contracting })
      await assert.rejects(migrate(own.read), /changed by a newer Entrepot \(it has 9999-less\)/)
    } finally {
      await own.close()
    }
  })
})
