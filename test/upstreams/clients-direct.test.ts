/** Real clients take the made packages straight from the upstream: what they get through us is held against this. */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { story } from '../clients/support/story.ts'
import { cut, flipped, loginPage, shortened } from './faults.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { installedFiles, installNpm, npmIn, resolvedFiles, resolveMaven } from './install.ts'
import { sha256 } from './installed-files.ts'
import { mavenTree, mavenUpstream } from './maven-packages.ts'
import { npmTree, npmUpstream } from './npm-packages.ts'

let upstream: FaultyUpstream
before(async () => {
  upstream = await startFaultyUpstream()
})
after(() => upstream?.close())

story('npm installs a tree of 60 packages, each fetched once', ['npm'], async (home) => {
  const tree = npmTree(npmUpstream(upstream), 60)
  const [top] = tree.slice(-1)
  await installNpm(home, upstream, 'app', top!.name)
  const files = installedFiles(home, 'app/node_modules')
  for (const { name, tarball, path } of tree) {
    assert.ok(files.has(`${name}/package.json`), `${name} is installed`)
    assert.equal(upstream.asked(path), 1)
    assert.equal(upstream.sent(path), tarball.length)
  }
})

story('mvn resolves a tree of 20 artifacts, each with its bytes', ['mvn'], async (home) => {
  const tree = mavenTree(mavenUpstream(upstream), 20)
  await resolveMaven(home, upstream, 'app', [tree[0]!])
  const files = resolvedFiles(home, 'app')
  assert.equal(files.size, tree.length)
  for (const { artifactId, version, jar } of tree) {
    assert.equal(files.get(`${artifactId}-${version}.jar`), sha256(jar))
  }
})

story('npm itself notices what is wrong with a file', ['npm'], async (home) => {
  const made = npmUpstream(upstream).publish({ name: 'plain', version: '1.0.0', ballast: 50_000 })
  for (const [at, fault] of [flipped('middle'), shortened, cut, loginPage].entries()) {
    const active = upstream.fail(made.path, fault)
    const outcome = await npmIn(home, upstream, { folder: `app-${at}`, args: ['install', 'plain'] })
    active.off()
    assert.ok(active.count > 0)
    assert.notEqual(outcome.code, 0, `npm took it: ${fault.title}`)
  }
})
