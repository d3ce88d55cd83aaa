/** Nodes are upgraded one after the other, while clients publish, read and delete. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { schemaLock } from '../../src/database/postgres/locks.ts'
import { unpackEarlierCode, type EarlierCode } from './rolling/earlier-code.ts'
import { diesIn, nextIndex } from './rolling/next-migration.ts'
import { makePlace, makeProject, today, type Node, type Place } from './rolling/place.ts'
import { startTraffic, type Traffic } from './rolling/traffic.ts'
import { ask } from './postgres.ts'

const next = new URL('rolling/next-version.ts', import.meta.url).pathname

/**
 * No request may take longer, in milliseconds. One may wait 400 ms, behind a step that itself waits for its table, and
 * seldom 1.5 s; the rest is for a machine that has other things to do. Whatever holds requests up for as long as the
 * index is made (5 s), as rows are filled or as somebody reads the table (5 s) is found out.
 */
const mostMs = 3_000

/** Ends a traffic that nothing may have gone wrong with. */
async function unharmed(traffic: Traffic): Promise<void> {
  const { rounds, wrong, slowest } = await traffic.stop()
  assert.deepEqual(wrong, [])
  assert.ok(rounds > 0, 'no round was finished')
  assert.ok(slowest.tookMs < mostMs, `${slowest.title}: took ${Math.round(slowest.tookMs)} ms`)
}

let traffics = 0

/** Does `work` while clients of `node` notice nothing. */
async function unnoticed(place: Place, node: Node, work: () => Promise<void>): Promise<void> {
  const prefix = `meanwhile-${++traffics}`
  const traffic = startTraffic({ to: node.url, readAt: [node.url], caller: place, prefix })
  try {
    await work()
  } catch (error) {
    await traffic.stop()
    throw error
  }
  await unharmed(traffic)
}

/** Both are written to, and show each other's packages at once. */
async function workTogether(place: Place, one: Node, two: Node): Promise<void> {
  const readAt = [one.url, two.url]
  const both = readAt.map((to) =>
    startTraffic({ to, readAt, caller: place, prefix: `together-${++traffics}` }),
  )
  while (both.some((traffic) => traffic.rounds() < 20)) await sleep(50)
  for (const traffic of both) await unharmed(traffic)
}

async function until(place: Place, sql: string): Promise<void> {
  const end = Date.now() + 60_000
  while ((await ask(place.database, sql)).length === 0) {
    if (Date.now() > end) throw new Error(`no row within a minute: ${sql}`)
    await sleep(20)
  }
}

