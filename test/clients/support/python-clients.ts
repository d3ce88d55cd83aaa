import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from './command.ts'
import type { Home, Options } from './story.ts'

/** An index as Python's clients are pointed to it. */
export interface PypiRegistry {
  /** No slash at the end. */
  readonly url: string
  /** Left out: anonymous. */
  readonly token?: string
  /** Default `__token__`. */
  readonly username?: string
}

/** Settings that keep clients to what a story says: no files of this machine, no key rings, no other index. */
export const pythonEnv: Readonly<Record<string, string>> = {
  PIP_CONFIG_FILE: '/dev/null',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
  PIP_RETRIES: '0',
  UV_NO_CONFIG: '1',
  UV_NO_PROGRESS: '1',
  UV_PYTHON_DOWNLOADS: 'never',
  PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
  PYTHONDONTWRITEBYTECODE: '1',
  POETRY_NO_INTERACTION: '1',
}

/** The address of the simple index, with the credential in it. */
export function simpleUrl({ url, token, username = '__token__' }: PypiRegistry): string {
  const index = new URL(`${url}/simple/`)
  if (token !== undefined) Object.assign(index, { username, password: token })
  return index.href
}

export interface PythonProject {
  readonly name: string
  readonly version: string
  readonly dependencies?: readonly string[]
  readonly requiresPython?: string
  /** What its module says of itself; default: name and version. */
  readonly says?: string
}

export const moduleOf = (name: string) => name.toLowerCase().replaceAll(/[-_.]+/g, '_')

/** A project that flit, build and uv build with flit's backend. */
export function writeProject(home: Home, folder: string, project: PythonProject): void {
  const { name, version, dependencies = [], requiresPython = '>=3.8' } = project
  const text = [
    '[build-system]',
    'requires = ["flit_core"]',
    'build-backend = "flit_core.buildapi"',
    '[project]',
    `name = "${name}"`,
    `version = "${version}"`,
    'description = "Made by a story"',
    'readme = "README.md"',
    'license = "MIT"',
    `requires-python = "${requiresPython}"`,
    'authors = [{ name = "A. Author", email = "author@example.com" }]',
    `dependencies = ${JSON.stringify(dependencies)}`,
    '[project.optional-dependencies]',
    'more = ["something >=1 ; python_version > \'3\'"]',
    '[project.urls]',
    'Source = "https://example.com/source"',
    '[tool.flit.module]',
    `name = "${moduleOf(name)}"`,
  ]
  home.write(`${folder}/pyproject.toml`, `${text.join('\n')}\n`)
  writeModule(home, folder, project)
}

/** The same for Poetry's backend, as Poetry itself reads projects. */
export function writePoetryProject(home: Home, folder: string, project: PythonProject): void {
  const { name, version, dependencies = [], requiresPython = '>=3.8' } = project
  const text = [
    '[build-system]',
    'requires = ["poetry-core"]',
    'build-backend = "poetry.core.masonry.api"',
    '[project]',
    `name = "${name}"`,
    `version = "${version}"`,
    'description = "Made by a story"',
    'readme = "README.md"',
    `requires-python = "${requiresPython}"`,
    `dependencies = ${JSON.stringify(dependencies)}`,
  ]
  home.write(`${folder}/pyproject.toml`, `${text.join('\n')}\n`)
  writeModule(home, folder, project)
}

function writeModule(home: Home, folder: string, { name, version, says }: PythonProject): void {
  const text = JSON.stringify(says ?? `${name} ${version}`)
  home.write(`${folder}/README.md`, `# ${name}\n\nGrüße.\n`)
  home.write(`${folder}/${moduleOf(name)}/__init__.py`, `"""Made by a story."""\nsaid = ${text}\n`)
}

/** Builds a wheel and a source distribution; returns their paths. */
export async function build(home: Home, folder: string, project: PythonProject): Promise<string[]> {
  writeProject(home, folder, project)
  await python(home, ['-m', 'build', '--no-isolation'], { in: folder })
  const dist = join(home.dir, folder, 'dist')
  return readdirSync(dist).map((file) => join(dist, file))
}

const withEnv = (options: Options = {}): Options => ({ ...options, env: { ...pythonEnv, ...options.env } })

/** The Python that the clients live in. */
export const python = (home: Home, args: readonly string[], options?: Options): Promise<Outcome> =>
  home.run('client-python', args, withEnv(options))

/** A client with the settings above, whatever its exit code. */
export const tryClient = (home: Home, [client = '', ...args]: readonly string[], options?: Options) =>
  home.attempt(client, args, withEnv(options))
/** It must succeed. */
export const runClient = (home: Home, [client = '', ...args]: readonly string[], options?: Options) =>
  home.run(client, args, withEnv(options))
/** It must fail, with words that match. */
export const refuseClient = (
  home: Home,
  [client = '', ...args]: readonly string[],
  expected: RegExp,
  options?: Options,
) => home.refused(client, args, expected, withEnv(options))

/** The command of twine that uploads files. */
export function twineUpload(
  { url, token, username = '__token__' }: PypiRegistry,
  ...args: readonly string[]
) {
  const credential = token === undefined ? [] : ['-u', username, '-p', token]
  return [
    'twine',
    'upload',
    '--non-interactive',
    '--disable-progress-bar',
    '--repository-url',
    url,
    ...credential,
    ...args,
  ]
}

/** The command of uv that uploads files. */
export function uvPublish({ url, token, username = '__token__' }: PypiRegistry, ...args: readonly string[]) {
  const credential = token === undefined ? [] : ['--username', username, '--password', token]
  return [
    'uv',
    'publish',
    '--publish-url',
    `${url}/`,
    '--trusted-publishing',
    'never',
    ...credential,
    ...args,
  ]
}

/** Builds and publishes with twine. */
export async function publish(home: Home, registry: PypiRegistry, project: PythonProject): Promise<string[]> {
  const files = await build(home, `build/${project.name}-${project.version}`, project)
  await runClient(home, twineUpload(registry, ...files))
  return files
}

type Command = (registry: PypiRegistry, folder: string, ...args: readonly string[]) => readonly string[]

/** The commands that install into a folder, beside what is there. */
export const installers = {
  pip: (registry, folder, ...args) =>
    ['pip', 'install', '--no-cache-dir', '--quiet', '--index-url', simpleUrl(registry)].concat(
      into(folder),
      args,
    ),
  uv: (registry, folder, ...args) =>
    ['uv', 'pip', 'install', '--no-cache', '--default-index', simpleUrl(registry)].concat(into(folder), [
      '--python',
      'client-python',
      ...args,
    ]),
} satisfies Readonly<Record<string, Command>>

const into = (folder: string) => ['--target', folder, '--no-build-isolation']

/** What an installed module says. */
export async function saidBy(home: Home, folder: string, name: string): Promise<string> {
  const code = `import ${moduleOf(name)}; print(${moduleOf(name)}.said)`
  const { stdout } = await python(home, ['-c', code], { env: { PYTHONPATH: join(home.dir, folder) } })
  return stdout.trim()
}
