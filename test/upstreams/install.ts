/** Real clients that install what upstreams have, through whatever registry they are given, and what they got. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from '../clients/support/command.ts'
import { goals, mavenIn, writeMavenProject, type Artifact } from '../clients/support/maven.ts'
import { writeApp, writeNpmrc } from '../clients/support/npm-clients.ts'
import type { Home } from '../clients/support/story.ts'
import { installedIn } from './installed-files.ts'

/** Where a client gets packages. */
export interface Registry {
  readonly url: string
  /** Left out: anonymous. */
  readonly token?: string
}

export interface NpmInstall {
  /** Of the project: made where it is not there. */
  readonly folder: string
  /** `install <spec>` or, with a lock file that is there, `ci`. */
  readonly args: readonly string[]
  /** Of the client's cache, which is empty where it is new. Default: one of the folder's own. */
  readonly cache?: string
}

/** Runs npm once, without its own retries, and tells how that ended. */
export function npmIn(home: Home, registry: Registry, { folder, args, cache }: NpmInstall): Promise<Outcome> {
  prepareNpm(home, registry, folder)
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=0', '--fetch-timeout=60000']
  const store = ['--cache', join(home.dir, cache ?? `${folder}-cache`)]
  return home.attempt('npm', [...args, ...quiet, ...store], { in: folder })
}

/** Writes what npm reads: a project, where there is none, and its settings. */
export function prepareNpm(home: Home, registry: Registry, folder: string): void {
  if (!existsSync(join(home.dir, folder, 'package.json'))) writeApp(home, folder)
  writeNpmrc(home, folder, { ...registry, scope: 'nobody' })
}

/** Installs a spec with a cache of its own, which must succeed. */
export async function installNpm(
  home: Home,
  registry: Registry,
  folder: string,
  spec: string,
): Promise<void> {
  const outcome = await npmIn(home, registry, { folder, args: ['install', spec] })
  assert.equal(outcome.code, 0, outcome.transcript)
}

/** The sha256 of every file in a folder of the home. */
export const installedFiles = (home: Home, folder: string) => installedIn(join(home.dir, folder))

/** Lets Maven resolve artifacts, with all they need, into a folder; tells how that ended. */
export async function resolveMaven(
  home: Home,
  registry: Registry,
  folder: string,
  dependencies: readonly Artifact[],
): Promise<Outcome> {
  const { run } = prepareMaven(home, registry, folder, dependencies)
  // Maven itself tries again; each try is bounded so that no failure takes minutes.
  return run(
    goals.copyDependencies,
    '-Dmaven.wagon.http.retryHandler.count=0',
    '-Daether.connector.requestTimeout=60000',
  )
}

export function prepareMaven(
  home: Home,
  registry: Registry,
  folder: string,
  dependencies: readonly Artifact[],
) {
  const consumer = { groupId: 'com.consumer', artifactId: 'consumer', version: '1.0.0' }
  writeMavenProject(home, folder, { ...consumer, dependencies })
  return mavenIn(home, folder, registry)
}

/** The sha256 of each jar that Maven copied. */
export const resolvedFiles = (home: Home, folder: string) =>
  installedFiles(home, `${folder}/target/dependency`)
