/** apt in a root of its own: it never touches what the machine itself has installed. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, run, type Outcome } from './command.ts'

export interface AptSource {
  /** Of the repository; no slash at the end. */
  readonly url: string
  readonly suite: string
  /** Default: main. */
  readonly components?: readonly string[]
  /** Default: deb alone. */
  readonly types?: 'deb' | 'deb deb-src'
  /** The public keys, armored. */
  readonly key: string
  /** Whether apt-file is used with it. */
  readonly contents?: boolean
  readonly login?: { readonly username: string; readonly password: string }
}

type Tool = 'apt-get' | 'apt-cache' | 'apt-file'

export interface AptClient {
  /** Where everything of it lies. */
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  /** Runs one of apt's tools, which must succeed. */
  apt(tool: Tool, ...args: string[]): Promise<Outcome>
  /** The same, whatever comes of it. */
  attempt(tool: Tool, ...args: string[]): Promise<Outcome>
  /** The newest version that a package could be installed in; undefined: none. */
  candidate(name: string): Promise<string | undefined>
  /** Exchanges the public keys that it believes. */
  trust(key: string): void
}

const folders = [
  'etc/apt/apt.conf.d',
  'etc/apt/sources.list.d',
  'etc/apt/preferences.d',
  'etc/apt/trusted.gpg.d',
  'etc/apt/auth.conf.d',
  'state/lists/partial',
  'cache/archives/partial',
  'dpkg',
]

/** Makes one below `root`, which must not be there yet, for these sources and architecture. */
export function createAptClient(
  root: string,
  { url, suite, components = ['main'], types = 'deb', key, login, contents = false }: AptSource,
  architecture = 'amd64',
): AptClient {
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true })
  const write = (path: string, lines: readonly string[]) =>
    writeFileSync(join(root, path), `${lines.join('\n')}\n`, { mode: 0o600 })
  writeFileSync(join(root, 'dpkg/status'), '')
  write('apt.conf', [
    `Dir::Etc "${root}/etc/apt";`,
    `Dir::State "${root}/state";`,
    `Dir::State::status "${root}/dpkg/status";`,
    `Dir::Cache "${root}/cache";`,
    `Dir::Log "${root}";`,
    'APT::Sandbox::User "root";',
    'Acquire::Languages "none";',
    'Acquire::Retries "0";',
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
  ])
  // What has apt bring the indexes of paths.
  if (contents) copyFileSync('/etc/apt/apt.conf.d/50apt-file.conf', join(root, 'etc/apt/apt.conf.d/apt-file'))
  const keyring = join(root, 'keyring.asc')
  write('etc/apt/sources.list.d/ours.sources', [
    `Types: ${types}`,
    `URIs: ${url}`,
    `Suites: ${suite}`,
    ...(suite.endsWith('/') ? [] : [`Components: ${components.join(' ')}`]),
    `Signed-By: ${keyring}`,
  ])
  if (login)
    write('etc/apt/auth.conf.d/ours.conf', [
      `machine ${url}`,
      `login ${login.username}`,
      `password ${login.password}`,
    ])
  const trust = (keys: string) => writeFileSync(keyring, keys)
  trust(key)
  const env = { PATH: process.env['PATH']!, LC_ALL: 'C', APT_CONFIG: join(root, 'apt.conf') }
  const surroundings = { cwd: root, env, memoryMb: 1500 }
  return {
    root,
    env,
    trust,
    apt: (tool, ...args) => run(tool, args, surroundings),
    attempt: (tool, ...args) => attempt(tool, args, surroundings),
    async candidate(name) {
      const { stdout } = await run('apt-cache', ['policy', name], surroundings)
      const version = /^ {2}Candidate: (.*)$/m.exec(stdout)?.[1]
      return version === '(none)' ? undefined : version
    },
  }
}
