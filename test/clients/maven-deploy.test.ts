/** `mvn deploy` and `deploy:deploy-file`: releases, SNAPSHOTs, each twice, and refusals. */
import assert from 'node:assert/strict'
import { artifactPath, goals, mavenIn, writeMavenProject } from './support/maven.ts'
import { story } from './support/story.ts'
import type { Home } from './support/story.ts'
import { makeWorld, sharedServer } from './support/world.ts'
import type { World } from './support/world.ts'

const server = sharedServer()
const tiny = { groupId: 'com.acme', artifactId: 'tiny', version: '1.0.0' }

story(
  'mvn deploy of a release: repeated as it was, then refused with other bytes',
  ['mvn', 'curl'],
  async (home) => {
    const world = await makeWorld(server(), 'private')
    const url = world.address('maven')
    writeMavenProject(home, 'tiny', { ...tiny, url })
    const maven = mavenIn(home, 'tiny', { url, token: world.token })
    await maven.run('deploy')
    const first = await download(home, world, `${artifactPath(tiny)}.jar.sha1`)
    await maven.run('deploy')

    writeMavenProject(home, 'tiny', { ...tiny, url, says: 'something else' })
    await maven.refused(/Duplicate package is not allowed/i, 'deploy')
    assert.equal(await download(home, world, `${artifactPath(tiny)}.jar.sha1`), first)
  },
)

story('mvn deploy of a SNAPSHOT twice: the second is resolved', ['mvn', 'curl'], async (home) => {
  const world = await makeWorld(server(), 'private')
  const url = world.address('maven')
  const snapshot = { ...tiny, version: '1.1-SNAPSHOT' }
  const maven = mavenIn(home, 'tiny', { url, token: world.token })
  const digests: string[] = []
  for (const says of ['first', 'second']) {
    writeMavenProject(home, 'tiny', { ...snapshot, url, says })
    await maven.run('deploy')
    const jar = await home.run('sha1sum', ['tiny/target/tiny-1.1-SNAPSHOT.jar'])
    digests.push(jar.stdout.slice(0, 40))
  }
  assert.notEqual(digests[0], digests[1])
  const metadata = await download(home, world, 'com/acme/tiny/1.1-SNAPSHOT/maven-metadata.xml')
  assert.match(metadata, /<buildNumber>2<\/buildNumber>/)

  const consumer = { groupId: 'com.acme', artifactId: 'consumer', version: '1.0.0' }
  writeMavenProject(home, 'consumer', { ...consumer, dependencies: [snapshot] })
  const reader = mavenIn(home, 'consumer', { url, token: world.token })
  await reader.run(goals.copyDependencies, '-Dmdep.useBaseVersion=true')
  const copied = await home.run('sha1sum', ['consumer/target/dependency/tiny-1.1-SNAPSHOT.jar'])
  assert.equal(copied.stdout.slice(0, 40), digests[1])
})

story('mvn deploy without a valid token is refused', ['mvn'], async (home) => {
  const url = (await makeWorld(server(), 'private')).address('maven')
  home.write('work/tiny.jar', 'the bytes of a jar')
  home.write('wrong/tiny.jar', 'the bytes of a jar')
  await mavenIn(home, 'work', { url }).refused(/401|authentication/i, goals.deployFile, ...deployFile(url))
  const wrong = mavenIn(home, 'wrong', { url, token: 'not-a-token' })
  await wrong.refused(/401|authentication/i, goals.deployFile, ...deployFile(url))
})

story('mvn deploy to a group is refused', ['mvn'], async (home) => {
  const world = await makeWorld(server(), 'private')
  const url = world.address('maven', 'group')
  home.write('work/tiny.jar', 'the bytes of a jar')
  const maven = mavenIn(home, 'work', { url, token: world.token })
  await maven.refused(/405 .*\/api\/v4\/projects\//, goals.deployFile, ...deployFile(url))
})

function deployFile(url: string): readonly string[] {
  const { groupId, artifactId, version } = tiny
  const what = [
    `-DgroupId=${groupId}`,
    `-DartifactId=${artifactId}`,
    `-Dversion=${version}`,
    '-Dpackaging=jar',
  ]
  return [...what, '-Dfile=tiny.jar', '-DrepositoryId=entrepot', `-Durl=${url}`]
}

async function download(home: Home, world: World, path: string): Promise<string> {
  const { stdout } = await home.run('curl', [
    '-sSf',
    '-H',
    `PRIVATE-TOKEN: ${world.token}`,
    `${world.address('maven')}/${path}`,
  ])
  return stdout
}
