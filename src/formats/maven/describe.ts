/** What people see of a package: texts from its POM, and lines to paste. */
import { escapeXml } from '../../lib/xml.ts'
import type { Description, InstallTarget, PackageView, Snippet } from '../format.ts'
import type { MavenModels, Pom } from './models.ts'
import { splitName } from './paths.ts'

export function describe({ name, version, metadata: { pom } }: PackageView<MavenModels>): Description {
  const { groupId, artifactId } = splitName(name)
  const facts = {
    'Group ID': groupId,
    'Artifact ID': artifactId,
    Packaging: pom?.packaging,
    Parent: pom?.parent,
  }
  return {
    name,
    version,
    summary: pom?.description?.replaceAll(/\s+/g, ' ') ?? pom?.name,
    license: pom?.licenses.join(', ') || undefined,
    links: pom && linksOf(pom),
    dependencies: pom?.dependencies.map((each) => ({
      group: each.optional ? `${each.scope}, optional` : each.scope,
      name: `${each.groupId}:${each.artifactId}`,
      range: each.version ?? 'managed',
    })),
    facts: Object.entries({ ...facts, Organization: pom?.organization }).flatMap(([label, value]) =>
      value ? [{ label, value }] : [],
    ),
  }
}

function linksOf({ url, scm, issues }: Pom): Record<string, string> {
  const links = Object.entries({ Homepage: url, Source: scm, Issues: issues })
  return Object.fromEntries(
    links.flatMap(([label, link]) => (link && /^https?:\/\/[^\s]+$/i.test(link) ? [[label, link]] : [])),
  )
}

export function install({ links, level, package: pkg }: InstallTarget): readonly Snippet[] {
  const url = links.to('/')
  const snippets = [
    { title: 'Maven: pom.xml', language: 'xml', text: pomSnippet(url, level === 'project') },
    { title: 'Maven: settings.xml', language: 'xml', text: settingsSnippet },
    { title: 'Gradle: build.gradle', language: 'groovy', text: gradleSnippet(url) },
  ]
  if (!pkg) return snippets
  const { groupId, artifactId } = splitName(pkg.name)
  const gradle = `implementation '${groupId}:${artifactId}:${pkg.version}'`
  return [
    { title: 'Maven dependency', language: 'xml', text: dependencySnippet(groupId, artifactId, pkg.version) },
    { title: 'Gradle dependency', language: 'groovy', text: gradle },
    ...snippets,
  ]
}

function dependencySnippet(groupId: string, artifactId: string, version: string): string {
  return `<dependency>
  <groupId>${escapeXml(groupId)}</groupId>
  <artifactId>${escapeXml(artifactId)}</artifactId>
  <version>${escapeXml(version)}</version>
</dependency>`
}

function pomSnippet(url: string, deploys: boolean): string {
  const repository = (name: string, indent: string) =>
    [`<${name}>`, '  <id>entrepot</id>', `  <url>${escapeXml(url)}</url>`, `</${name}>`]
      .map((line) => indent + line)
      .join('\n')
  const reading = `<repositories>\n${repository('repository', '  ')}\n</repositories>`
  if (!deploys) return reading
  const writing = ['repository', 'snapshotRepository'].map((name) => repository(name, '  ')).join('\n')
  return `${reading}\n<distributionManagement>\n${writing}\n</distributionManagement>`
}

const settingsSnippet = `<settings>
  <servers>
    <server>
      <id>entrepot</id>
      <username>token</username>
      <password>\${env.ENTREPOT_TOKEN}</password>
    </server>
  </servers>
</settings>`

function gradleSnippet(url: string): string {
  return `repositories {
  maven {
    url = uri('${url}')
    credentials {
      username = 'token'
      password = System.getenv('ENTREPOT_TOKEN')
    }
  }
}`
}
