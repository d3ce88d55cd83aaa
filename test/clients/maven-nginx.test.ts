/** Maven through nginx, which serves the registry under a sub-path. */
import { goals, mavenIn, writeMavenProject } from './support/maven.ts'
import { withServerBehindNginx } from './support/nginx.ts'
import { story } from './support/story.ts'
import { levels, makeWorld } from './support/world.ts'

story('mvn deploys and resolves behind nginx under a sub-path', ['mvn', 'nginx'], async (home) => {
  await withServerBehindNginx(async (server) => {
    const world = await makeWorld(server, 'private')
    const url = world.address('maven')
    const groupId = world.project.fullPath.replaceAll('/', '.')
    writeMavenProject(home, 'tiny', { groupId, artifactId: 'tiny', version: '1.0.0', url })
    await mavenIn(home, 'tiny', { url, token: world.token }).run('deploy')
    for (const level of levels) {
      const maven = mavenIn(home, level, { url: world.address('maven', level), token: world.token })
      await maven.run(goals.get, `-Dartifact=${groupId}:tiny:1.0.0`)
    }
  })
})
