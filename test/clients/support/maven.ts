import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Outcome } from './command.ts'
import { cache } from './story.ts'
import type { Home } from './story.ts'

/** A registry as Maven is pointed to it. */
export interface MavenRegistry {
  readonly url: string
  /** Left out: anonymous. */
  readonly token?: string
  /** How the token travels: as Basic password (default), which Maven sends when challenged, or in a header of this name. */
  readonly carrier?: string
  /** Beside a Basic password. */
  readonly username?: string
}
export interface Maven {
  run(...args: readonly string[]): Promise<Outcome>
  refused(expected: RegExp, ...args: readonly string[]): Promise<Outcome>
}

/** The plugins that `setup` has put into the cache, by full coordinates: Maven then looks nothing up. */
export const goals = {
  deployFile: 'org.apache.maven.plugins:maven-deploy-plugin:3.1.4:deploy-file',
  get: 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get',
  copyDependencies: 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
}

/** Maven run in a folder, with settings and a local repository of the folder's own; the server's id is `entrepot`. */
export function mavenIn(home: Home, folder: string, registry: MavenRegistry): Maven {
  const local = join(home.dir, folder, '.m2')
  const nowhere = join(home.dir, 'nowhere')
  mkdirSync(nowhere, { recursive: true })
  cpSync(join(cache, 'm2'), local, { recursive: true })
  home.write(`${folder}/settings.xml`, settings(registry, pathToFileURL(nowhere).href))
  const always = ['-B', '-ntp', '-Dstyle.color=never', '-s', 'settings.xml', `-Dmaven.repo.local=${local}`]
  return {
    run: (...args) => home.run('mvn', [...always, ...args], { in: folder }),
    refused: (expected, ...args) => home.refused('mvn', [...always, ...args], expected, { in: folder }),
  }
}

/** Coordinates as Maven writes them; packaging is jar. */
export interface Artifact {
  readonly groupId: string
  readonly artifactId: string
  readonly version: string
}
export interface MavenProject extends Artifact {
  readonly dependencies?: readonly Artifact[]
  /** Where `mvn deploy` brings it. */
  readonly url?: string
  /** Stands in a class of the jar: other words, other bytes. */
  readonly says?: string
}

/** A jar project whose build is reproducible: the same words give the same bytes. */
export function writeMavenProject(home: Home, folder: string, project: MavenProject): void {
  home.write(`${folder}/pom.xml`, pom(project))
  const source = `public final class Said { public static final String WORD = "${project.says ?? 'hello'}"; }\n`
  home.write(`${folder}/src/main/java/Said.java`, source)
}

export function artifactPath({ groupId, artifactId, version }: Artifact): string {
  return `${groupId.replaceAll('.', '/')}/${artifactId}/${version}/${artifactId}-${version}`
}

function pom({ groupId, artifactId, version, dependencies = [], url }: MavenProject): string {
  const target = `<id>entrepot</id><url>${url}</url>`
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  ${coordinates({ groupId, artifactId, version })}
  <properties>
    <maven.compiler.source>17</maven.compiler.source>
    <maven.compiler.target>17</maven.compiler.target>
    <maven.test.skip>true</maven.test.skip>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
    <project.build.outputTimestamp>2024-01-01T00:00:00Z</project.build.outputTimestamp>
  </properties>
  <dependencies>
    ${dependencies.map((one) => `<dependency>${coordinates(one)}</dependency>`).join('\n    ')}
  </dependencies>
  ${url === undefined ? '' : `<distributionManagement><repository>${target}</repository></distributionManagement>`}
  <build>
    <plugins>
      ${plugins.map(([name, pin]) => `<plugin><artifactId>${name}</artifactId><version>${pin}</version></plugin>`).join('\n      ')}
    </plugins>
  </build>
</project>
`
}
/** As in maven-seed/pom.xml. */
const plugins = [
  ['maven-resources-plugin', '3.3.1'],
  ['maven-compiler-plugin', '3.13.0'],
  ['maven-surefire-plugin', '3.5.2'],
  ['maven-jar-plugin', '3.4.2'],
  ['maven-install-plugin', '3.1.4'],
  ['maven-deploy-plugin', '3.1.4'],
] as const

function coordinates({ groupId, artifactId, version }: Artifact): string {
  return `<groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>`
}

/** `central` is pointed to an empty folder: plugins come from the local repository, and nothing else is asked. */
function settings({ url, token, ...how }: MavenRegistry, nowhere: string): string {
  const snapshots = '<snapshots><enabled>true</enabled><updatePolicy>always</updatePolicy></snapshots>'
  return `<settings>
  <servers>${token === undefined ? '' : `<server><id>entrepot</id>${credential(token, how)}</server>`}</servers>
  <profiles>
    <profile>
      <id>registry</id>
      <repositories>
        <repository><id>central</id><url>${nowhere}</url></repository>
        <repository><id>entrepot</id><url>${url}</url>${snapshots}</repository>
      </repositories>
      <pluginRepositories><pluginRepository><id>central</id><url>${nowhere}</url></pluginRepository></pluginRepositories>
    </profile>
  </profiles>
  <activeProfiles><activeProfile>registry</activeProfile></activeProfiles>
</settings>
`
}

function credential(
  token: string,
  { carrier = 'basic', username = 'token' }: Omit<MavenRegistry, 'url'>,
): string {
  if (carrier === 'basic') return `<username>${username}</username><password>${token}</password>`
  const header = `<property><name>${carrier}</name><value>${token}</value></property>`
  return `<configuration><httpHeaders>${header}</httpHeaders></configuration>`
}
