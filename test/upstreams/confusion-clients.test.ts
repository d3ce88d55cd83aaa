/** Real clients take what the team published, not a stranger's higher version upstream. */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { createTestApp, type TestApp } from '../app.ts'
import { goals, mavenIn, writeMavenProject } from '../clients/support/maven.ts'
import { npmPublish } from '../clients/support/npm-clients.ts'
import { story } from '../clients/support/story.ts'
import type { Made } from '../world.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { addUpstream, onlyLoopback, registryOf } from './filled-registry.ts'
import { installedFiles, installNpm, npmIn, prepareMaven, resolvedFiles, resolveMaven } from './install.ts'
import { mavenUpstream } from './maven-packages.ts'
import { npmUpstream } from './npm-packages.ts'

let app: TestApp
let upstream: FaultyUpstream
let group: Made
let project: Made
before(async () => {
  app = await createTestApp({ env: onlyLoopback })
  upstream = await startFaultyUpstream()
  group = await app.group('acme')
  project = await app.project('acme/app')
  for (const format of ['npm', 'maven']) await addUpstream(app.root, { group }, { format, url: upstream.url })
})
after(async () => {
  await app?.close()
  await upstream?.close()
})

const address = (format: string) => registryOf(app, { group }, format)

story('npm installs the team\u2019s package, and what else it needs from upstream', ['npm'], async (home) => {
  const strangers = npmUpstream(upstream)
  for (const name of ['acme-lib', '@acme/hello']) strangers.publish({ name, version: '99.0.0' })
  strangers.publish({ name: 'free-lib', version: '2.0.0' })
  const own = { url: registryOf(app, { project }), scope: 'acme', token: app.root.token }
  await npmPublish(home, own, { name: 'acme-lib', version: '1.0.0', dependencies: { 'free-lib': '*' } })
  await npmPublish(home, own, { name: '@acme/hello', version: '1.0.0', dependencies: { 'acme-lib': '*' } })
  const registry = { url: address('npm'), token: app.root.token }
  await installNpm(home, registry, 'app', '@acme/hello')
  const said = async (name: string) => {
    const { stdout } = await home.run('node', ['-p', `require('${name}/package.json').version`], {
      in: 'app',
    })
    return stdout.trim()
  }
  assert.deepEqual(await Promise.all(['acme-lib', '@acme/hello', 'free-lib'].map(said)), [
    '1.0.0',
    '1.0.0',
    '2.0.0',
  ])
  assert.ok(installedFiles(home, 'app/node_modules').has('free-lib/index.js'))
  for (const spec of ['acme-lib@99.0.0', '@acme/hello@>1']) {
    const outcome = await npmIn(home, registry, { folder: `none-${spec.length}`, args: ['install', spec] })
    assert.notEqual(outcome.code, 0, outcome.transcript)
  }
  assert.equal(upstream.asked(/acme/), 0)
})

story('mvn resolves the team\u2019s artifact, whatever the range', ['mvn'], async (home) => {
  const strangers = mavenUpstream(upstream)
  const lib = { groupId: 'com.acme', artifactId: 'lib', version: '1.0.0' }
  const free = { groupId: 'org.free', artifactId: 'lib2', version: '2.0.0' }
  strangers.deploy({ ...lib, version: '99.0.0' })
  strangers.deploy(free)
  const own = { url: registryOf(app, { project }, 'maven'), token: app.root.token }
  writeMavenProject(home, 'lib', { ...lib, dependencies: [free] })
  home.write('lib/lib.jar', 'the team wrote this')
  const where = [`-Durl=${own.url}`, '-DrepositoryId=entrepot']
  const what = ['-Dfile=lib.jar', '-DpomFile=pom.xml']
  await mavenIn(home, 'lib', own).run(goals.deployFile, ...what, ...where)
  const registry = { url: address('maven'), token: app.root.token }
  await resolveMaven(home, registry, 'app', [{ ...lib, version: '[1.0,)' }])
  assert.deepEqual([...resolvedFiles(home, 'app').keys()], ['lib-1.0.0.jar', 'lib2-2.0.0.jar'])
  const maven = prepareMaven(home, registry, 'none', [{ ...lib, version: '99.0.0' }])
  await maven.refused(/Could not find artifact|Could not resolve/, goals.copyDependencies)
  assert.equal(upstream.asked(/acme/), 0)
})
