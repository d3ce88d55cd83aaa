/** Six clients install what npm published: at all three levels, with a token, anonymously, and refused. */
import assert from 'node:assert/strict'
import { npmClients, npmPublish, saidBy, writeApp } from './support/npm-clients.ts'
import type { NpmClient } from './support/npm-clients.ts'
import { story } from './support/story.ts'
import type { Home } from './support/story.ts'
import { levels, makeWorld, sharedServer } from './support/world.ts'
import type { Level, Visibility, World } from './support/world.ts'

const server = sharedServer()
const worlds = new Map<Visibility, Promise<World>>()

for (const client of npmClients) {
  for (const level of levels) {
    story(
      `${client.command} installs at ${level} level with a token`,
      ['npm', client.command],
      async (home) => {
        const world = await published('private', home)
        const app = await install(home, client, world, level, world.token)
        assert.equal(await saidBy(home, app, `@${world.group.path}/tree`), whole(world))
      },
    )
  }

  story(`${client.command} installs anonymously what is public`, ['npm', client.command], async (home) => {
    const world = await published('public', home)
    for (const level of levels) {
      const app = await install(home, client, world, level)
      assert.equal(await saidBy(home, app, `@${world.group.path}/tree`), whole(world))
    }
  })

  story(
    `${client.command} is told to authenticate for what is private`,
    ['npm', client.command],
    async (home) => {
      const world = await published('private', home)
      const { folder, args } = prepare(home, client, world, 'project')
      await home.refused(client.command, args, client.unauthorized, { in: folder, timeoutMs: 60_000 })
    },
  )
}

story('without a token a private registry answers 401 with a challenge', ['npm', 'curl'], async (home) => {
  const world = await published('private', home)
  for (const path of [`@${world.group.path}%2ftree`, `@${world.group.path}/tree/-/tree-1.0.0.tgz`]) {
    const { stdout } = await home.run('curl', ['-si', `${world.address('npm')}/${path}`])
    assert.match(stdout, /^HTTP\/1.1 401 /)
    assert.match(stdout, /^www-authenticate: (Basic|Bearer) realm="[^"]+"/im)
  }
})

/** `tree` needs `leaf`, which has two versions in range. Published once for each visibility. */
function published(visibility: Visibility, home: Home): Promise<World> {
  const known = worlds.get(visibility) ?? publishAll(visibility, home)
  worlds.set(visibility, known)
  return known
}

async function publishAll(visibility: Visibility, home: Home): Promise<World> {
  const world = await makeWorld(server(), visibility)
  const scope = world.group.path
  const registry = { url: world.address('npm'), scope, token: world.token }
  const leaf = `@${scope}/leaf`
  await npmPublish(home, registry, { name: leaf, version: '1.0.0' })
  await npmPublish(home, registry, { name: leaf, version: '1.1.0' })
  await npmPublish(home, registry, { name: leaf, version: '2.0.0' })
  await npmPublish(home, registry, {
    name: `@${scope}/tree`,
    version: '1.0.0',
    dependencies: { [leaf]: '^1.0.0' },
  })
  return world
}

function prepare(home: Home, client: NpmClient, world: World, level: Level, token?: string) {
  const folder = `app-${level}`
  const scope = world.group.path
  writeApp(home, folder)
  const registry = { url: world.address('npm', level), scope }
  client.configure(home, folder, token === undefined ? registry : { ...registry, token })
  return { folder, args: client.add(`@${scope}/tree`) }
}

async function install(home: Home, client: NpmClient, world: World, level: Level, token?: string) {
  const { folder, args } = prepare(home, client, world, level, token)
  await home.run(client.command, args, { in: folder })
  return folder
}

function whole({ group }: World): string {
  return `@${group.path}/tree 1.0.0 on @${group.path}/leaf 1.1.0`
}
