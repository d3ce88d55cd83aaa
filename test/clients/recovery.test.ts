/** Real clients install from a server that was restored from a backup made while they, and others, published. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { goals, mavenIn, writeMavenProject } from './support/maven.ts'
import { npmPublish, publishers, saidBy, writeApp } from './support/npm-clients.ts'
import { entrepot, startServer } from './support/server.ts'
import type { StartedServer } from './support/server.ts'
import { story } from './support/story.ts'
import type { Home } from './support/story.ts'
import { makeWorld } from './support/world.ts'
import type { World } from './support/world.ts'

const files = 400
const fileBytes = 200_000
const publicationsMeanwhile = 100

story('npm and mvn install from a backup of a busy server', ['npm', 'mvn'], async (home) => {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-recovery-'))
  const servers: StartedServer[] = []
  const start = async (data: string, token?: string) => {
    const server = await startServer(settings(data), token)
    servers.push(server)
    return server
  }
  try {
    const world = await makeWorld(await start(join(dir, 'data')), 'private')
    await publishAll(home, world)
    const backup = join(dir, 'backup')
    const meanwhile = await backUpUnderLoad(world, join(dir, 'data'), backup)
    assert.ok(meanwhile >= publicationsMeanwhile, `${meanwhile} publications between first and last byte`)

    await entrepot(['restore', backup], settings(join(dir, 'restored')))
    await installAll(home, world, await start(join(dir, 'restored'), world.token))
  } finally {
    for (const server of servers) await server.stop()
    await rm(dir, { recursive: true, force: true })
  }
})

const secretKey = 'a secret key for both servers, long enough'
const settings = (data: string) => ({ ENTREPOT_DATA: data, ENTREPOT_SECRET_KEY: secretKey })

/** One package of each client, and enough files for a backup to take its time. */
async function publishAll(home: Home, world: World): Promise<void> {
  const scope = world.group.path
  const npm = { url: world.address('npm'), scope, token: world.token }
  await npmPublish(home, npm, { name: `@${scope}/kept`, version: '1.0.0' })
  const url = world.address('maven')
  writeMavenProject(home, 'kept', { groupId: 'com.acme', artifactId: 'kept', version: '1.0.0', url })
  await mavenIn(home, 'kept', { url, token: world.token }).run('deploy')
  const numbers = Array.from({ length: files }, (_, n) => n).values()
  const work = async () => {
    for (const n of numbers) await publish(world, `0.${n}`, Buffer.alloc(fileBytes, `file ${n} `))
  }
  await Promise.all([work(), work(), work(), work()])
}

async function publish(world: World, version: string, body: Uint8Array): Promise<void> {
  const address = `${world.address('generic')}/filler/${version}/file.bin`
  const init = { method: 'PUT', headers: { 'private-token': world.token }, body }
  const reply = await fetch(address, init as RequestInit)
  assert.equal(reply.status, 201, await reply.text())
}

/** Publishes and deletes while the backup runs. Returns how many publications fell between its first and last copy. */
async function backUpUnderLoad(world: World, data: string, directory: string): Promise<number> {
  const acknowledged: number[] = []
  const done = new AbortController()
  const work = async (who: number) => {
    for (let n = 0; !done.signal.aborted; n++) {
      await publish(world, `1.${who}.${n}`, Buffer.from(`published by ${who}, ${n}`))
      acknowledged.push(Date.now())
      if (n % 5 === 0) await remove(world, `1.${who}.${n}`)
    }
  }
  const load = Promise.all([1, 2, 3, 4].map(work))
  load.catch(() => done.abort())
  const { stdout } = await entrepot(['backup', directory, '--json', '--at-once', '1'], settings(data))
  done.abort()
  await load
  const { damaged, copying } = JSON.parse(stdout) as {
    damaged: unknown[]
    copying: { firstAt: string; lastAt: string }
  }
  assert.deepEqual(damaged, [])
  return acknowledged.filter((at) => at >= Date.parse(copying.firstAt) && at <= Date.parse(copying.lastAt))
    .length
}

async function remove(world: World, version: string): Promise<void> {
  const address = `${world.address('generic')}/filler/${version}/file.bin`
  const reply = await fetch(address, { method: 'DELETE', headers: { 'private-token': world.token } })
  assert.equal(reply.status, 204)
}

/** The tokens and addresses are those of before, at another server. */
async function installAll(
  home: Home,
  { group, project, token }: World,
  server: StartedServer,
): Promise<void> {
  const name = `@${group.path}/kept`
  const at = (format: string) => `${server.url}/api/v4/projects/${project.id}/packages/${format}`
  writeApp(home, 'app')
  publishers.npm.configure(home, 'app', { url: at('npm'), scope: group.path, token })
  await home.run('npm', ['install', '--no-audit', '--cache', `${home.dir}/cache`, name], { in: 'app' })
  assert.equal(await saidBy(home, 'app', name), `${name} 1.0.0`)
  const maven = mavenIn(home, 'reader', { url: at('maven'), token })
  await maven.run(goals.get, '-Dartifact=com.acme:kept:1.0.0')
  const reply = await fetch(`${at('generic')}/filler/0.7/file.bin`, { headers: { 'private-token': token } })
  assert.deepEqual(Buffer.from(await reply.arrayBuffer()), Buffer.alloc(fileBytes, 'file 7 '))
}
