/** What is measured: our server, and what others publish a repository with; all signed, all read by apt over HTTP. */
import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createProject, put, registryPath } from '../registry-calls.ts'
import type { OurServer } from '../servers.ts'
import type { MadePackage } from './packages.ts'

const execute = promisify(execFile)

export const suite = 'bench'

export interface Repository {
  readonly name: string
  /** Of the repository; no slash at the end. */
  readonly url: string
  addAll(packages: readonly MadePackage[]): Promise<void>
  /** Publishes one more; returns when that is acknowledged. */
  add(made: MadePackage): Promise<void>
  /** The public keys, armored; to be asked for once it is filled. */
  key(): Promise<string>
}

const uploadsAtOnce = 8

/** A project of our server. */
export async function oursIn(server: OurServer): Promise<Repository> {
  const path = registryPath(await createProject(server), 'debian')
  const add = ({ name, version, bytes }: MadePackage) =>
    put(
      server,
      `${path}/${name}_${version}_amd64.deb?distribution=${suite}&component=main`,
      new Uint8Array(bytes),
    )
  return {
    name: 'ours',
    url: `${server.url}${path}`,
    add,
    async addAll(packages) {
      const left = packages[Symbol.iterator]()
      const upload = async () => {
        for (const made of left) await add(made)
      }
      await Promise.all(Array.from({ length: uploadsAtOnce }, upload))
    },
    key: async () => (await fetch(`${server.url}${path}/dists/${suite}/key.asc`)).text(),
  }
}

/** Where peers work, and from where their files are served. */
export interface Workshop {
  readonly dir: string
  /** What is linked there is served at `url`. */
  readonly served: string
  readonly url: string
}

/** Makes the key of the peers. */
export async function makeKey({ dir }: Workshop): Promise<Tool> {
  const home = join(dir, 'gnupg')
  await mkdir(home, { mode: 0o700 })
  const env = { ...process.env, GNUPGHOME: home, HOME: dir }
  const tool: Tool = async (program, ...args) =>
    (await execute(program, args, { cwd: dir, env, maxBuffer: 256 * 1024 * 1024 })).stdout
  await tool(
    'gpg',
    '--batch',
    '--passphrase',
    '',
    '--quick-generate-key',
    'bench@example.com',
    'ed25519',
    'sign',
  )
  return tool
}

type Tool = (program: string, ...args: string[]) => Promise<string>
const keyOf = (tool: Tool) => () => tool('gpg', '--armor', '--export', 'bench@example.com')
/** Command lines have a limit. */
const filesAtOnce = 2000

export async function repreproIn({ dir, served, url }: Workshop, tool: Tool): Promise<Repository> {
  const base = join(dir, 'reprepro')
  await mkdir(join(base, 'conf'), { recursive: true })
  const lines = [
    `Codename: ${suite}`,
    'Architectures: amd64',
    'Components: main',
    'SignWith: bench@example.com',
  ]
  await writeFile(join(base, 'conf/distributions'), `${lines.join('\n')}\n`)
  await symlink(base, join(served, 'reprepro'))
  const include = (paths: readonly string[]) =>
    tool('reprepro', '-b', base, '-s', 'includedeb', suite, ...paths)
  return {
    name: 'reprepro',
    url: `${url}/reprepro`,
    async addAll(packages) {
      for (let at = 0; at < packages.length; at += filesAtOnce)
        await include(packages.slice(at, at + filesAtOnce).map(({ path }) => path))
    },
    add: async ({ path }) => void (await include([path])),
    key: keyOf(tool),
  }
}

export async function aptlyIn({ dir, served, url }: Workshop, tool: Tool): Promise<Repository> {
  const root = join(dir, 'aptly')
  await mkdir(join(root, 'public'), { recursive: true })
  const config = join(dir, 'aptly.conf')
  await writeFile(config, JSON.stringify({ rootDir: root, architectures: ['amd64'] }))
  await symlink(join(root, 'public'), join(served, 'aptly'))
  const aptly = (...args: string[]) => tool('aptly', `-config=${config}`, ...args)
  const sign = '-gpg-key=bench@example.com'
  await aptly('repo', 'create', '-component=main', `-distribution=${suite}`, suite)
  return {
    name: 'aptly',
    url: `${url}/aptly`,
    async addAll(packages) {
      for (let at = 0; at < packages.length; at += filesAtOnce)
        await aptly('repo', 'add', suite, ...packages.slice(at, at + filesAtOnce).map(({ path }) => path))
      await aptly('publish', 'repo', '-batch', sign, '-skip-contents', suite)
    },
    async add({ path }) {
      await aptly('repo', 'add', suite, path)
      await aptly('publish', 'update', '-batch', sign, '-skip-contents', suite)
    },
    key: keyOf(tool),
  }
}
