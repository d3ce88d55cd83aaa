/** npm through nginx, which serves the registry under a sub-path. */
import assert from 'node:assert/strict'
import { withServerBehindNginx } from './support/nginx.ts'
import { npmPublish, publishers, saidBy, writeApp } from './support/npm-clients.ts'
import { story } from './support/story.ts'
import { levels, makeWorld } from './support/world.ts'

story('npm publishes and installs behind nginx under a sub-path', ['npm', 'nginx'], async (home) => {
  await withServerBehindNginx(async (server) => {
    const world = await makeWorld(server, 'private')
    const scope = world.group.path
    const name = `@${scope}/thing`
    const registry = { url: world.address('npm'), scope, token: world.token }
    assert.match(registry.url, /\/packages\/api\/v4\//)
    await npmPublish(home, registry, { name, version: '1.0.0' })
    for (const level of levels) {
      const url = world.address('npm', level)
      writeApp(home, level)
      publishers.npm.configure(home, level, { ...registry, url })
      await home.run('npm', ['install', '--no-audit', '--cache', `${home.dir}/cache-${level}`, name], {
        in: level,
      })
      assert.equal(await saidBy(home, level, name), `${name} 1.0.0`)
      const { stdout } = await home.run('npm', ['view', name, 'dist.tarball'], { in: level })
      assert.ok(stdout.startsWith(`${url}/`), `the link stands on the level that was asked: ${stdout}`)
    }
  })
})
