import { join } from 'node:path'
import type { Artifact, MavenRegistry } from './maven.ts'
import type { Home } from './story.ts'

/** A build that copies an artifact, and what it needs, into `out/`. */
export function writeGradleProject(
  home: Home,
  folder: string,
  registry: MavenRegistry,
  needs: Artifact,
): void {
  const { url, token } = registry
  const credentials = token === undefined ? '' : `credentials { username 'token'; password '${token}' }`
  home.write(
    `${folder}/build.gradle`,
    `apply plugin: 'base'
repositories { maven { url '${url}'; ${credentials} } }
configurations { wanted }
dependencies { wanted '${needs.groupId}:${needs.artifactId}:${needs.version}' }
task fetch(type: Copy) { from configurations.wanted; into 'out' }
`,
  )
  home.write(`${folder}/settings.gradle`, `rootProject.name = 'consumer'\n`)
}

/** Runs the build with a cache of its own. Throws with Gradle's words if it fails. */
export async function resolveWithGradle(home: Home, folder: string): Promise<void> {
  const args = ['--no-daemon', '-q', '-g', join(home.dir, folder, '.gradle-home'), 'fetch']
  await home.run('gradle', args, { in: folder })
}
