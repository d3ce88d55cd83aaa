/** A Java project of the size of a usual web application. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { maven as format } from '../../../src/formats/maven/index.ts'
import { attempt, run } from '../../clients/support/command.ts'
import { goals, mavenIn, writeMavenProject } from '../../clients/support/maven.ts'
import type { Home } from '../../clients/support/story.ts'
import { installedIn } from '../installed-files.ts'
import { timed, type RealProject } from './project.ts'

const boot = ['web', 'data-jpa', 'security', 'actuator', 'validation', 'thymeleaf', 'mail', 'test']
const version = '3.3.5'
const dependencies = boot.map((part) => ({
  groupId: 'org.springframework.boot',
  artifactId: `spring-boot-starter-${part}`,
  version,
}))
const environment = process.env as Record<string, string>
/** Maven's settings and caches are the folder's own. */
const own = (folder: string): Readonly<Record<string, string>> => ({
  ...environment,
  MAVEN_OPTS: `-Duser.home=${folder} -Xshare:auto -XX:TieredStopAtLevel=1`,
})

export const mavenProject: RealProject = {
  format: 'maven',
  least: 150,
  async address() {
    const machine = {
      run: async (command: string, ...args: readonly string[]) => {
        const { code, stdout } = await attempt(command, args, { cwd: '/', env: environment })
        return code === 0 ? stdout : undefined
      },
      read: (path: string) =>
        readFile(path.replace(/^~/, environment['HOME'] ?? ''), 'utf8').catch(() => undefined),
    }
    const found = await format.upstream?.clientAddress?.(machine)
    if (found === undefined) throw new Error('mvn on this machine does not say where it gets artifacts')
    return found.replace(/\/$/, '')
  },
  // The Java machine has a store of its own; what Node knows is what we have.
  authorities: async () => environment['NODE_EXTRA_CA_CERTS'],
  // There is no lock file: what comes is compared, file by file.
  compose: async () => '',
  async install(_, folder, { url, token }) {
    await mkdir(folder, { recursive: true })
    const home = homeAt(folder)
    writeMavenProject(home, 'app', {
      groupId: 'com.consumer',
      artifactId: 'app',
      version: '1.0.0',
      dependencies,
    })
    const maven = mavenIn(home, 'app', { url, ...(token === undefined ? {} : { token }) })
    const { took } = await timed(() => maven.run(goals.copyDependencies))
    return { took, files: installedIn(join(folder, 'app/target/dependency')) }
  },
  // A pom for each, and those of parents, are not counted: they are not among the files.
  count: async (_, { files }) => files.size * 2,
}

function homeAt(dir: string): Home {
  const settled = (options?: { readonly in?: string }) => ({
    cwd: join(dir, options?.in ?? '.'),
    env: own(dir),
    timeoutMs: 600_000,
  })
  const notHere = () => Promise.reject(new Error('nothing is refused here'))
  return {
    dir,
    write(file, content) {
      const target = join(dir, file)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, content)
      return target
    },
    run: (command, args, options) => run(command, args, settled(options)),
    attempt: (command, args, options) => attempt(command, args, settled(options)),
    refused: notHere,
  }
}
