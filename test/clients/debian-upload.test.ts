/** What dpkg-buildpackage made is uploaded by dput, and comes back by apt, as a source package too. */
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { createLinks } from '../../src/core/registry/links.ts'
import { install as installLines } from '../../src/formats/debian/install.ts'
import { aptFor, ask, install, memoryMb, seenBy, suite } from './support/debian.ts'
import { buildSource, sourceName } from './support/debian-source.ts'
import { story, type Home } from './support/story.ts'
import { makeWorld, sharedServer, type World } from './support/world.ts'

const server = sharedServer()
const tools = ['dput', 'dpkg-buildpackage', 'dpkg', 'apt-get', 'apt-cache', 'curl', 'prlimit']

/** By the path that its page shows. */
const prefixOf = ({ project }: World) =>
  `/api/v4/projects/${encodeURIComponent(project.fullPath)}/packages/debian`
const registryOf = (world: World) => ({ url: world.server.url + prefixOf(world), token: world.token })

/** dput set up by the lines of that page. */
function dputFor(home: Home, world: World) {
  const {
    server: { url },
    token,
  } = world
  const snippets = installLines({ links: createLinks(url, prefixOf(world)), level: 'project' })
  const lines = snippets.find(({ title }) => title.startsWith('dput.cf'))!.text
  const config = home.write('dput.cf', lines.replace('USER', 'anyone'))
  const command = (args: readonly string[]) => [
    '--config',
    config,
    ...args.slice(0, -1),
    'entrepot',
    args.at(-1)!,
  ]
  const options = { memoryMb, dialogue: [['Password for', token]] as const }
  return {
    upload: (...args: string[]) => home.run('dput', command(args), options),
    refused: (expected: RegExp, ...args: string[]) => home.refused('dput', command(args), expected, options),
  }
}

story('dput uploads source and packages at once, apt gets both', tools, async (home) => {
  const world = await makeWorld(server(), 'private')
  const registry = registryOf(world)
  const dput = dputFor(home, world)
  const first = await buildSource(home, 'work', '1.0-1', '-sa')
  const { transcript } = await dput.upload(first)
  assert.match(transcript, /Successfully uploaded packages/)

  const { stdout } = await home.run('dpkg', ['--print-architecture'])
  const source = { types: 'deb deb-src', components: ['main', 'contrib'] } as const
  const client = await aptFor(home, registry, { ...source, architecture: stdout.trim() })
  const both = [sourceName, `${sourceName}-data`]
  const at = (version: string) => Object.fromEntries(both.map((name) => [name, version]))
  assert.deepEqual(await seenBy(client, ...both), at('1.0-1'))
  const bothSay = (version: string) => both.map((name) => `${name} ${version}`)
  assert.deepEqual(await install(home, client, [sourceName]), bothSay('1.0-1'))
  await client.apt('apt-get', 'source', sourceName)
  const unpacked = join(client.root, 'greet-1.0')
  assert.equal(readFileSync(join(unpacked, 'greeting'), 'utf8'), 'hello\n')
  assert.match(readFileSync(join(unpacked, 'debian/changelog'), 'utf8'), /^greet \(1\.0-1\)/)

  // The tarball came with the first one.
  const second = await buildSource(home, 'work', '1.0-2', '-sd')
  assert.doesNotMatch(readFileSync(second, 'utf8'), /orig\.tar/)
  await dput.upload(second)
  assert.deepEqual(await seenBy(client, ...both), at('1.0-2'))
  assert.deepEqual(await install(home, client, [`${sourceName}=1.0-2`]), bothSay('1.0-2'))
  for (const version of ['1.0-1', '1.0-2']) {
    await client.apt('apt-get', 'source', '--download-only', `${sourceName}=${version}`)
  }
  for (const file of readdirSync(client.root).filter((name) => name.startsWith('greet_'))) {
    const made = join(dirname(second), file)
    // Both builds made that of their own version.
    assert.deepEqual(readFileSync(join(client.root, file)), readFileSync(made), file)
  }
  // Once more is as good as once; dput keeps a log and needs to be told.
  await dput.upload('--force', second)
})

story('an upload that is not whole or not new is refused, in words', tools, async (home) => {
  const world = await makeWorld(server(), 'private')
  const registry = registryOf(world)
  const dput = dputFor(home, world)
  const changes = await buildSource(home, 'work', '1.0-1', '-sa')
  const alone = ['-sS', '--user', `anyone:${world.token}`, '--upload-file', changes]
  const url = `${registry.url}/${basename(changes)}`
  const { stdout } = await home.run('curl', [...alone, '--write-out', '%{http_code}', url])
  assert.match(
    stdout,
    /^greet\S+ with the SHA-256 [0-9a-f]{64} is missing: send it before the \.changes file\n400$/,
  )
  assert.equal((await ask(registry, `/dists/${suite}/InRelease`)).status, 404)
  const short = await buildSource(home, 'short', '1.0-1', '-sd')
  const withoutTarball = /Upload failed: 400 greet_1\.0\.orig\.tar\.gz [^]* is missing: send it before/
  await dput.refused(withoutTarball, short)
  assert.equal((await ask(registry, `/dists/${suite}/InRelease`)).status, 404)
  await dput.upload(changes)
  await dput.refused(
    /Upload failed: 400 Duplicate package is not allowed/,
    await buildSource(home, 'other', '1.0-1', '-sa'),
  )
})
