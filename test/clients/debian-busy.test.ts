/**
 * apt goes on updating while packages come and go: an upload and a delete every 1.2 seconds. It takes a minute;
 * `CLIENTS_BUSY_SECONDS=180 npm run test:clients -- debian` makes it three, which is what a release is held to.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { poolFolder } from '../../src/formats/debian/pool.ts'
import { debName, debOf } from '../../src/formats/debian/sample-uploads.ts'
import type { AptClient } from './support/apt.ts'
import { askText, aptFor, query, sendBytes, suite, type DebianRegistry } from './support/debian.ts'
import { startServer } from './support/server.ts'
import { story } from './support/story.ts'
import { makeWorld } from './support/world.ts'

const seconds = Math.max(60, Number(process.env['CLIENTS_BUSY_SECONDS'] ?? 60))
/** In milliseconds: fifty of each a minute. */
const pace = 1200
/** A package stays as long as it takes to publish so many. */
const staysFor = 15
const packagesBefore = 200

/** When what happened to a package, by `performance.now()`. */
interface Life {
  readonly name: string
  acknowledged?: number
  leaving?: number
  gone?: number
}

const sampleOf = (name: string) => ({ name, version: '1.0', content: `this is ${name}` })

async function upload(registry: DebianRegistry, life: Life): Promise<void> {
  const sample = sampleOf(life.name)
  await sendBytes(registry, debName(sample) + query, debOf(sample))
  life.acknowledged = performance.now()
}

async function remove(registry: DebianRegistry, life: Life): Promise<void> {
  life.leaving = performance.now()
  const sample = sampleOf(life.name)
  const folder = poolFolder({ distribution: suite, ...sample })
  await askText(registry, `/${folder}/${debName(sample)}`, 'DELETE')
  life.gone = performance.now()
}

/** Publishes and deletes until `end`, on time, whether or not what came before is done. */
async function keepBusy(registry: DebianRegistry, lives: Life[], end: number): Promise<number> {
  const began = performance.now()
  const running: Promise<void>[] = []
  for (let at = 0; began + at * pace < end; at++) {
    await sleep(Math.max(0, began + at * pace - performance.now()))
    const fresh: Life = { name: `fresh-${at}` }
    lives.push(fresh)
    running.push(upload(registry, fresh))
    const oldest = lives.find(
      ({ leaving, acknowledged = Infinity }) => leaving === undefined && acknowledged < Infinity,
    )
    if (oldest && lives.length > staysFor) running.push(remove(registry, oldest))
  }
  await Promise.all(running)
  return running.length
}

/** Updates, and looks whether what was acknowledged before is there, and what was deleted before is not. */
async function look(client: AptClient, lives: readonly Life[]): Promise<void> {
  const began = performance.now()
  const { transcript } = await client.apt('apt-get', 'update', '--error-on=any')
  assert.doesNotMatch(transcript, /mismatch|^[WE]:/im)
  const ended = performance.now()
  const { stdout } = await client.apt('apt-cache', 'pkgnames')
  const seen = new Set(stdout.split('\n'))
  for (const { name, acknowledged = Infinity, leaving = Infinity, gone = Infinity } of lives) {
    if (acknowledged < began && leaving > ended) assert.ok(seen.has(name), `${name} is not there`)
    if (gone < began) assert.ok(!seen.has(name), `${name} is still there`)
  }
  const newest = lives.findLast(({ acknowledged = Infinity }) => acknowledged < began)
  if (newest && newest.leaving === undefined) await client.apt('apt-get', 'download', newest.name)
}

async function keepLooking(client: AptClient, lives: readonly Life[], end: number): Promise<number> {
  let count = 0
  for (; performance.now() < end; count++) await look(client, lives)
  await look(client, lives)
  return count
}

const tools = ['apt-get', 'apt-cache', 'gpgv', 'prlimit']
story('apt never sees half of a publication, and everything that was acknowledged', tools, async (home) => {
  const own = await startServer()
  try {
    const world = await makeWorld(own, 'private')
    const registry = { url: world.address('debian'), token: world.token }
    for (let at = 0; at < packagesBefore; at++) await upload(registry, { name: `steady-${at}` })
    const clients = [
      await aptFor(home, registry),
      await aptFor(home, { ...registry, url: world.address('debian', 'group') }),
    ]
    const lives: Life[] = []
    const end = performance.now() + seconds * 1000
    const [changes, ...looks] = await Promise.all([
      keepBusy(registry, lives, end),
      ...clients.map((client) => keepLooking(client, lives, end)),
    ])
    console.log(`Debian, ${seconds} s: ${changes} uploads and deletes, ${looks.join(' and ')} updates by apt`)
    assert.ok(changes >= ((seconds * 1000) / pace) * 2 - staysFor - 2, `${changes} changes`)
    for (const count of looks) assert.ok(count >= seconds / 10, `${count} updates`)
  } finally {
    await own.stop()
  }
})