describe('the next version', () => {
  let place: Place
  let old: Node
  let upgraded: Node
  const ofIndex = (state: string) =>
    `select 1 from pg_index where indexrelid = to_regclass('${nextIndex}') and ${state}`
  const startNext = (dies = '') => place.start(next, { [diesIn]: dies })
  const rows = (sql: string) => ask(place.database, sql)

  before(async () => {
    place = await makePlace(today)
    old = await place.start(today)
    await old.ready
    await makeProject(old, place)
    await rows(hundredThousandPackages)
  })
  after(() => place?.stop())

  it('waits for those who read what it changes, and can be killed then', () =>
    unnoticed(place, old, async () => {
      const reader = await connect(place)
      try {
        await reader.query('begin')
        await reader.query('select count(*) from packages')
        const node = await startNext('up')
        await until(place, "select 1 from pg_locks where mode = 'AccessExclusiveLock' and not granted")
        await sleep(5_000)
        await reader.query('commit')
        assert.equal(await node.ended, 'SIGKILL')
      } finally {
        await reader.end()
      }
      assert.deepEqual(await rows("select to_regclass('next_steps') as found"), [{ found: null }])
    }))

  it('can be killed while it makes an index', () =>
    unnoticed(place, old, async () => {
      const node = await startNext()
      await until(place, ofIndex('not indisvalid'))
      await node.kill()
      await rows(endMakingOfIndex)
      assert.equal((await rows(ofIndex('not indisvalid'))).length, 1)
    }))

  it('can be killed while it fills rows, and so can the one that waited for it', () =>
    unnoticed(place, old, async () => {
      const nodes = await Promise.all([startNext('fill'), startNext('fill')])
      for (const node of nodes) assert.equal(await node.ended, 'SIGKILL')
      assert.equal((await rows(ofIndex('indisvalid'))).length, 1)
      assert.ok((await unfilled()) > 0)
    }))

  it('finishes what was broken off, on one of two nodes, while the other waits', () =>
    unnoticed(place, old, async () => {
      const [earlier] = await rows('select max(id) as id from next_steps')
      const nodes = await Promise.all([startNext(), startNext()])
      const left = await Promise.all(nodes.map((node) => node.ready.then(unfilled)))
      assert.deepEqual(left, [0, 0])
      const filling = await rows(`select distinct pid from next_steps where id > ${earlier!['id']}`)
      assert.equal(filling.length, 1)
      assert.equal((await rows("select 1 from next_steps where step = 'up'")).length, 1)
      upgraded = nodes[0]!
      await nodes[1]!.stop()
    }))

  it('works together with the version before', () => workTogether(place, old, upgraded))

  it('goes on when the version before stops, and lets it come back', async () => {
    let again: Node
    const holder = await connect(place)
    try {
      await unnoticed(place, upgraded, async () => {
        await old.stop()
        // As if another node were changing the schema: one that has nothing to change does not wait for it.
        await holder.query(`select pg_advisory_lock(${schemaLock})`)
        again = await place.start(today)
        await again.ready
      })
    } finally {
      await holder.end()
    }
    await workTogether(place, again!, upgraded)
    await again!.stop()
    assert.equal(await unfilled(), 0, 'what the version before published is filled, too')
    await upgraded.stop()
  })

  async function unfilled(): Promise<number> {
    const [row] = await rows('select count(*) as count from packages where origin is null')
    return Number(row!['count'])
  }
})

describe('this version, beside the code before the newest step of the schema', () => {
  let earlier: EarlierCode
  let place: Place
  before(async () => {
    earlier = await unpackEarlierCode()
    place = await makePlace(earlier.program)
  })
  after(async () => {
    await place?.stop()
    await earlier?.remove()
  })
  const steps = () => ask(place.database, 'select name from kysely_migration')

  it('changes the schema under it, works together with it, and lets it come back', async () => {
    const old = await place.start(earlier.program)
    await old.ready
    await makeProject(old, place)
    const stepsBefore = await steps()
    let upgraded: Node
    await unnoticed(place, old, async () => {
      upgraded = await place.start(today)
      await upgraded.ready
    })
    assert.ok((await steps()).length > stepsBefore.length, `${earlier.commit} has this schema`)
    await workTogether(place, old, upgraded!)
    let again: Node
    await unnoticed(place, upgraded!, async () => {
      await old.stop()
      again = await place.start(earlier.program)
      await again.ready
    })
    await workTogether(place, again!, upgraded!)
    await again!.stop()
    await upgraded!.stop()
  })
})

async function connect({ database }: Place): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  return client
}

/** PostgreSQL does not notice at once that the client was killed. */
const endMakingOfIndex = `
  select pg_terminate_backend(pid, 5000) from pg_stat_activity where query like 'create index concurrently%'`

/** A thousand names with a hundred versions each. */
const hundredThousandPackages = `
  insert into names (project_id, root_id, format, key, name, revision, created_at, changed_at)
  select projects.id, projects.root_id, 'generic', 'big-' || n, 'big-' || n, 1, 1, 1
  from projects, generate_series(1, 1000) as n;
  insert into packages (project_id, name_id, format, version, version_key, status, created_at, updated_at)
  select project_id, id, format, '1.' || n, '1.' || n, 'default', 1, 1
  from names, generate_series(1, 100) as n;
  analyze names, packages`
