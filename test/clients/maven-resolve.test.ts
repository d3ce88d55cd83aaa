/** Maven and Gradle resolve, with what the packages need: at all three levels, with a token, anonymously, refused. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { resolveWithGradle, writeGradleProject } from './support/gradle.ts'
import { goals, mavenIn, writeMavenProject } from './support/maven.ts'
import { story } from './support/story.ts'
import type { Home } from './support/story.ts'
import { levels, makeWorld, sharedServer } from './support/world.ts'
import type { Visibility, World } from './support/world.ts'

const server = sharedServer()
const worlds = new Map<Visibility, Promise<World>>()

story('mvn resolves a project, and what it needs, with a token', ['mvn'], async (home) => {
  const world = await deployed('private', home)
  for (const level of levels) {
    const folder = `consumer-${level}`
    const [, tree] = artifacts(world)
    const consumer = { groupId: 'com.acme', artifactId: 'consumer', version: '1.0.0' }
    writeMavenProject(home, folder, { ...consumer, dependencies: [{ ...tree, version: '[1.0,2.0)' }] })
    const maven = mavenIn(home, folder, { url: world.address('maven', level), token: world.token })
    await maven.run(goals.copyDependencies)
    assertCopied(home, `${folder}/target/dependency`)
  }
})

story('mvn dependency:get resolves anonymously what is public', ['mvn'], async (home) => {
  const world = await deployed('public', home)
  const [, tree] = artifacts(world)
  for (const level of levels) {
    const maven = mavenIn(home, level, { url: world.address('maven', level) })
    await maven.run(goals.get, `-Dartifact=${tree.groupId}:${tree.artifactId}:${tree.version}`)
  }
})

story('Gradle resolves with a token, and anonymously what is public', ['mvn', 'gradle'], async (home) => {
  for (const visibility of ['private', 'public'] as const) {
    const world = await deployed(visibility, home)
    const token = visibility === 'private' ? { token: world.token } : {}
    for (const level of levels) {
      const folder = `gradle-${visibility}-${level}`
      writeGradleProject(home, folder, { url: world.address('maven', level), ...token }, artifacts(world)[1])
      await resolveWithGradle(home, folder)
      assertCopied(home, `${folder}/out`)
    }
  }
})

story('mvn and Gradle are told to authenticate for what is private', ['mvn', 'gradle'], async (home) => {
  const world = await deployed('private', home)
  const [leaf] = artifacts(world)
  const url = world.address('maven')
  const maven = mavenIn(home, 'maven', { url })
  const artifact = `-Dartifact=${leaf.groupId}:${leaf.artifactId}:${leaf.version}`
  await maven.refused(/401|not authorized|authentication/i, goals.get, artifact)
  writeGradleProject(home, 'gradle', { url }, leaf)
  await assert.rejects(resolveWithGradle(home, 'gradle'), /401|Unauthorized/)
})

story(
  'without a token a private registry answers 401 with a Basic challenge',
  ['mvn', 'curl'],
  async (home) => {
    const world = await deployed('private', home)
    const path = 'leaf/1.0.0/leaf-1.0.0.pom'
    const { stdout } = await home.run('curl', [
      '-si',
      `${world.address('maven')}/${world.project.fullPath}/${path}`,
    ])
    assert.match(stdout, /^HTTP\/1.1 401 /)
    assert.match(stdout, /^www-authenticate: Basic realm="[^"]+"/im)
  },
)

/** `tree` needs `leaf`. At instance level the group id has to begin with the project's path. */
function artifacts({ project }: World) {
  const groupId = project.fullPath.replaceAll('/', '.')
  const leaf = { groupId, artifactId: 'leaf', version: '1.0.0' }
  return [leaf, { groupId, artifactId: 'tree', version: '1.2.0' }] as const
}

/** Deployed once for each visibility, by mvn. */
function deployed(visibility: Visibility, home: Home): Promise<World> {
  const known = worlds.get(visibility) ?? deployAll(visibility, home)
  worlds.set(visibility, known)
  return known
}

async function deployAll(visibility: Visibility, home: Home): Promise<World> {
  const world = await makeWorld(server(), visibility)
  const registry = { url: world.address('maven'), token: world.token }
  const maven = mavenIn(home, 'deploy', registry)
  const [leaf, tree] = artifacts(world)
  for (const [artifact, dependencies] of [
    [leaf, []],
    [tree, [leaf]],
  ] as const) {
    home.write(`deploy/${artifact.artifactId}.jar`, `the bytes of ${artifact.artifactId}`)
    writeMavenProject(home, 'deploy', { ...artifact, dependencies })
    const file = `-Dfile=${artifact.artifactId}.jar`
    await maven.run(
      goals.deployFile,
      file,
      '-DpomFile=pom.xml',
      '-DrepositoryId=entrepot',
      `-Durl=${registry.url}`,
    )
  }
  return world
}

function assertCopied(home: Home, folder: string): void {
  for (const [file, words] of Object.entries({ 'leaf-1.0.0.jar': 'leaf', 'tree-1.2.0.jar': 'tree' })) {
    assert.equal(readFileSync(join(home.dir, folder, file), 'utf8'), `the bytes of ${words}`)
  }
}
