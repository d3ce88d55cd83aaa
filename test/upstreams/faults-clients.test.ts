/** Real clients while an upstream fails: they take nothing wrong for right, have what is kept, and go on afterwards. */
import assert from 'node:assert/strict'
import { goals } from '../clients/support/maven.ts'
import { story } from '../clients/support/story.ts'
import * as faults from './faults.ts'
import type { Fault } from './faulty-upstream.ts'
import { filledGroup, later, until } from './filled-registry.ts'
import { installedFiles, installNpm, npmIn, prepareMaven, resolvedFiles, resolveMaven } from './install.ts'
import { sha256 } from './installed-files.ts'
import { mavenTree, mavenUpstream } from './maven-packages.ts'
import { npmTree, npmUpstream } from './npm-packages.ts'
import { upstreamScene } from './scene.ts'

const scene = upstreamScene()
let made = 0

async function place(format: 'npm' | 'maven') {
  const upstream = await scene.open()
  const group = await filledGroup(scene.app, `place-${++made}`, { format, url: upstream.url, ttl: 60 })
  return { upstream, registry: { url: group.registry, token: scene.app.root.token } }
}

const central: readonly Fault[] = [
  faults.flipped('middle'),
  faults.flipped('last'),
  faults.shortened,
  faults.cut,
  faults.cutAtEnd,
  faults.tooLittleAnnounced,
  faults.brokenZip,
  faults.loginPage,
  faults.status(500),
  faults.stopsInside,
]

story('npm installs nothing wrong, and all once the upstream is well', ['npm'], async (home) => {
  await Promise.all(
    central.map(async (fault, at) => {
      const { upstream, registry } = await place('npm')
      const packages = npmUpstream(upstream)
      const file = packages.publish({ name: 'far', version: '1.0.0', ballast: 200_000 })
      packages.publish({ name: 'app', version: '1.0.0', dependencies: { far: '1.0.0' } })
      const active = upstream.fail(file.path, fault)
      const folder = `app-${at}`
      const failed = await npmIn(home, registry, { folder, args: ['install', 'app'] })
      assert.notEqual(failed.code, 0, `${fault.title}: ${failed.transcript}`)
      assert.ok(active.count > 0, fault.title)
      active.off()
      await until(
        async () => {
          const { code } = await npmIn(home, registry, { folder, args: ['install', 'app'] })
          return code === 0 || undefined
        },
        `npm succeeding after: ${fault.title}`,
        60_000,
      )
      assert.ok(installedFiles(home, `${folder}/node_modules`).has('far/ballast.bin'))
    }),
  )
})

story('mvn resolves nothing wrong, and all once the upstream is well', ['mvn'], async (home) => {
  for (const [at, fault] of central.slice(0, 6).entries()) {
    const { upstream, registry } = await place('maven')
    const repository = mavenUpstream(upstream)
    const far = { groupId: 'org.far', artifactId: 'far', version: '1.0.0' }
    const { jar, path } = repository.deploy({ ...far, ballast: 200_000 })
    const active = upstream.fail(`${path}.jar`, fault)
    const folder = `app-${at}`
    const maven = prepareMaven(home, registry, folder, [far])
    await maven.refused(/BUILD FAILURE/, goals.copyDependencies, '-Dmaven.wagon.http.retryHandler.count=0')
    assert.ok(active.count > 0, fault.title)
    assert.equal(copied(), undefined, `Maven took it: ${fault.title}`)
    active.off()
    await until(
      () => quietly(() => maven.run(goals.copyDependencies, '-U')),
      `mvn after: ${fault.title}`,
      60_000,
    )
    assert.equal(copied(), sha256(jar))
    function copied() {
      try {
        return resolvedFiles(home, folder).get('far-1.0.0.jar')
      } catch {
        return undefined
      }
    }
  }
})

async function quietly<T>(work: () => Promise<T>): Promise<T | undefined> {
  return work().catch(() => undefined)
}

story('npm ci and mvn have all they had while the upstream is cut off', ['npm', 'mvn'], async (home) => {
  const npm = await place('npm')
  const tree = npmTree(npmUpstream(npm.upstream), 40)
  await installNpm(home, npm.registry, 'first', tree.at(-1)!.name)
  const maven = await place('maven')
  const artifacts = mavenTree(mavenUpstream(maven.upstream), 20)
  await resolveMaven(home, maven.registry, 'maven-first', [artifacts[0]!])
  const installed = installedFiles(home, 'first/node_modules')
  const resolved = resolvedFiles(home, 'maven-first')
  assert.equal(resolved.size, artifacts.length)
  for (const { artifactId, version, jar } of artifacts) {
    assert.equal(resolved.get(`${artifactId}-${version}.jar`), sha256(jar))
  }
  for (const days of [0, 3]) {
    await npm.upstream.stopListening()
    await maven.upstream.stopListening()
    await later(scene.app, days * 86_400_000)
    const folder = `again-${days}`
    await installNpm(home, npm.registry, folder, tree.at(-1)!.name)
    assert.deepEqual(installedFiles(home, `${folder}/node_modules`), installed)
    const outcome = await npmIn(home, npm.registry, { folder, args: ['ci'], cache: `ci-cache-${days}` })
    assert.equal(outcome.code, 0, outcome.transcript)
    assert.deepEqual(installedFiles(home, `${folder}/node_modules`), installed)
    await resolveMaven(home, maven.registry, `maven-${days}`, [artifacts[0]!])
    assert.deepEqual(resolvedFiles(home, `maven-${days}`), resolved)
  }
})
