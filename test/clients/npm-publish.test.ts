/** Publishing: by four clients, twice, and a hundred packages at once. */
import assert from 'node:assert/strict'
import { npmPublish, publishers, saidBy, writeApp, writeNpmrc, writePackage } from './support/npm-clients.ts'
import type { NpmRegistry } from './support/npm-clients.ts'
import { story } from './support/story.ts'
import type { Home } from './support/story.ts'
import { makeWorld, sharedServer } from './support/world.ts'
import type { World } from './support/world.ts'

const server = sharedServer()
const { npm, pnpm, berry, bun } = publishers
const commands = [
  { client: npm, args: ['publish'] },
  { client: pnpm, args: ['publish', '--no-git-checks'] },
  { client: berry, args: ['npm', 'publish'] },
  { client: bun, args: ['publish'] },
]

for (const { client, args } of commands) {
  story(`${client.command} publishes, and npm installs it`, ['npm', client.command], async (home) => {
    const { registry, name } = await place()
    writePackage(home, 'package', { name, version: '1.0.0' })
    client.configure(home, 'package', registry)
    if (client === berry) await home.run('berry', ['install'], { in: 'package' })
    await home.run(client.command, args, { in: 'package' })
    assert.equal(await installed(home, registry, name), `${name} 1.0.0`)

    // Other bytes under the same version are refused, in words that reach the person.
    home.write('package/index.js', `module.exports = 'changed'\n`)
    const words = /already exists|previously published|cannot publish over/i
    await home.refused(client.command, args, words, { in: 'package' })
    assert.equal(await installed(home, registry, name), `${name} 1.0.0`)
  })
}

story('a publication without a token is refused', ['npm'], async (home) => {
  const { registry, name } = await place()
  writePackage(home, 'package', { name, version: '1.0.0' })
  writeNpmrc(home, 'package', { url: registry.url, scope: registry.scope })
  await home.refused('npm', ['publish'], /ENEEDAUTH|E401/, { in: 'package' })
  writeNpmrc(home, 'package', { ...registry, token: 'not-a-token' })
  await home.refused('npm', ['publish'], /E401/, { in: 'package' })
})

story('publishing to a group is refused with the address to use', ['npm'], async (home) => {
  const { registry, name, world } = await place()
  writePackage(home, 'package', { name, version: '1.0.0' })
  writeNpmrc(home, 'package', { ...registry, url: world.address('npm', 'group') })
  const { transcript } = await home.refused('npm', ['publish'], /E405/, { in: 'package' })
  assert.match(transcript, /\/api\/v4\/projects\/\S+\/packages\/npm/)
})

story('npm publishes under a tag of its own', ['npm'], async (home) => {
  const { registry, name } = await place()
  await npmPublish(home, registry, { name, version: '1.0.0' })
  await npmPublish(home, registry, { name, version: '2.0.0-beta.1' }, '--tag', 'beta')
  assert.equal(await installed(home, registry, name), `${name} 1.0.0`)
  assert.equal(await installed(home, registry, `${name}@beta`, name), `${name} 2.0.0-beta.1`)
})

story('pnpm -r publishes a hundred workspace packages, then 16 at a time', ['pnpm', 'npm'], async (home) => {
  const { registry, world } = await place()
  const names = Array.from({ length: 100 }, (_, i) => `@${registry.scope}/part-${String(i).padStart(3, '0')}`)
  home.write('all/package.json', `{"name":"all","version":"1.0.0","private":true}`)
  pnpm.configure(home, 'all', registry)
  home.write(
    'all/pnpm-workspace.yaml',
    `packages: ['parts/*']\nminimumReleaseAge: 0\nupdateNotifier: false\n`,
  )
  const write = (version: string) => {
    for (const name of names) writePackage(home, `all/parts/${name.slice(-8)}`, { name, version })
  }
  write('1.0.0')
  await home.run('pnpm', ['-r', 'publish', '--no-git-checks'], { in: 'all' })
  assert.deepEqual(
    await listed(world),
    names.map((name) => `${name} 1.0.0`),
  )

  // By itself pnpm publishes one after the other, whatever concurrency it is told.
  write('1.1.0')
  const publish = ['exec', 'pnpm', 'publish', '--no-git-checks']
  await home.run('pnpm', ['--workspace-concurrency=16', '-r', ...publish], { in: 'all' })
  assert.deepEqual(
    await listed(world),
    names.flatMap((name) => [`${name} 1.0.0`, `${name} 1.1.0`]),
  )
  assert.equal(await installed(home, registry, names[99] ?? ''), `${names[99]} 1.1.0`)
})

/** Names and versions of a project's packages, as REST lists them, page after page. */
async function listed({ project, token, server: { url } }: World): Promise<readonly string[]> {
  const found: string[] = []
  for (let page = 1; ; page++) {
    const address = `${url}/api/v4/projects/${project.id}/packages?per_page=100&page=${page}`
    const reply = await fetch(address, { headers: { 'private-token': token } })
    const packages = (await reply.json()) as { name: string; version: string }[]
    if (packages.length === 0) return found.toSorted()
    for (const { name, version } of packages) found.push(`${name} ${version}`)
  }
}

/** A new private project, and a name in its scope. */
async function place(): Promise<{ registry: Required<NpmRegistry>; name: string; world: World }> {
  const world = await makeWorld(server(), 'private')
  const scope = world.group.path
  const registry = { url: world.address('npm'), scope, token: world.token }
  return { registry, name: `@${scope}/thing`, world }
}

/** Installs into a new folder, past every cache. */
async function installed(home: Home, registry: NpmRegistry, spec: string, name = spec): Promise<string> {
  const folder = `app-${++apps}`
  writeApp(home, folder)
  writeNpmrc(home, folder, registry)
  await home.run('npm', ['install', '--no-audit', '--cache', `${home.dir}/cache-${apps}`, spec], {
    in: folder,
  })
  return saidBy(home, folder, name)
}
let apps = 0
