/** Real clients that are sent to a bucket for the bytes, which takes no credential of ours beside its own signature. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { resolveWithGradle, writeGradleProject } from '../clients/support/gradle.ts'
import { goals, mavenIn, writeMavenProject } from '../clients/support/maven.ts'
import { npmClients, writeApp, writeNpmrc, writePackage } from '../clients/support/npm-clients.ts'
import { startServer, type StartedServer } from '../clients/support/server.ts'
import { story } from '../clients/support/story.ts'
import { makeWorld, type World } from '../clients/support/world.ts'
import { startS3Proxy, type S3Proxy } from './s3-proxy.ts'
import { startVersitygw, type S3Server } from './versitygw.ts'

let store: S3Server
let proxy: S3Proxy
let server: StartedServer

before(async () => {
  store = await startVersitygw()
  await store.makeBucket('packages')
  proxy = await startS3Proxy({ to: store.endpoint })
  const endpoint = { ENTREPOT_PACKAGES__OBJECT_STORE__CONNECTION__ENDPOINT: proxy.endpoint }
  server = await startServer(store.settings('packages', endpoint))
})
after(async () => {
  await server?.stop()
  await proxy?.stop()
  await store?.stop()
})

/** Large enough to be fetched from the bucket; nothing compresses it. */
const payload = randomBytes(400_000)
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What a client does must bring it to the bucket, with nothing but the signed address. */
async function viaBucket(work: () => Promise<void>): Promise<void> {
  const earlier = { signed: proxy.signed(), doubly: proxy.doublySigned() }
  await work()
  assert.equal(proxy.doublySigned(), earlier.doubly, 'a credential of ours was sent to the bucket')
  assert.ok(proxy.signed() > earlier.signed, 'the client was not sent to the bucket')
}

let npmWorld: Promise<World> | undefined

for (const client of npmClients) {
  story(`${client.command} installs from the bucket`, ['npm', client.command], async (home) => {
    npmWorld ??= (async () => {
      const world = await makeWorld(server, 'private')
      const registry = { url: world.address('npm'), scope: world.group.path, token: world.token }
      writePackage(home, 'big', { name: `@${registry.scope}/big`, version: '1.0.0' })
      home.write('big/payload.bin', payload)
      writeNpmrc(home, 'big', registry)
      // What npm has packed it would install from its cache.
      await home.run('npm', ['publish', '--cache', join(home.dir, 'other-cache')], { in: 'big' })
      return world
    })()
    const world = await npmWorld
    const scope = world.group.path
    writeApp(home, 'app')
    client.configure(home, 'app', { url: world.address('npm'), scope, token: world.token })
    await viaBucket(
      async () => void (await home.run(client.command, client.add(`@${scope}/big`), { in: 'app' })),
    )
    assert.equal(
      digest(readFileSync(join(home.dir, `app/node_modules/@${scope}/big/payload.bin`))),
      digest(payload),
    )
  })
}

story('mvn and Gradle resolve from the bucket', ['mvn', 'gradle'], async (home) => {
  const world = await makeWorld(server, 'private')
  const registry = { url: world.address('maven'), token: world.token }
  const artifact = {
    groupId: world.project.fullPath.replaceAll('/', '.'),
    artifactId: 'big',
    version: '1.0.0',
  }
  home.write('deploy/big.jar', payload)
  writeMavenProject(home, 'deploy', artifact)
  const deploy = [goals.deployFile, '-Dfile=big.jar', '-DpomFile=pom.xml', '-DrepositoryId=entrepot']
  await mavenIn(home, 'deploy', registry).run(...deploy, `-Durl=${registry.url}`)

  await viaBucket(async () => {
    const consumer = {
      groupId: 'com.acme',
      artifactId: 'consumer',
      version: '1.0.0',
      dependencies: [artifact],
    }
    writeMavenProject(home, 'consumer', consumer)
    await mavenIn(home, 'consumer', registry).run(goals.copyDependencies)
  })
  const copied = readFileSync(join(home.dir, 'consumer/target/dependency/big-1.0.0.jar'))
  assert.equal(digest(copied), digest(payload))

  await viaBucket(async () => {
    writeGradleProject(home, 'gradle', registry, artifact)
    await resolveWithGradle(home, 'gradle')
  })
  assert.equal(digest(readFileSync(join(home.dir, 'gradle/out/big-1.0.0.jar'))), digest(payload))
})

story('curl -L downloads from the bucket with every carrier of a token', ['curl'], async (home) => {
  const world = await makeWorld(server, 'private')
  const url = `${world.address('generic')}/tool/1.0/tool.bin`
  home.write('tool.bin', payload)
  await home.run('curl', ['-sSf', '-H', `PRIVATE-TOKEN: ${world.token}`, '-T', 'tool.bin', url])
  const carriers = [
    ['-H', `PRIVATE-TOKEN: ${world.token}`],
    ['-u', `token:${world.token}`],
    ['-H', `Authorization: Bearer ${world.token}`],
  ]
  for (const carrier of carriers) {
    await viaBucket(async () => void (await home.run('curl', ['-sSfL', ...carrier, '-o', 'got.bin', url])))
    assert.equal(digest(readFileSync(join(home.dir, 'got.bin'))), digest(payload))
  }
  await viaBucket(async () => {
    const { stdout } = await home.run('curl', ['-sSfIL', ...carriers[1]!, url])
    assert.match(stdout, /content-length: 400000/i)
  })
})
