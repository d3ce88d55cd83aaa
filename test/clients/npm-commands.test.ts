/** The npm commands that are neither publish nor install. */
import assert from 'node:assert/strict'
import { npmPublish, publishers, writeApp, writeNpmrc } from './support/npm-clients.ts'
import type { NpmRegistry } from './support/npm-clients.ts'
import { story } from './support/story.ts'
import type { Home } from './support/story.ts'
import { levels, makeWorld, sharedServer } from './support/world.ts'
import type { World } from './support/world.ts'

const server = sharedServer()

story('npm whoami and npm ping', ['npm'], async (home) => {
  const { world, registry } = await place(home)
  for (const level of levels) {
    writeNpmrc(home, level, { ...registry, url: world.address('npm', level) })
    assert.equal((await home.run('npm', ['whoami'], { in: level })).stdout.trim(), 'root')
    assert.match((await home.run('npm', ['ping'], { in: level })).transcript, /PONG/)
  }
  writeNpmrc(home, 'wrong', { ...registry, token: 'not-a-token' })
  await home.refused('npm', ['whoami'], /E401/, { in: 'wrong' })
})

story('npm login with a pasted token', ['npm'], async (home) => {
  const { registry } = await place(home)
  const args = ['login', '--auth-type=legacy', '--registry', `${registry.url}/`]
  const dialogue = [
    ['Username:', 'root'],
    ['Password:', registry.token],
  ] as const
  await home.run('npm', args, { dialogue })
  const { stdout } = await home.run('npm', ['whoami', '--registry', `${registry.url}/`])
  assert.equal(stdout.trim(), 'root')
})

story('npm dist-tag add, ls and rm', ['npm'], async (home) => {
  const { npm, name } = await place(home, '1.0.0', '1.1.0')
  await npm('dist-tag', 'add', `${name}@1.0.0`, 'stable')
  assert.deepEqual(lines(await npm('dist-tag', 'ls', name)), ['latest: 1.1.0', 'stable: 1.0.0'])
  assert.equal(await npm('view', `${name}@stable`, 'version'), '1.0.0')
  await npm('dist-tag', 'rm', name, 'stable')
  assert.deepEqual(lines(await npm('dist-tag', 'ls', name)), ['latest: 1.1.0'])
})

story('npm deprecate and undeprecate', ['npm'], async (home) => {
  const { npm, name, registry } = await place(home, '1.0.0', '1.1.0')
  await npm('deprecate', `${name}@1.0.0`, 'use 1.1.0')
  assert.equal(await npm('view', `${name}@1.0.0`, 'deprecated'), 'use 1.1.0')
  assert.equal(await npm('view', `${name}@1.1.0`, 'deprecated'), '')
  writeApp(home, 'app')
  writeNpmrc(home, 'app', registry)
  const { transcript } = await home.run('npm', ['install', '--no-audit', `${name}@1.0.0`], { in: 'app' })
  assert.match(transcript, /deprecated .*use 1\.1\.0/)
  await npm('deprecate', `${name}@1.0.0`, '')
  assert.equal(await npm('view', `${name}@1.0.0`, 'deprecated'), '')
})

story('npm unpublish of a version, then of everything', ['npm'], async (home) => {
  const { npm, name, registry } = await place(home, '1.0.0', '1.1.0')
  await npm('unpublish', `${name}@1.1.0`)
  assert.deepEqual(JSON.parse(await npm('view', name, 'versions', '--json')), ['1.0.0'])
  assert.equal(await npm('view', name, 'dist-tags.latest'), '1.0.0')
  await npm('unpublish', '--force', name)
  await home.refused('npm', ['view', name], /E404/, { in: 'npm' })
  writeApp(home, 'app')
  writeNpmrc(home, 'app', registry)
  await home.refused('npm', ['install', name], /E404/, { in: 'app' })
})

story('npm view shows what was published', ['npm'], async (home) => {
  const { npm, name } = await place(home, '1.0.0', '1.1.0')
  const shown = JSON.parse(await npm('view', name, '--json')) as Record<string, unknown>
  assert.deepEqual(shown['versions'], ['1.0.0', '1.1.0'])
  assert.deepEqual(shown['dist-tags'], { latest: '1.1.0' })
  assert.equal(shown['description'], 'A thing of 1.1.0')
  const { created, ...times } = shown['time'] as Record<string, string>
  assert.ok(created && times['1.0.0'] && times['1.1.0'] && times['modified'])
  const { integrity, shasum } = shown['dist'] as Record<string, string>
  assert.match(integrity ?? '', /^sha512-/)
  assert.match(shasum ?? '', /^[0-9a-f]{40}$/)
})

story('npm search finds names at every level', ['npm'], async (home) => {
  const { world, registry, name } = await place(home, '1.0.0')
  for (const level of levels) {
    writeNpmrc(home, level, { ...registry, url: world.address('npm', level) })
    const { stdout } = await home.run('npm', ['search', '--json', name.slice(1)], { in: level })
    const found = (JSON.parse(stdout) as { name: string }[]).map((hit) => hit.name)
    assert.deepEqual(found, [name], level)
  }
})

story('npm, pnpm, berry and bun audit', ['npm', 'pnpm', 'berry', 'bun'], async (home) => {
  const { name, registry } = await place(home, '1.0.0')
  const audits = [
    { client: publishers.npm, args: ['audit'], words: /found 0 vulnerabilities/ },
    { client: publishers.pnpm, args: ['audit'], words: /No known vulnerabilities/ },
    { client: publishers.berry, args: ['npm', 'audit'], words: /No audit suggestions/ },
    { client: publishers.bun, args: ['audit'], words: /No vulnerabilities found/ },
  ]
  for (const { client, args, words } of audits) {
    const folder = `${client.command}-app`
    writeApp(home, folder)
    client.configure(home, folder, registry)
    await home.run(client.command, client.add(name), { in: folder })
    assert.match((await home.run(client.command, args, { in: folder })).transcript, words)
  }
})

/** A new private project with these versions of one package, and npm set up for it. */
async function place(home: Home, ...versions: readonly string[]) {
  const world: World = await makeWorld(server(), 'private')
  const scope = world.group.path
  const registry: Required<NpmRegistry> = { url: world.address('npm'), scope, token: world.token }
  const name = `@${scope}/thing`
  for (const version of versions) {
    await npmPublish(home, registry, { name, version, description: `A thing of ${version}` })
  }
  writeNpmrc(home, 'npm', registry)
  const npm = async (...args: readonly string[]) => {
    const { stdout } = await home.run('npm', args, { in: 'npm' })
    return stdout.trim()
  }
  return { world, registry, name, npm }
}

function lines(text: string): readonly string[] {
  return text.split('\n').toSorted()
}
